"""What the tests of this folder share."""

from kit.database import postgres

__all__ = ["postgres"]
