"""Settings of a process: flags over environment (`HOOKSWITCH_*`) over a TOML file over defaults."""

import ipaddress
import os
import tomllib
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from hookswitch.asterisk.install.packages import default_prefix
from hookswitch.delivery.retry import LADDER

Port = Annotated[int, Field(ge=0, le=65535)]

_ADDRESS: Final = r"[^\s@,;<>]+@[^\s@,;<>]+"
_ADDRESSES: Final = rf"^({_ADDRESS}(, ?{_ADDRESS})*)?$"


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        raise ValueError("write an address or a range such as 192.0.2.0/24") from None


class SettingsError(Exception):
    """A setting that cannot be used; the text names it and the mend."""


def _database(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text != "sqlite" and not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("write sqlite, or postgresql://USER:PASSWORD@HOST/NAME")
    return value


def default_data_dir() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "hookswitch"


class Settings(BaseSettings):
    """Everything that is not part of the configuration document. A port of 0 means a free one."""

    model_config = SettingsConfigDict(
        env_prefix="HOOKSWITCH_", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    data_dir: Path = Field(default_factory=default_data_dir)
    node: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,7}$")] = "n1"
    """The node's name in every call id; must differ between phone nodes of one database."""

    database: Annotated[SecretStr, AfterValidator(_database)] = SecretStr("sqlite")
    """`sqlite` (a file in the data directory), or the address of a PostgreSQL database."""

    host: str = "127.0.0.1"
    port: Port = 8088
    worker_host: str = "127.0.0.1"
    worker_port: Port = 0
    """Where `hookswitch worker` answers /healthz and /metrics, to whoever reaches it."""

    engine: Path | None = None
    """A system Asterisk to use instead of the embedded one."""
    engine_prefix: Path = Field(default_factory=default_prefix)
    sip_host: str = "127.0.0.1"
    sip_port: Port = 5060
    ami_port: Port = 0
    sip_tls_port: Port | None = None
    """The one after `sip_port` unless set."""
    sip_tls_certificate: Path | None = None
    sip_tls_key: Path | None = None
    """PEM files of a certificate for SIP over TLS; without them it is self-signed."""

    sip_tls_authorities: Path | None = None
    """PEM file of whom we trust when we call a trunk over TLS, instead of the system's."""

    sip_ban_failures: Annotated[int, Field(ge=0)] = 20
    """So many failed logins of an address within five minutes ban it; 0 bans nobody."""
    sip_ban_minutes: Annotated[int, Field(ge=1, le=525_600)] = 60
    sip_ban_exempt: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks whose phones are never banned."""

    public_url: Annotated[str, Field(pattern=r"^(https?://[^\s?#]+)?$")] = ""
    """Where receivers of links reach this server, if not at its own address."""

    allowed_hosts: tuple[str, ...] = ()
    """Names browsers may reach this server by, besides addresses, localhost and `public_url`."""
    trusted_proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    """Addresses of reverse proxies whose X-Forwarded-For is believed."""
    session_idle_minutes: Annotated[int, Field(ge=1, le=10_080)] = 60
    """A session of the console that is not used for so long is over."""

    smtp_host: str = ""
    """The mail server for voicemail emails; without it none are sent."""
    smtp_port: Port = 587
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    smtp_sender: str = "hookswitch@localhost"
    alert_email: Annotated[str, Field(pattern=_ADDRESSES)] = ""
    """Who is told when a webhook endpoint fails for long or is stopped; commas between several."""

    history_keep_days: Annotated[int, Field(ge=0, le=36_500)] = 365
    """Calls, events, deliveries and attempts; what waits is kept. 0 keeps everything."""
    media_keep_days: Annotated[int, Field(ge=1, le=36_500)] = 365
    media_keep_mb: Annotated[int, Field(ge=1)] = 10_240

    disk_stop_recordings_mb: Annotated[int, Field(ge=0)] = 1024
    """Below this much free space nothing is recorded."""
    disk_refuse_calls_mb: Annotated[int, Field(ge=0)] = 256
    """Below this much free space new calls are refused."""
    disk_ballast_mb: Annotated[int, Field(ge=0)] = 32
    """Kept for the journal, and given to it when the disk is full."""

    shed_calls_above_ms: Annotated[int, Field(ge=0, le=10_000)] = 0

    journal_rotate_mb: Annotated[int, Field(ge=1)] = 64
    journal_keep_files: Annotated[int, Field(ge=0)] = 4
    """Rotated files kept behind what is committed, for a look back."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"

    delivery_deadline_s: Annotated[float, Field(gt=0, le=120)] = 15.0
    delivery_window_s: Annotated[float, Field(ge=0, le=60)] = 2.0
    delivery_retries_s: Annotated[
        tuple[Annotated[float, Field(gt=0, le=604_800)], ...], Field(min_length=1, max_length=100)
    ] = tuple(wait / 1000 for wait in LADDER)
    """Waits after the first, second ... failed attempt, each up to a fifth longer; then no more."""
    delivery_in_flight: Annotated[int, Field(ge=1, le=10_000)] = 400
    """First attempts side by side; retries have a quarter as many places of their own."""
    delivery_per_endpoint: Annotated[int, Field(ge=1, le=1_000)] = 32
    """Most attempts side by side to one endpoint; how many depends on how it answers."""
    delivery_failing_hours: Annotated[float, Field(gt=0, le=10_000)] = 72.0
    """An endpoint that fails for so long without one success is paused."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        *_unused: PydanticBaseSettingsSource,
        **_also_unused: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(file: Path | None = None, **flags: Any) -> Settings:
    """Read all sources; flags that are None are taken as not given."""
    path = file or _named_file()
    if path is not None and not path.is_file():
        raise SettingsError(f"settings file {path}: there is no such file: name another")
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return _reading(path)(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(error))) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"settings file {path}: {error}: mend its TOML") from error
    except OSError as error:
        raise SettingsError(
            f"settings file {path}: {error.strerror}: make it readable for this user"
        ) from error


def _reading(file: Path | None) -> type[Settings]:
    """The class that also reads `file`; the library takes its path from the class alone."""

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    return FromFile


def _named_file() -> Path | None:
    named = os.environ.get("HOOKSWITCH_SETTINGS")
    return Path(named) if named else None


def _explain(error: ValidationError) -> list[str]:
    """Name the setting by all three of its names, with the first that is wrong in it."""
    lines = []
    first = {str((*each["loc"], "?")[0]): each for each in reversed(error.errors())}
    for name, details in reversed(first.items()):
        if details["type"] == "extra_forbidden":
            lines.append(f"setting {name}: there is no such setting: mend its name or remove it")
            continue
        flag, variable = "--" + name.replace("_", "-"), f"HOOKSWITCH_{name.upper()}"
        said = details["msg"].removeprefix("Value error, ")
        message = said[:1].lower() + said[1:]
        lines.append(f"setting {name} ({flag}, {variable}): {message}: mend its value")
    return lines
