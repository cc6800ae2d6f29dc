"""The configuration being edited: kept with its secrets encrypted, checked, compared, applied."""

import asyncio
import hashlib
import json
import secrets as chance
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct

from hookswitch.api.ports import Refused
from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.apply import Applied
from hookswitch.app.configuration.configuring import applied_answer, entry_of, refusing
from hookswitch.app.configuration.revisions import Revisions, shown
from hookswitch.app.configuration.submission import EMPTY, Submission
from hookswitch.config import archive, draft, secrets
from hookswitch.config.check import check_references, parse, warnings
from hookswitch.config.diff import Change, diff
from hookswitch.config.document import Document
from hookswitch.config.problems import InvalidDocument, Problem
from hookswitch.config.text import without_secrets, write
from hookswitch.config.yaml import load
from hookswitch.model.instants import iso
from hookswitch.store.port import AdminStore, DraftStore, SecretStore
from hookswitch.store.rows import DraftRow, RevisionRow
from hookswitch.vault import Vault

PREFIX: Final = "draft:"
"""References of secrets that were given in the draft, until it is applied."""

Answer = dict[str, Any]


class Store(AdminStore, DraftStore, SecretStore, Protocol):
    """What a draft needs."""


class Opened(Struct, frozen=True, kw_only=True):
    """A draft, or what is live where there is none, with all that it is compared with."""

    row: DraftRow | None
    live: RevisionRow | None
    document: dict[str, Any]
    """Secrets are masked."""
    given: Mapping[str, str]
    given_at: Mapping[str, int]

    def __repr__(self) -> str:
        return f"Opened({self.tag!r})"

    @property
    def number(self) -> int:
        return self.live.number if self.live else 0

    @property
    def tag(self) -> str:
        return self.row.tag if self.row else f"live-{self.number}"


class Judged(Struct, frozen=True):
    """How a draft differs from what is live, and what is wrong with it."""

    view: str
    changes: tuple[Change, ...]
    findings: Sequence[Problem]


