"""Where a running engine keeps its things: private directories under one data directory."""

import os
from pathlib import Path

from msgspec import Struct

from hookswitch.asterisk import rundir
from hookswitch.asterisk.configuration.files import private_dir
from hookswitch.asterisk.errors import StartError

LONGEST_DATA_DIR = 200
"""The engine cuts paths of files at about 255 bytes; from 230 on it does not start."""


class Layout(Struct, frozen=True):
    """The directories of the engine under `data`, the data directory of the product."""

    data: Path

    @property
    def root(self) -> Path:
        return self.data / "engine"

    @property
    def etc(self) -> Path:
        return self.root / "etc"

    @property
    def revisions(self) -> Path:
        """Holds the contexts of each revision, a `*.conf` file each."""
        return self.etc / "rev"

    @property
    def lib(self) -> Path:
        return self.root / "lib"

    @property
    def spool(self) -> Path:
        return self.root / "spool"

    @property
    def recordings(self) -> Path:
        """Where the engine writes what it records; each is moved on once it is complete."""
        return self.spool / "monitor"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def messages(self) -> Path:
        """The engine's log: notices, warnings and errors."""
        return self.log / "messages"

    @property
    def security(self) -> Path:
        """Who logged in or failed to."""
        return self.log / "security"

    @property
    def console(self) -> Path:
        """What the engine prints, such as a complaint before its log is open."""
        return self.log / "console"

    @property
    def journal_dir(self) -> Path:
        return self.log / "cel-custom"

    @property
    def journal(self) -> Path:
        return self.journal_dir / "journal.csv"

    @property
    def config(self) -> Path:
        """The engine's main configuration file; its path tells our engine from others."""
        return self.etc / "asterisk.conf"

    @property
    def own_certificate(self) -> Path:
        """Key and certificate for SIP over TLS, made by ourselves."""
        return self.root / "sip-tls.pem"

    @property
    def state(self) -> Path:
        return self.root / "engine.json"

    @property
    def run(self) -> Path:
        """Holds the control socket: elsewhere when its path would be too long for the kernel."""
        return rundir.place_of(self.root / "run")

    @property
    def control(self) -> Path:
        return self.run / rundir.CONTROL

    def make(self) -> None:
        """Make all directories inside the data directory."""
        if any(mark in str(self.data) for mark in ";\n\r"):
            raise StartError(
                f"the data directory {str(self.data)!r} holds a character that the "
                "engine's configuration cannot hold",
                "choose another --data-dir",
            )
        if (length := len(os.fsencode(self.data))) > LONGEST_DATA_DIR:
            raise StartError(
                f"the path of the data directory has {length} bytes, and the engine takes at most "
                f"{LONGEST_DATA_DIR}",
                "choose a shorter --data-dir",
            )
        parts = (
            self.recordings,
            self.revisions,
            self.lib / "keys",
            self.lib / "db",
            self.spool,
            self.journal_dir,
        )
        for path in parts:
            private_dir(path)

    def make_run(self) -> None:
        """Make that of the control socket, before an engine is started."""
        rundir.make(self.run, self.data)

    def leave(self) -> None:
        """Take away what lies outside the data directory; the engine has ended."""
        rundir.leave(self.run)
