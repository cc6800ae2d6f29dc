"""`hookswitch prompts`: the audio that Playback and Voicemail objects play."""

from pathlib import Path
from urllib.parse import quote

import click

from hookswitch.app.cli.client import require_client
from hookswitch.app.cli.options import (
    FILE,
    examples,
    fail,
    json_option,
    settings_from,
    settings_options,
)
from hookswitch.app.cli.text import print_json


@click.group()
def prompts() -> None:
    """Upload, list and delete the audio that the call flow plays.

    Talks to the running `hookswitch serve` of the same data directory.
    """


@prompts.command("list")
@settings_options
@json_option
def list_prompts(settings_file: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """List the prompts with their length."""
    client = require_client(settings_from(settings_file, data_dir=data_dir).data_dir)
    found = client.get("/api/prompts")
    if as_json:
        print_json(found)
        return
    for prompt in found:
        click.echo(f"{prompt['name']}  {prompt['seconds']:.1f} s")
    if not found:
        click.echo("no prompts yet: upload one with hookswitch prompts add NAME FILE", err=True)


@prompts.command(
    "add",
    epilog=examples("hookswitch prompts add welcome welcome.wav"),
)
@click.argument("name")
@click.argument("file", type=FILE)
@json_option
@settings_options
def add(
    name: str, file: Path, *, as_json: bool, settings_file: Path | None, data_dir: Path | None
) -> None:
    """Upload the audio in FILE as the prompt NAME.

    WAV, MP3, FLAC or Ogg; it replaces an older one.
    """
    client = require_client(settings_from(settings_file, data_dir=data_dir).data_dir)
    try:
        audio = file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}: name another file")
    prompt = client.put(f"/api/prompts/{quote(name, safe='')}", data=audio)
    if as_json:
        print_json(prompt)
    else:
        click.echo(f"{prompt['name']} is there, {prompt['seconds']:.1f} s")


@prompts.command(
    "delete",
    epilog=examples("hookswitch prompts delete welcome"),
)
@click.argument("name")
@settings_options
def delete(name: str, settings_file: Path | None, data_dir: Path | None) -> None:
    """Delete the prompt NAME.

    Refused while the live configuration plays it.
    """
    client = require_client(settings_from(settings_file, data_dir=data_dir).data_dir)
    client.delete(f"/api/prompts/{quote(name, safe='')}")
    click.echo(f"{name} is deleted")
