"""What is installed in a prefix: the record that makes an install complete."""

from pathlib import Path

import msgspec
from msgspec import Struct

from hookswitch.asterisk.configuration.files import write_atomic

FILE = "manifest.json"


class Package(Struct, frozen=True, kw_only=True):
    """One fetched package; `sha256` and `size` are of its .deb file."""

    name: str
    version: str
    architecture: str
    sha256: str
    size: int


class Manifest(Struct, frozen=True, kw_only=True):
    """An install; `root` is the directory of the prefix that holds the unpacked files."""

    name: str
    version: str
    suite: str
    root: str
    installed_at: str
    wanted: tuple[str, ...]
    packages: tuple[Package, ...]
    complete: bool = False


def read(prefix: Path) -> Manifest | None:
    """Give the manifest of a complete install, or None."""
    try:
        manifest = msgspec.json.decode((prefix / FILE).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError, msgspec.MsgspecError):
        return None
    return manifest if manifest.complete and (prefix / manifest.root).is_dir() else None


def write(prefix: Path, manifest: Manifest) -> None:
    write_atomic(prefix / FILE, msgspec.json.format(msgspec.json.encode(manifest).decode()) + "\n")
