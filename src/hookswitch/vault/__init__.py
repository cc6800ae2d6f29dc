"""Secrets by reference, encrypted in the store with a key that lies beside it."""

from hookswitch.vault.errors import VaultError
from hookswitch.vault.vault import NO_SECRETS, Secrets, Vault

__all__ = ["NO_SECRETS", "Secrets", "Vault", "VaultError"]
