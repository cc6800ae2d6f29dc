"""All that can go wrong with the encrypted secrets, on one page.

Nothing is written and no key is made when one of these is raised; no message holds a secret.
"""

from pathlib import Path


class VaultError(Exception):
    """Base: the secrets cannot be used; the text says the mend."""


class KeyMissingError(VaultError):
    """There are encrypted secrets but no key file."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the key file {path} is missing, and the database holds secrets encrypted with it:"
            " restore the key file from the backup, or copy it from the machine that has it"
            " (every process of one database needs the same)"
        )


class KeyUnreadableError(VaultError):
    """The key file cannot be read, or is none."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"the key file {path} {why}: restore it from the backup")


class WrongKeyError(VaultError):
    """The key file is a good one, but not the one the secrets were encrypted with."""

    def __init__(self, path: Path, wanted: str) -> None:
        super().__init__(
            f"the key file {path} is not the one this database was encrypted with (its mark is"
            f" {wanted}): restore the key file from the same backup as the database"
        )


class DamagedSecretError(VaultError):
    """A secret's row was changed or moved since it was encrypted."""

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__(
            f"the stored secret {reference} is damaged: restore the database from the backup,"
            " or stop hookswitch serve and apply a document that gives this secret anew"
        )


class SecretMissingError(VaultError):
    """A document refers to a secret that is not stored."""

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__(
            f"the secret {reference} is not stored: restore the database from the backup,"
            " or apply a document that gives it"
        )
