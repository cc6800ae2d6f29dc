"""apt-get with lists, cache and status of its own: apt's signature checks without root."""

import asyncio
import os
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

from msgspec import Struct

from hookswitch.asterisk.configuration.files import private_dir, write_atomic
from hookswitch.asterisk.errors import AptMissingError, KeyringMissingError, MirrorError
from hookswitch.asterisk.install import apt_errors

KEYRINGS = tuple(
    Path("/usr/share/keyrings") / f"debian-archive-keyring.{kind}" for kind in ("pgp", "gpg")
)
# Of the system's settings only how it reaches its mirror and how fresh that must be: its hooks and
# clean-ups would act on our run, and what it lets through unsigned is not for us.
KEPT_SETTING = re.compile(r"^Acquire::(https?|ForceIPv[46]|Check-Valid-Until|Check-Date)\b")
RETRIES = "2"
URI_LINE = re.compile(
    r"^'(?P<uri>[^']+)' (?P<file>\S+)_(?P<version>[^_\s]+)_(?P<arch>\w+)\.deb (?P<size>\d+) "
    r"SHA256:(?P<sha256>[0-9a-f]{64})$",
    re.MULTILINE,
)


class Deb(Struct, frozen=True):
    """A package file as the signed index describes it."""

    name: str
    version: str
    architecture: str
    size: int
    sha256: str

    @property
    def upstream(self) -> str:
        """The version without Debian's epoch."""
        return self.version.partition(":")[2] or self.version


class Apt(Struct, frozen=True):
    """apt-get bound to one mirror and suite, with all its state under `home`."""

    home: Path
    mirror: str
    suite: str
    architecture: str

    @property
    def archives(self) -> Path:
        return self.home / "cache" / "archives"

    async def prepare(self) -> None:
        """Write the private configuration."""
        for part in ("state/lists/partial", "cache/archives/partial", "empty/partial", "log"):
            private_dir(self.home / part)
        (self.home / "status").touch(mode=0o600)
        sources = f"deb [signed-by={keyring()}] {self.mirror} {self.suite} main\n"
        write_atomic(self.home / "sources.list", sources)
        settings = await run("apt-config", "dump", "--format", '%F "%v";%n', "Acquire")
        kept = [line for line in settings.splitlines() if KEPT_SETTING.match(line)]
        write_atomic(self.home / "apt.conf", "\n".join([*self._settings(), *kept, ""]))

    async def update(self) -> None:
        """Fetch the signed index."""
        await self._get("update", "-q")

    async def resolve(self, names: tuple[str, ...]) -> tuple[Deb, ...]:
        """Give every package that `names` need, each with its hash from the signed index."""
        # An empty archive directory, because apt leaves out what it has fetched already.
        empty = f"Dir::Cache::archives={self.home}/empty"
        text = await self._get("install", "-qq", "--print-uris", "-o", empty, *names)
        return tuple(
            Deb(m["file"], unquote(m["version"]), m["arch"], int(m["size"]), m["sha256"])
            for m in URI_LINE.finditer(text)
        )

    async def download(self, names: tuple[str, ...]) -> None:
        """Fetch the packages that are not in `archives` yet."""
        await self._get("install", "-q", "--download-only", *names)

    async def _get(self, verb: str, *args: str) -> str:
        private = {"APT_CONFIG": str(self.home / "apt.conf")}
        return await run("apt-get", verb, "-y", *args, env=private)

    def _settings(self) -> list[str]:
        settings = {
            "Dir::State": f"{self.home}/state",
            "Dir::State::status": f"{self.home}/status",
            "Dir::Cache": f"{self.home}/cache",
            "Dir::Log": f"{self.home}/log",
            "Dir::Etc::main": "/dev/null",
            "Dir::Etc::parts": "/dev/null",
            "Dir::Etc::sourcelist": f"{self.home}/sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "APT::Architecture": self.architecture,
            "APT::Architectures": self.architecture,
            "APT::Install-Recommends": "false",
            "APT::Update::Error-Mode": "any",
            "Acquire::ForceHash": "SHA256",
            "Acquire::Languages": "none",
            "Acquire::Retries": RETRIES,
            "DPkg::Lock::Timeout": "60",
        }
        if os.geteuid() == 0:
            # apt's own unprivileged user cannot enter a private directory.
            settings["APT::Sandbox::User"] = "root"
        return [f'{name} "{value}";' for name, value in settings.items()]


def require_tools() -> None:
    """Refuse a system that is not Debian's kind."""
    for tool in ("apt-get", "apt-config", "dpkg-deb", "dpkg"):
        if shutil.which(tool) is None:
            raise AptMissingError(
                f"this system has no {tool}",
                "install Asterisk 22.7 or later by its own means and pass --engine PATH",
            )


def keyring() -> Path:
    """Give the file of Debian's archive keys."""
    for path in KEYRINGS:
        if path.is_file():
            return path
    raise KeyringMissingError(
        "Debian's archive keys are not on this system", "apt-get install debian-archive-keyring"
    )


async def system_mirror() -> str:
    """Give the Debian mirror that this system uses itself."""
    text = await run(
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI) $(LABEL) $(COMPONENT)",
        "Identifier: Packages",
    )
    targets = [line.split() for line in text.splitlines()]
    for wanted in (_is_labelled, _looks_like_debian):
        for target in targets:
            if wanted(target):
                return target[0]
    raise MirrorError("this system's apt knows no Debian mirror", "pass --mirror URL")


async def is_older(version: str, than: str) -> bool:
    """Compare two Debian versions."""
    compare = ("dpkg", "--compare-versions", version, "lt", than)
    process = await asyncio.create_subprocess_exec(*compare, stderr=asyncio.subprocess.DEVNULL)
    return await process.wait() == 0


def checked_mirror(url: str) -> str:
    """Refuse a mirror address that would not be one word of a sources list."""
    if not re.fullmatch(r"(https?|file)://[^\s\[\]#]+", url):
        raise MirrorError(f"{url!r} is not a mirror's address", "pass --mirror http://HOST/debian")
    return url


def _is_labelled(target: list[str]) -> bool:
    return target[1:] == ["Debian", "main"]


def _looks_like_debian(target: list[str]) -> bool:
    return bool(target) and target[0].rstrip("/").endswith("/debian")


async def run(*argv: str, env: dict[str, str] | None = None) -> str:
    """Run a packaging tool to its end and give its output; its errors become ours."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive", **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    if process.returncode:
        raise apt_errors.translate(argv[0], err.decode(errors="replace"))
    return out.decode(errors="replace")
