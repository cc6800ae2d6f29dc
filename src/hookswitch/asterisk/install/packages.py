"""The package sets that can be installed, and where."""

import os
from pathlib import Path

from msgspec import Struct

SUITE = "forky"
"""The Debian suite that carries the long-term Asterisk 22."""


class PackageSet(Struct, frozen=True, kw_only=True):
    """Packages that share a prefix.

    `suite` None means the suite of the system itself. `series`, if set, is what the version of the
    first package must begin with. `links` are (path, target) symbolic links that a package's own
    scripts would have made: they are not run here.
    """

    name: str
    packages: tuple[str, ...]
    suite: str | None = SUITE
    series: str = ""
    links: tuple[tuple[str, str], ...] = ()


# wav, not the usual gsm: prompts and music without a 13 kbit/s codec, for 30 MB more.
ENGINE = PackageSet(
    name="engine",
    packages=("asterisk", "asterisk-core-sounds-en-wav", "asterisk-moh-opsound-wav"),
    series="22.",
    links=(("usr/share/asterisk/sounds/en", "en_US_f_Allison"),),
)
SIPP = PackageSet(name="sipp", packages=("sip-tester",))
SPEECH = PackageSet(name="speech", packages=("espeak-ng",))
BARESIP = PackageSet(name="baresip", packages=("baresip-core",))
TOOLS = {"baresip": BARESIP, "sipp": SIPP, "speech": SPEECH}


def data_home() -> Path:
    """Give the directory for this user's data of ours."""
    home = os.environ.get("XDG_DATA_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".local" / "share"
    return base / "hookswitch"


def default_prefix() -> Path:
    """Give the place the engine is installed in unless told otherwise."""
    return data_home() / "engine"


def tool_prefix(name: str, engine_prefix: Path | None = None) -> Path:
    """Give the prefix of a tool: beside the engine's."""
    return (engine_prefix or default_prefix()).parent / "tools" / name
