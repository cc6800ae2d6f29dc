"""Languages and servers of other people, from the system's own suite, each in a private prefix."""

import os
from collections.abc import Mapping
from pathlib import Path

from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import PackageSet, tool_prefix

PHP = PackageSet(name="php", packages=("php-cli",), suite=None)
MONO = PackageSet(
    name="mono",
    packages=(
        "mono-mcs",
        "mono-runtime",
        "libmono-system-core4.0-cil",
        "libmono-system-runtime-serialization4.0-cil",
        "libmono-system-xml-linq4.0-cil",
    ),
    suite=None,
)
NGINX = PackageSet(name="nginx", packages=("nginx",), suite=None)
LIBRARIES = "usr/lib/x86_64-linux-gnu"


async def unpacked(packages: PackageSet) -> Path:
    """Install it if it is not there and give its tree."""
    prefix = tool_prefix(packages.name)
    return prefix / (await install(packages, prefix)).root


def environment(root: Path) -> Mapping[str, str]:
    """Where a program of the tree finds its libraries."""
    return {**os.environ, "LD_LIBRARY_PATH": str(root / LIBRARIES)}


def mono_environment(root: Path) -> Mapping[str, str]:
    """And where Mono finds its assemblies."""
    own = {"MONO_PATH": str(root / "usr/lib/mono/4.5"), "MONO_CFG_DIR": str(root / "etc")}
    return {**environment(root), **own}
