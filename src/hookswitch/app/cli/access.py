"""How commands reach a configuration: through the running server, or the data directory itself."""

import asyncio
import getpass
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol, TypeVar

import click
import structlog

from hookswitch.api.ports import Configuring, Refused
from hookswitch.app.cli.client import ApiError, Client, find_client
from hookswitch.app.cli.options import EXIT_FAILED, fail
from hookswitch.app.cli.text import printable
from hookswitch.app.configuration.configuring import refusing
from hookswitch.app.configuration.offline import offline
from hookswitch.app.datadir import DataDir, DataDirError
from hookswitch.app.logs import configure_logs
from hookswitch.app.settings import Settings
from hookswitch.asterisk.errors import EngineError
from hookswitch.config.archive import ArchiveError
from hookswitch.config.check import parse_text
from hookswitch.store.port import StoreError
from hookswitch.vault import VaultError

T = TypeVar("T")
INVALID: Final = 422
Answer = Mapping[str, Any]


class Access(Protocol):
    """What commands ask for; each raises ApiError or Refused."""

    def apply(
        self, text: str, *, origin: str = "apply", comment: str = "", base: int | None = None
    ) -> Answer: ...
    def preview(self, text: str) -> Answer: ...
    def all(self, limit: int) -> Sequence[Answer]: ...
    def one(self, name: str) -> Answer: ...
    def diff(self, old: str, new: str) -> Sequence[Answer]: ...
    def text(self, name: str, *, secrets: bool) -> str: ...
    def rollback(self, name: str, *, comment: str = "", dry_run: bool = False) -> Answer: ...
    def secrets(self) -> Sequence[Answer]: ...
    def rotate_key(self) -> Answer: ...


class Remote:
    """Asks the server that runs."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def apply(
        self, text: str, *, origin: str = "apply", comment: str = "", base: int | None = None
    ) -> Any:
        return self._client.post(
            "/api/configuration/apply",
            data=text.encode(),
            origin=origin,
            comment=comment,
            base=base,
        )

    def preview(self, text: str) -> Any:
        return self._client.post("/api/configuration/preview", data=text.encode())

    def all(self, limit: int) -> Any:
        return self._client.get("/api/revisions", limit=limit)

    def one(self, name: str) -> Any:
        return self._client.get(f"/api/revisions/{name}")

    def diff(self, old: str, new: str) -> Any:
        return self._client.get(f"/api/revisions/{old}/diff/{new}")

    def text(self, name: str, *, secrets: bool) -> str:
        path = f"/api/revisions/{name}/document"
        return str(self._client.get(path, secrets=str(secrets).lower())["text"])

    def rollback(self, name: str, *, comment: str = "", dry_run: bool = False) -> Any:
        path = f"/api/revisions/{name}/rollback"
        return self._client.post(path, comment=comment, dry_run=str(dry_run).lower())

    def secrets(self) -> Any:
        return self._client.get("/api/secrets")

    def rotate_key(self) -> Any:
        return self._client.post("/api/secrets/rotate-key")


class Local:
    """Holds the data directory for each question."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._by = getpass.getuser()

    def apply(
        self, text: str, *, origin: str = "apply", comment: str = "", base: int | None = None
    ) -> Any:
        self._check(text)
        return self._ask(
            lambda c: c.apply(text, self._by, origin=origin, comment=comment, base=base)
        )

    def preview(self, text: str) -> Any:
        self._check(text)
        return self._ask(lambda c: c.preview(text))

    def all(self, limit: int) -> Any:
        return self._ask(lambda c: c.all(limit))

    def one(self, name: str) -> Any:
        return self._ask(lambda c: c.one(name))

    def diff(self, old: str, new: str) -> Any:
        return self._ask(lambda c: c.diff(old, new))

    def text(self, name: str, *, secrets: bool) -> str:
        return str(self._ask(lambda c: c.text(name, self._by, secrets=secrets))["text"])

    def rollback(self, name: str, *, comment: str = "", dry_run: bool = False) -> Any:
        return self._ask(lambda c: c.rollback(name, self._by, comment=comment, dry_run=dry_run))

    def secrets(self) -> Any:
        return self._ask(lambda c: c.secrets())

    def rotate_key(self) -> Any:
        return self._ask(lambda c: c.rotate_key())

    def _check(self, text: str) -> None:
        """Where nothing is stored yet the text has it all; a wrong one must make no directory."""
        if not DataDir(self._settings.data_dir).database.exists():
            with refusing():
                parse_text(text)

    def _ask(self, question: Callable[[Configuring], Awaitable[T]]) -> T:
        async def ask() -> T:
            async with offline(self._settings) as configuring:
                return await question(configuring)

        before = structlog.get_config()
        # what it logs must not end up in what is printed
        configure_logs(self._settings.model_copy(update={"log_level": "warning"}))
        try:
            return asyncio.run(ask())
        finally:
            structlog.configure(**before)


def access(settings: Settings) -> Access:
    client = find_client(settings.data_dir)
    return Remote(client) if client else Local(settings)


def reading(settings: Settings) -> Access:
    """The same, or end: there is nothing to read where nothing was ever applied."""
    if not DataDir(settings.data_dir).database.exists():
        fail(f"nothing was applied in {settings.data_dir} yet: see hookswitch apply --help")
    return access(settings)


def answered(work: Callable[[], T], *, as_json: bool = False, file: Path | None = None) -> T:
    """Give the answer, or end with what was refused, each problem on a line."""
    try:
        return work()
    except (ApiError, Refused) as error:
        refuse(_refusal(error, file), error.problems, as_json=as_json)
    except (ArchiveError, DataDirError, EngineError, StoreError, VaultError) as error:
        refuse(str(error), (), as_json=as_json)


def _refusal(error: ApiError | Refused, file: Path | None) -> str:
    if error.status == INVALID and error.problems:
        return cannot_be_applied(file or "the document", len(error.problems))
    return error.detail if file is None else f"{file} is not applied: {error.detail}"


def cannot_be_applied(what: Path | str, problems: int) -> str:
    count = "1 problem" if problems == 1 else f"{problems} problems"
    return f"{what} cannot be applied, {count}:"


def refuse(message: str, problems: Sequence[Answer], *, as_json: bool) -> NoReturn:
    if as_json:
        said = {"ok": False, "error": message, "problems": list(problems)}
        click.echo(json.dumps(said))
        raise SystemExit(EXIT_FAILED)
    fail("\n".join([message, *(f"  {printable(problem['text'])}" for problem in problems)]))


def tell(changes: Sequence[Answer]) -> None:
    """Print what changes, a line each."""
    for change in changes:
        click.echo(f"  {printable(change['text'])}")
    if not changes:
        click.echo("  nothing changes")
