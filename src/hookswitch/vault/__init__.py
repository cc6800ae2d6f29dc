"""Secrets by reference, encrypted in the store with a key that lies beside it."""

from hookswitch.vault.errors import VaultError
from hookswitch.vault.vault import Secrets, Vault

__all__ = ["Secrets", "Vault", "VaultError"]
