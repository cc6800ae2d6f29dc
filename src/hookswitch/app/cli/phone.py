"""`hookswitch phone`: a SIP phone for trying a configuration out, on this machine."""

import asyncio
import contextlib
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from hookswitch.app.cli.access import answered, reading
from hookswitch.app.cli.options import examples, fail, settings_from, settings_options
from hookswitch.app.cli.text import printable
from hookswitch.asterisk import state
from hookswitch.asterisk.layout import Layout
from hookswitch.config.secrets import places
from hookswitch.config.yaml import load
from hookswitch.phone import Call, CallFailed, Phone, PhoneError
from hookswitch.phone.address import Address


@click.group()
def phone() -> None:
    """Answer and place test calls with a SIP phone of our own.

    Talks to the engine of the running `hookswitch serve` of the same data directory, over UDP.
    """


@phone.command(
    epilog=examples(
        "hookswitch phone answer alice",
        "hookswitch phone answer alice --after 5 --once",
    ),
)
@click.argument("username")
@click.option("--after", default=1.0, show_default=True, help="Seconds to ring.")
@click.option("--once", is_flag=True, help="End after the first call.")
@settings_options
def answer(
    username: str, *, after: float, once: bool, settings_file: Path | None, data_dir: Path | None
) -> None:
    """Be the phone USERNAME: register, and answer its calls.

    USERNAME is that of a device of the live configuration.
    """
    place = _Place(settings_file, data_dir)
    _run(_answer(place, username, after=after, once=once))


@phone.command(
    epilog=examples(
        "hookswitch phone call 61300000000 --trunk provider",
        "hookswitch phone call 1002 --user alice --talk 10",
    ),
)
@click.argument("number")
@click.option("--trunk", metavar="NAME", help="Call as this trunk, whose host is 127.x.y.z.")
@click.option("--user", "username", metavar="USERNAME", help="Call as this device.")
@click.option(
    "--from",
    "caller",
    metavar="NUMBER",
    default="61400000001",
    show_default=True,
    help="The number that calls (with --trunk).",
)
@click.option(
    "--name", default="Test Caller", show_default=True, help="The caller's name (with --trunk)."
)
@click.option("--talk", default=2.0, show_default=True, help="Seconds until it hangs up.")
@settings_options
def call(
    number: str,
    *,
    trunk: str | None,
    username: str | None,
    caller: str,
    name: str,
    talk: float,
    settings_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Call NUMBER, talk for a while, and hang up.

    Exit code 1 if it is not answered.
    """
    if (trunk is None) == (username is None):
        raise click.UsageError("say who calls: --trunk NAME or --user USERNAME")
    place = _Place(settings_file, data_dir)
    made = _as_trunk(place, trunk) if trunk else _as_device(place, username or "")
    who = (caller, name) if trunk else (None, None)
    _run(_call(made, number, talk, who))


class _Place:
    """The running engine's address and the live configuration, secrets included."""

    def __init__(self, settings_file: Path | None, data_dir: Path | None) -> None:
        settings = settings_from(settings_file, data_dir=data_dir)
        record = state.read(Layout(settings.data_dir.absolute()).state)
        if record.process is None or not record.process.alive or record.ports is None:
            fail(f"no engine runs on {settings.data_dir}: start hookswitch serve first")
        bind = record.bind
        host = "127.0.0.1" if bind in {"", "0.0.0.0"} else bind
        self.sip: Address = host, record.ports.sip
        self.values: Any = load(
            answered(lambda: reading(settings).text("live", secrets=True), as_json=False)
        ).values

    def password(self, username: str) -> str:
        suffix = f"/devices/{username}/password"
        found = [p.value for p in places(self.values) if p.reference.endswith(suffix)]
        if not found:
            fail(f"the live configuration has no device {username}")
        return str(found[0])


def _as_device(place: _Place, username: str) -> Phone:
    return Phone(username, place.sip[0], server=place.sip, password=place.password(username))


def _as_trunk(place: _Place, name: str) -> Phone:
    trunks = {trunk["name"]: trunk for trunk in place.values.get("trunks") or ()}
    if name not in trunks:
        fail(f"the live configuration has no trunk {name}")
    host = str(trunks[name]["host"])
    if not host.startswith("127."):
        fail(f"trunk {name}: its host is {host}: one on this machine (127.x.y.z) can be played")
    return Phone(name, host, server=place.sip)


async def _answer(place: _Place, username: str, *, after: float, once: bool) -> None:
    async with _as_device(place, username) as made:
        await made.register()
        _say(f"{username} is registered: waiting for calls (end it by Ctrl-C)")
        while True:
            coming = await made.incoming.get()
            _say(f"rings: {printable(coming.remote_name)} {printable(coming.remote_number)}")
            with contextlib.suppress(PhoneError):
                await _take(coming, after)
            _say("the call is over")
            if once:
                return


async def _take(coming: Call, after: float) -> None:
    coming.ring()
    await asyncio.sleep(after)
    coming.answer()
    _say("answered")
    await coming.ended(86_400.0)


async def _call(made: Phone, number: str, talk: float, who: tuple[str | None, str | None]) -> None:
    caller, name = who
    async with made:
        placed = await made.call(number, caller=caller, name=name)
        _say(f"calling {number}")
        await placed.answered()
        _say("answered")
        await asyncio.sleep(talk)
        await placed.hang_up()
        _say("the call is over")


def _run(work: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(work)
    except CallFailed as error:
        fail(f"it was not answered: {error}")
    except PhoneError as error:
        fail(str(error))
    except KeyboardInterrupt:
        return


def _say(text: str) -> None:
    click.echo(f"{datetime.now(UTC):%H:%M:%S} {text}")