class Drafts:
    """`api.ports.Drafts`: one draft for all administrators, written only by who has seen it."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        revisions: Revisions,
        *,
        submit: Callable[[Submission], Awaitable[Applied]],
        prompts: Callable[[], Collection[str]],
        example: Callable[[], Mapping[str, Any]],
    ) -> None:
        self._store = store
        self._vault = vault
        self._revisions = revisions
        self._submit = submit
        self._prompts = prompts
        self._example = example
        self._applying = asyncio.Lock()
        self._last: Judged | None = None

    async def get(self) -> Answer:
        with refusing():
            return await self._shown(await self._open())

    async def view(self) -> str:
        """Cheap, for who asks all the time whether `get` would tell something new."""
        with refusing():
            row, live = await self._store.draft(), await self._store.live_revision()
            number = live.number if live else 0
            return _view(row.tag if row else f"live-{number}", number, self._prompts())

    async def put(self, document: Mapping[str, Any], tag: str, by: str) -> Answer:
        """Keep it however incomplete; its secrets go to the vault."""
        with refusing():
            document = await asyncio.to_thread(draft.whole, document)
            return await self._save(await self._open(), document, tag, by)

    async def put_text(self, text: str, tag: str, by: str) -> Answer:
        """The same from YAML, with its comments."""
        with refusing():
            source = await asyncio.to_thread(load, text)
            values = source.values
            if not isinstance(values, dict):
                raise InvalidDocument([Problem("", "", "it is not a document", "write fields")])
            masked = await asyncio.to_thread(without_secrets, source)
            return await self._save(await self._open(), values, tag, by, text=masked)

    async def text(self) -> str:
        with refusing():
            opened = await self._open()
            if opened.row is not None:
                return opened.row.text or await asyncio.to_thread(write, opened.document)
            return await self._revisions.text("live") if opened.live else write(opened.document)

    async def discard(self, tag: str) -> None:
        with refusing():
            opened = await self._open()
            if opened.row is not None:
                self._require(opened, tag)
                if not await self._store.delete_draft(expected=tag, drop=await self._given()):
                    raise self._stale(await self._open())

    async def reset(self, revision: str, tag: str, by: str) -> Answer:
        """Begin anew from a revision, with the secrets as they are now."""
        with refusing():
            found = await self._revisions.one(revision)
            return await self._save(await self._open(), found.document, tag, by, anew=True)

    async def rebase(self, tag: str, by: str) -> Answer:
        """Take what went live meanwhile as seen: the draft says how it is to be in the end."""
        with refusing():
            opened = await self._open()
            return await self._save(opened, opened.document, tag, by, anew=True)

    async def example(self, tag: str, by: str) -> Answer:
        with refusing():
            opened = await self._open()
            if opened.document.get("flows") or opened.document.get("users"):
                raise Refused(409, "Not empty", "the example is for an empty configuration only")
            return await self._save(opened, self._example(), tag, by)

    async def parsed(self) -> Document:
        """The draft as a document that can be compiled."""
        with refusing():
            return await self._parsed(await self._open())

    async def changes(self) -> list[Answer]:
        with refusing():
            return shown((await self._judged(await self._open())).changes)

    async def apply(self, tag: str, by: str, comment: str) -> Answer:
        """Make it live. A draft that somebody saved meanwhile stays, and is told from the new."""
        async with self._applying:
            with refusing():
                opened = await self._open()
                self._require(opened, tag)
                row = opened.row
                if row is None:
                    raise Refused(409, "Nothing to apply", "the draft is what is live")
                began = now_ms()
                document = await self._parsed(opened)
                given = Submission(
                    by=by, document=document, text=row.text, comment=comment, base=row.base
                )
                applied = await self._submit(given)
                if not await self._store.delete_draft(
                    expected=tag, drop=[PREFIX + n for n in opened.given]
                ):
                    await self._moved_on(applied.revision)
            return applied_answer(applied, began)

    async def reveal(self, reference: str) -> str:
        """A secret of the draft or of what is live."""
        with refusing():
            found = await self._values(await self._open(), [reference])
        if reference not in found:
            raise Refused(404, "Not Found", "no secret of the configuration has that reference")
        return found[reference]

    async def _values(self, opened: Opened, references: Iterable[str]) -> Mapping[str, str]:
        """Of those of the draft and of what is live; others are left out."""
        wanted = set(references)
        live = archive.kept(opened.live.document) if opened.live else {}
        found = (await self._vault.find(wanted & live.keys())).reveal()
        return {**found, **{name: opened.given[name] for name in wanted & opened.given.keys()}}

    async def _open(self) -> Opened:
        row, live = await self._store.draft(), await self._store.live_revision()
        if row is None:
            document = archive.shown(live.document if live else EMPTY)
            return Opened(row=None, live=live, document=document, given={}, given_at={})
        found = await self._vault.find(await self._given())
        return Opened(
            row=row,
            live=live,
            document=json.loads(row.document),
            given={_bare(name): value for name, value in found.reveal().items()},
            given_at={_bare(name): at for name, at in found.set_at.items()},
        )

    async def _given(self) -> list[str]:
        return [name for name in await self._vault.references() if name.startswith(PREFIX)]

    async def _save(
        self,
        opened: Opened,
        document: Mapping[str, Any],
        tag: str,
        by: str,
        *,
        text: str = "",
        anew: bool = False,
    ) -> Answer:
        self._require(opened, tag)
        moved = await asyncio.to_thread(draft.taken_over, document, opened.document)
        values = await self._values(opened, moved.values())
        known = {new: values[old] for new, old in moved.items() if old in values}
        document = await asyncio.to_thread(draft.unnamed, document, known)
        masked, given = await asyncio.to_thread(draft.taken_out, document)
        kept = (await self._vault.find(given)).reveal()
        new = {name: value for name, value in given.items() if kept.get(name) != value}
        unchanged = opened.row is not None and masked == opened.document
        at = now_ms()
        row = DraftRow(
            tag=chance.token_hex(8),
            base=opened.row.base if opened.row and not anew else opened.number,
            document=json.dumps(masked, ensure_ascii=True),
            text=opened.row.text if opened.row and unchanged and not text else text,
            changed_at=at,
            changed_by=by,
        )
        saved = await self._store.save_draft(
            row,
            expected=opened.row.tag if opened.row else "",
            secrets=await self._vault.seal({PREFIX + n: value for n, value in new.items()}, at),
            drop=[PREFIX + name for name in given if name not in new],
        )
        if not saved:
            raise self._stale(await self._open())
        return await self._shown(await self._open())

    async def _shown(self, opened: Opened) -> Answer:
        row, judged = opened.row, await self._judged(opened)
        return {
            "document": await asyncio.to_thread(draft.naming, opened.document),
            "base": row.base if row else opened.number,
            "live": opened.number,
            "changes": len(judged.changes),
            "findings": [_finding(problem) for problem in judged.findings],
            "etag": opened.tag,
            "view": judged.view,
            "changed_by": row.changed_by if row else "",
            "changed_at": iso(row.changed_at) if row else None,
        }

    async def _judged(self, opened: Opened) -> Judged:
        """What is wrong with it and new in it; the last one is kept: every open page asks."""
        prompts = frozenset(self._prompts())
        view = _view(opened.tag, opened.number, prompts)
        if self._last is None or self._last.view != view:
            try:
                document = await self._parsed(opened)
            except InvalidDocument as error:
                changes = await asyncio.to_thread(_changes, opened, None)
                self._last = Judged(view, changes, error.problems)
            else:
                changes, findings = await asyncio.to_thread(_judge, opened, document, prompts)
                self._last = Judged(view, changes, findings)
        return self._last

    async def _parsed(self, opened: Opened) -> Document:
        raw = await asyncio.to_thread(draft.filled, opened.document, opened.given)
        kept = await self._vault.find(secrets.wanted(raw), damaged=False)
        return await asyncio.to_thread(parse, raw, kept.reveal())

    def _require(self, opened: Opened, tag: str) -> None:
        if tag not in {opened.tag, "*"}:
            raise self._stale(opened)

    def _stale(self, opened: Opened) -> Refused:
        who = "a new revision went live"
        if opened.row is not None:
            who = f"{opened.row.changed_by} changed it at {iso(opened.row.changed_at)}"
        return Refused(
            412,
            "Draft changed",
            f"the draft is not the one you have seen: {who}. Load it again",
            headers={"ETag": f'"{opened.tag}"'},
        )

    async def _moved_on(self, revision: int) -> None:
        row = await self._store.draft()
        if row is not None:
            moved = msgspec.structs.replace(row, base=revision)
            await self._store.save_draft(moved, expected=row.tag)


def _judge(
    opened: Opened, document: Document, prompts: frozenset[str]
) -> tuple[tuple[Change, ...], Sequence[Problem]]:
    problems = check_references(document, prompts)
    return _changes(opened, document), [*problems, *warnings(document)]


def _changes(opened: Opened, document: Document | None) -> tuple[Change, ...]:
    """How it differs from what is live, also while it is no document yet."""
    if opened.row is None:
        return ()
    live, set_at = archive.opened(opened.live.document if opened.live else EMPTY)
    set_at |= opened.given_at
    if document is None:
        return diff(live, draft.plain(opened.document, set_at))
    at = _Always(set_at)
    return diff(live, secrets.taken_out(document, lambda ref: archive.Kept(ref, at[ref])))


def _view(tag: str, live: int, prompts: Collection[str]) -> str:
    """Another one whenever `get` would answer otherwise."""
    names = hashlib.sha256(json.dumps(sorted(prompts)).encode()).hexdigest()[:12]
    return f"{tag}-{live}-{names}"


class _Always(dict[str, int]):
    """A secret that is in no store yet was given just now."""

    def __missing__(self, _reference: str) -> int:
        return 0


def _bare(reference: str) -> str:
    return reference.removeprefix(PREFIX)


def _finding(problem: Problem) -> Answer:
    """`loc` leads to the value: names and indices from the document's top."""
    return {**entry_of(problem), "severity": problem.severity, "loc": list(problem.loc)}
