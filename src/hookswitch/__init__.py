"""Hookswitch: every real call becomes signed JSON at your software."""

from importlib.metadata import version

__version__ = version("hookswitch")
