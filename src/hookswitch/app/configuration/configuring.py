"""What the API and the commands ask about the configuration, in the form they give it on."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import structlog

from hookswitch.api.ports import Refused
from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.apply import Applied
from hookswitch.app.configuration.apply_errors import ApplyError, NoRevisionError, OutdatedError
from hookswitch.app.configuration.revisions import Revisions, shown
from hookswitch.app.configuration.submission import Submission
from hookswitch.config.archive import ArchiveError
from hookswitch.config.problems import InvalidDocument, Problem
from hookswitch.model.ids import Ms
from hookswitch.model.instants import iso
from hookswitch.vault import VaultError

log = structlog.get_logger(__name__)

Answer = dict[str, Any]


class Configuring:
    """Answers are plain values. Every method may raise Refused."""

    def __init__(
        self,
        revisions: Revisions,
        submit: Callable[[Submission], Awaitable[Applied]],
        rotate_key: Callable[[], Awaitable[int]],
    ) -> None:
        self._revisions = revisions
        self._submit = submit
        self._rotate_key = rotate_key

    async def apply(
        self,
        text: str,
        by: str,
        *,
        origin: str = "apply",
        comment: str = "",
        base: int | None = None,
    ) -> Answer:
        given = Submission(by=by, text=text, origin=origin, comment=comment, base=base)
        with refusing():
            return await self._apply(given)

    async def preview(self, text: str) -> Answer:
        """What applying it would change."""
        with refusing():
            return await self._preview(Submission(by="", text=text))

    async def all(self, limit: int) -> list[Answer]:
        rows = await self._revisions.all(limit)
        return [_with_instants(msgspec.structs.asdict(row)) for row in rows]

    async def one(self, name: str) -> Answer:
        with refusing():
            found = await self._revisions.one(name)
        return {
            **_with_instants(msgspec.structs.asdict(found.info)),
            "base": found.base,
            "changes": shown(found.changes),
            "document": found.document,
        }

    async def diff(self, old: str, new: str) -> list[Answer]:
        with refusing():
            return shown(await self._revisions.diff(old, new))

    async def text(self, name: str, by: str, *, secrets: bool) -> Answer:
        with refusing():
            text = await self._revisions.text(name, secrets=secrets)
        if secrets:
            log.info("secrets.exported", revision=name, by=by)
        return {"text": text}

    async def rollback(
        self, name: str, by: str, *, comment: str = "", dry_run: bool = False
    ) -> Answer:
        with refusing():
            given = await self._revisions.rollback(name, by, comment)
            return await (self._preview(given) if dry_run else self._apply(given))

    async def secrets(self) -> list[Answer]:
        """References, when each was given, and whether the live revision uses it."""
        with refusing():
            return [_with_instants(row) for row in await self._revisions.references()]

    async def rotate_key(self) -> Answer:
        with refusing():
            return {"secrets": await self._rotate_key()}

    async def _apply(self, given: Submission) -> Answer:
        began = now_ms()
        return applied_answer(await self._submit(given), began)

    async def _preview(self, given: Submission) -> Answer:
        live, ready = await self._revisions.prepare(given)
        return {"live": live, "changes": shown(ready.changes)}


def applied_answer(applied: Applied, began: Ms) -> Answer:
    return {
        "revision": applied.revision,
        "seconds": (now_ms() - began) / 1000,
        "changes": shown(applied.changes),
        "reloaded": list(applied.reloaded),
        "warnings": list(applied.warnings),
    }


def entry_of(problem: Problem) -> Answer:
    return {
        "where": problem.where,
        "field": problem.field,
        "message": problem.message,
        "mend": problem.mend,
        "line": problem.line,
        "text": str(problem),
    }


def _with_instants(row: Mapping[str, Any]) -> Answer:
    """Milliseconds are for ourselves."""
    return {name: iso(v) if name.endswith("_at") else v for name, v in row.items()}


@contextmanager
def refusing() -> Iterator[None]:
    """Translate what can be wrong with a configuration into what the API says of it."""
    try:
        yield
    except InvalidDocument as error:
        problems = [entry_of(problem) for problem in error.problems]
        raise Refused(422, "Invalid document", "nothing was changed", problems) from error
    except NoRevisionError as error:
        raise Refused(404, "Not Found", error.message) from error
    except OutdatedError as error:
        raise Refused(409, "Outdated", error.message) from error
    except ApplyError as error:
        found: Sequence[Mapping[str, Any]] = [{"text": text} for text in error.problems]
        raise Refused(409, "Not applied", error.message, found) from error
    except (VaultError, ArchiveError) as error:
        raise Refused(503, "Secrets not readable", str(error)) from error
