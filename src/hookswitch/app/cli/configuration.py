"""`hookswitch check` and `hookswitch apply`."""

import asyncio
import getpass
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from hookswitch.app.apply import Applier, ApplyError
from hookswitch.app.cli.client import ApiError, Client, find_client
from hookswitch.app.cli.options import (
    EXIT_FAILED,
    FILE,
    fail,
    settings_from,
    settings_options,
)
from hookswitch.app.datadir import DataDir, DataDirError
from hookswitch.app.live import Live
from hookswitch.app.server import find_engine
from hookswitch.app.settings import Settings
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.layout import Layout
from hookswitch.config.check import parse_text
from hookswitch.config.document import Document
from hookswitch.config.problems import InvalidDocument
from hookswitch.config.yaml import read_file
from hookswitch.media.prompts import Prompts
from hookswitch.store.port import StoreError
from hookswitch.store.sqlite import SqliteStore


@click.command()
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def check(file: Path, as_json: bool) -> None:
    """Check the configuration in FILE without applying it.

    Exit code 0 if it can be applied, 1 if not; each problem names the object, the field and the
    mend.
    """
    document = _read(file, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"ok": True, "problems": []}))
        return
    objects = sum(len(flow.objects) for flow in document.flows)
    click.echo(
        f"{file} is fine: {len(document.users)} users, {len(document.trunks)} trunks,"
        f" {objects} objects, {len(document.webhooks)} webhook endpoints"
    )


@click.command()
@click.argument("file", type=FILE)
@settings_options
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def apply(file: Path, settings_file: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """Apply the configuration in FILE: check it, try it on an engine, make it live.

    Talks to the running `hookswitch serve` of the same data directory; if none runs, the
    configuration goes live at its next start. On failure the old one stays in force.
    """
    text = read_file_or_fail(file, as_json=as_json)
    settings = settings_from(settings_file, data_dir=data_dir)
    data = DataDir(settings.data_dir)
    try:
        client = find_client(settings.data_dir)
        if client is not None:
            revision = _apply_running(client, text, as_json=as_json)
        else:
            document = _parse(text, file, as_json=as_json)
            revision = asyncio.run(_apply_offline(settings, data, document))
    except (ApplyError, DataDirError, EngineError, StoreError) as error:
        _refuse(str(error), [], as_json=as_json)
    how = "" if client else " at the next start of hookswitch serve"
    if as_json:
        click.echo(json.dumps({"ok": True, "revision": revision, "running": client is not None}))
    else:
        click.echo(f"revision {revision} is live{how}")


def read_file_or_fail(file: Path, *, as_json: bool) -> str:
    try:
        return read_file(file)
    except InvalidDocument as error:
        _invalid(file, error, as_json=as_json)


def _read(file: Path, *, as_json: bool) -> Document:
    return _parse(read_file_or_fail(file, as_json=as_json), file, as_json=as_json)


def _parse(text: str, file: Path, *, as_json: bool) -> Document:
    try:
        return parse_text(text)
    except InvalidDocument as error:
        _invalid(file, error, as_json=as_json)


def _invalid(file: Path, error: InvalidDocument, *, as_json: bool) -> NoReturn:
    problems = [
        {"where": p.where, "field": p.field, "message": p.message, "mend": p.mend, "line": p.line,
         "text": str(p)}
        for p in error.problems
    ]  # fmt: skip
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    _refuse(f"{file} cannot be applied, {count}:", problems, as_json=as_json)


def _refuse(message: str, problems: Sequence[Mapping[str, Any]], *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"ok": False, "error": message, "problems": list(problems)}))
        raise SystemExit(EXIT_FAILED)
    fail("\n".join([message, *(f"  {problem['text']}" for problem in problems)]))


def _apply_running(client: Client, text: str, *, as_json: bool) -> int:
    try:
        return int(client.post("/api/configuration/apply", data=text.encode())["revision"])
    except ApiError as error:
        _refuse(f"not applied: {error.detail}", error.problems, as_json=as_json)


async def _apply_offline(settings: Settings, data: DataDir, document: Document) -> int:
    with data.lock():
        store = await SqliteStore.open(data.database)
        try:
            live = Live()
            await live.load(store)
            layout = Layout(data.path)
            layout.make()
            applier = Applier(find_engine(settings), layout, store, live, Prompts(data.prompts))
            return await applier.apply(document, getpass.getuser(), None, tuple)
        finally:
            await store.close()
