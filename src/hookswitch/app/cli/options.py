"""Options that several commands share, and how they end in error."""

import errno
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from yarl import URL

from hookswitch.app.settings import Settings, SettingsError, load_settings

F = TypeVar("F", bound=Callable[..., Any])

EXIT_FAILED = 1
EXIT_USAGE = 2

FILE = click.Path(path_type=Path, dir_okay=False)
DIRECTORY = click.Path(path_type=Path, file_okay=False)


class Revision(click.ParamType[str]):
    """The name of a revision."""

    name = "revision"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(r"[0-9]{1,18}|live|previous", value):
            self.fail(f"{value!r} is no revision: give its number, live or previous", param, ctx)
        return str(value)


class Instant(click.ParamType[datetime]):
    """A time of UTC, or with an offset of its own."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is no time: write 2026-10-01, 2026-10-01T09:30 or"
                " 2026-10-01T09:30:00+02:00 (UTC where no offset is given)",
                param,
                ctx,
            )
        return at if at.tzinfo else at.replace(tzinfo=UTC)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def settings_options(command: F) -> F:
    """Add --settings and --data-dir."""
    for option in (
        click.option(
            "--data-dir",
            type=DIRECTORY,
            help="Where everything is kept.  [env var: HOOKSWITCH_DATA_DIR]",
        ),
        click.option(
            "--settings",
            "settings_file",
            type=FILE,
            help="A TOML file of settings.  [env var: HOOKSWITCH_SETTINGS]",
            metavar="FILE",
        ),
    ):
        command = option(command)
    return command


def examples(*lines: str) -> str:
    """What stands below a command's options: each line as it can be typed."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def web_url(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Check the value of an option that is an http:// or https:// URL."""
    try:
        url = URL(value or "")
    except ValueError:
        url = URL()
    if value is not None and (url.scheme not in {"http", "https"} or not url.raw_host):
        raise click.BadParameter("write it as http://host:port/path or https://host/path")
    return value


def settings_from(settings_file: Path | None, **flags: Any) -> Settings:
    """Give the settings, or end with what is wrong with them."""
    try:
        return load_settings(settings_file, **flags)
    except SettingsError as error:
        fail(str(error), EXIT_USAGE)


_MENDS = {
    errno.ENOSPC: "free some space on its disk and start again",
    errno.EDQUOT: "free some space on its disk and start again",
    errno.EACCES: "make it writable for this user, or name another with --data-dir",
    errno.EROFS: "make it writable for this user, or name another with --data-dir",
    errno.EMFILE: "allow more open files (ulimit -n) and start again",
}


def system_error(error: OSError) -> str:
    """What the system refused, on one line, with the mend."""
    where = f"{error.filename}: " if error.filename else ""
    mend = _MENDS.get(error.errno or 0, "mend that and start again")
    return f"{where}{error.strerror or error}: {mend}"


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say it on standard error and end."""
    click.echo(f"hookswitch: {message}", err=True)
    sys.exit(code)
