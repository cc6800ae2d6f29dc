"""The phone system as a systemd unit: its text, and the commands that put it in place."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

SYSTEM_UNITS: Final = Path("/etc/systemd/system")
BOOTED: Final = Path("/run/systemd/system")
"""There while systemd is what started this machine."""
STOP_S: Final = 40
"""Longer than our own patience with attempts under way and with the engine."""
LOWEST_FREE_PORT: Final = 1024
TMP: Final = Path("/tmp")  # noqa: S108
"""The engine writes there for each command it is given. Not PrivateTmp: that one is deleted after
each life of ours, and an engine that outlived us would answer no command any more."""
Command = tuple[str, ...]


class ServiceError(Exception):
    """The service cannot be installed or asked for; the text says the mend."""


class Service(Struct, frozen=True, kw_only=True):
    """One installation as a service. `user_units` is set for a unit of the user's own manager."""

    name: str
    command: tuple[str, ...]
    run_as: str
    home: Path
    """Of `run_as`."""
    writable: tuple[Path, ...]
    """Made if it is missing; all that a system unit may write."""
    low_ports: bool = False
    user_units: Path | None = None

    @property
    def unit(self) -> str:
        return f"{self.name}.service"

    @property
    def path(self) -> Path:
        return (self.user_units or SYSTEM_UNITS) / self.unit


def check_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,63}", name):
        raise ServiceError(f"{name!r} is no name for a service: use letters, digits, - and _")
    return name


def unit_text(service: Service) -> str:
    """Give the unit file.

    KillMode=process: the engine outlives a crash of ours, and the next start adopts it; a stop
    ends it cleanly, because we end it. So nothing here may be bound to the life of one start.
    """
    target = "default.target" if service.user_units else "multi-user.target"
    lines = [
        "# Written by `hookswitch service install`, which replaces whatever is changed here.",
        "[Unit]",
        "Description=Hookswitch phone system",
        *(() if service.user_units else ("Wants=network-online.target", _AFTER)),
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=exec",
        f"ExecStart={' '.join(map(quoted, service.command))}",
        *(() if service.user_units else (f"User={service.run_as}",)),
        "Restart=always",
        "RestartSec=2",
        "KillMode=process",
        f"TimeoutStopSec={STOP_S}",
        "LimitNOFILE=65536",
        "UMask=0077",
        *_hardening(service),
        "",
        "[Install]",
        f"WantedBy={target}",
        "",
    ]
    return "\n".join(lines)


_AFTER: Final = "After=network-online.target"

EVERYWHERE: Final = (
    "NoNewPrivileges=yes",
    "LockPersonality=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "RestrictNamespaces=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallErrorNumber=EPERM",
)
"""What needs no privilege, so a user's own manager can do it too."""
BY_ROOT: Final = (
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    "PrivateDevices=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectProc=invisible",
)
"""Not ProcSubset=pid: the number of the machine's boot, below /proc/sys, tells processes apart."""


def _hardening(service: Service) -> Sequence[str]:
    if service.user_units:
        return EVERYWHERE
    capability = "CAP_NET_BIND_SERVICE" if service.low_ports else ""
    return (
        *EVERYWHERE,
        *BY_ROOT,
        f"CapabilityBoundingSet={capability}",
        f"AmbientCapabilities={capability}",
        f"ReadWritePaths={' '.join(quoted(str(path)) for path in (*service.writable, TMP))}",
    )


def quoted(word: str) -> str:
    """A word of a unit file's command line; systemd would expand `%` and `$`."""
    if any(char in word for char in "\n\r\0"):
        raise ServiceError(f"{word!r} holds a line end: choose another path")
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return text if re.fullmatch(r"[\w@%+=:,./$-]+", text) else f'"{text}"'


def install_commands(service: Service) -> Sequence[Command]:
    """What is run once the unit file is written; a writable path must be there at the start."""
    control = _systemctl(service)
    make: Sequence[Command] = ()
    linger: Sequence[Command] = ()
    if service.user_units:
        linger = (("loginctl", "enable-linger", service.run_as),)
    else:
        mkdir = ("mkdir", "-p", "-m", "700")
        as_user = ("runuser", "-u", service.run_as, "--")
        make = tuple(
            (*as_user, *mkdir, str(path))
            if path.is_relative_to(service.home)
            else ("install", "-d", "-m", "700", "-o", service.run_as, str(path))
            for path in service.writable
        )
    return (
        *make,
        (*control, "daemon-reload"),
        (*control, "enable", service.unit),
        (*control, "restart", service.unit),
        *linger,
    )


def uninstall_commands(service: Service) -> tuple[Sequence[Command], Sequence[Command]]:
    """What is run before the unit file is removed, and after it."""
    control = _systemctl(service)
    return ((*control, "disable", "--now", service.unit),), ((*control, "daemon-reload"),)


def status_command(service: Service) -> Command:
    """`systemctl show`: a `Name=value` line for each property, in any case."""
    properties = "LoadState,UnitFileState,ActiveState,SubState,MainPID,NRestarts"
    return (*_systemctl(service), "show", f"--property={properties}", service.unit)


def _systemctl(service: Service) -> Command:
    return ("systemctl", "--user") if service.user_units else ("systemctl",)


def require_systemd(find: object, booted: Path = BOOTED) -> None:
    """Refuse a machine that is not run by systemd."""
    if find is None or not booted.is_dir():
        raise ServiceError(
            "this machine is not run by systemd: have your own supervisor run `hookswitch serve`,"
            " start it again whenever it ends, and signal its main process only"
        )
