"""What this installation is, and its settings with where each came from."""

import os
import platform
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
from pydantic import SecretStr

from hookswitch import __version__
from hookswitch.app.clock import now_ms
from hookswitch.app.settings import Settings
from hookswitch.app.stores import is_shared
from hookswitch.app.upkeep.disk import free_bytes
from hookswitch.app.upkeep.limits import limits_of
from hookswitch.model.instants import iso
from hookswitch.model.secret import MASK

if TYPE_CHECKING:
    from hookswitch.app.server import Server

STARTED: Final = now_ms()
HIDDEN: Final = frozenset({"database"})
"""May hold a password."""


def about(server: "Server") -> Mapping[str, Any]:
    settings, supervisor = server.settings, server.supervisor
    found = {
        "version": __version__,
        "python": platform.python_version(),
        "node": settings.node,
        "runs": server.parts.name,
        "started_at": iso(STARTED),
        "url": settings.public_url or server.web.url,
        "data_directory": str(server.data.path),
        "database": "PostgreSQL" if is_shared(settings) else "SQLite",
        "revision": server.live.revision,
    }
    if server.parts.engine:
        found["engine"] = f"Asterisk {supervisor.version}"
        found["sip"] = f"{settings.sip_host}:{supervisor.ports.sip}"
    return found


def storage(server: "Server") -> Mapping[str, Any]:
    """What is used of the disk, in bytes. Blocking."""
    data = server.data
    database = sum(path.stat().st_size for path in data.path.glob(f"{data.database.name}*"))
    audio = [path.stat().st_size for path in data.media.rglob("*") if path.is_file()]
    return {
        "free": free_bytes(data.path),
        "database": database,
        "audio": sum(audio),
        "audio_files": len(audio),
        "kept": msgspec.structs.asdict(limits_of(server.settings, server.live.document)),
        "history_keep_days": server.settings.history_keep_days,
        "media_keep_days": server.settings.media_keep_days,
        "media_keep_mb": server.settings.media_keep_mb,
        "disk_stop_recordings_mb": server.settings.disk_stop_recordings_mb,
        "disk_refuse_calls_mb": server.settings.disk_refuse_calls_mb,
    }


def settings_of(settings: Settings) -> Sequence[Mapping[str, Any]]:
    """A flag stands above the environment, that above the file."""
    return [
        {
            "name": name,
            "value": _shown(name, getattr(settings, name)),
            "source": _source(settings, name),
        }
        for name in Settings.model_fields
    ]


def _shown(name: str, value: Any) -> str | int | float | bool | list[str] | None:
    if isinstance(value, SecretStr) or name in HIDDEN:
        held = value.get_secret_value() if isinstance(value, SecretStr) else value
        return MASK if held else ""
    if isinstance(value, tuple | list):
        return [str(one) for one in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _source(settings: Settings, name: str) -> str:
    if name not in settings.model_fields_set:
        return "default"
    return "environment" if f"HOOKSWITCH_{name.upper()}" in os.environ else "flag or file"
