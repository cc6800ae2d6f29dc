"""`hookswitch prompts`: the audio that Playback and Voicemail objects play."""

import json
from pathlib import Path
from urllib.parse import quote

import click

from hookswitch.app.cli.client import ApiError, require_client
from hookswitch.app.cli.options import FILE, fail, settings_from, settings_options


@click.group()
def prompts() -> None:
    """Upload, list and delete the audio that the call flow plays.

    Talks to the running `hookswitch serve` of the same data directory.
    """


@prompts.command("list")
@settings_options
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_prompts(settings_file: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """List the prompts with their length."""
    client = require_client(settings_from(settings_file, data_dir=data_dir).data_dir)
    found = client.get("/api/prompts")
    if as_json:
        click.echo(json.dumps(found))
        return
    for prompt in found:
        click.echo(f"{prompt['name']}  {prompt['seconds']:.1f} s")
    if not found:
        click.echo("no prompts yet: upload one with hookswitch prompts add NAME FILE", err=True)


@prompts.command("add")
@click.argument("name")
@click.argument("file", type=FILE)
@settings_options
def add(name: str, file: Path, settings_file: Path | None, data_dir: Path | None) -> None:
    """Upload FILE (WAV, MP3, FLAC or Ogg) as the prompt NAME, replacing an older one."""
    client = require_client(settings_from(settings_file, data_dir=data_dir).data_dir)
    try:
        audio = file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}: name another file")
    try:
        prompt = client.put(f"/api/prompts/{quote(name, safe='')}", data=audio)
    except ApiError as error:
        fail(error.detail)
    click.echo(f"{prompt['name']} is there, {prompt['seconds']:.1f} s")


@prompts.command("delete")
@click.argument("name")
@settings_options
def delete(name: str, settings_file: Path | None, data_dir: Path | None) -> None:
    """Delete the prompt NAME; refused while the live configuration plays it."""
    client = require_client(settings_from(settings_file, data_dir=data_dir).data_dir)
    try:
        client.delete(f"/api/prompts/{quote(name, safe='')}")
    except ApiError as error:
        fail(error.detail)
    click.echo(f"{name} is deleted")
