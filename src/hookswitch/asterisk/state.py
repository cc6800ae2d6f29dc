"""What outlives our process about a data directory's engine."""

import secrets
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hookswitch.asterisk.configuration.base_config import Ports
from hookswitch.asterisk.configuration.files import write_atomic
from hookswitch.asterisk.errors import StartError
from hookswitch.asterisk.process import Process


class EngineState(Struct, frozen=True, kw_only=True):
    """The record in `engine.json`; `boot` counts the starts and is part of every call's id."""

    boot: int = 0
    ports: Ports | None = None
    bind: str = ""
    secret: str = msgspec.field(default_factory=lambda: secrets.token_hex(24))
    """Of the manager connection."""
    process: Process | None = None
    argv: tuple[str, ...] = ()
    version: str = ""

    def __repr__(self) -> str:
        return f"EngineState(boot={self.boot}, ports={self.ports}, process={self.process})"


def read(path: Path) -> EngineState:
    """Give the record, or that of a directory which never had an engine."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=EngineState)
    except FileNotFoundError:
        return EngineState()
    except msgspec.MsgspecError as error:
        # A fresh counter would give ids a second time.
        raise StartError(
            f"{path} is damaged ({error})",
            "restore it from a backup; its boot number must not fall",
        ) from error


def write(path: Path, state: EngineState) -> None:
    write_atomic(path, msgspec.json.encode(state).decode())


def with_ports(record: EngineState, ports: Ports) -> EngineState:
    return replace(record, ports=ports)
