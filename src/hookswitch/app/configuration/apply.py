"""Apply: compile, try on a throwaway engine, add files, reload, verify, switch the entry last.

The old revision stays in force until the new entry contexts are loaded and seen to be; whatever
fails before that is undone and told.
"""

import asyncio
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import structlog
from msgspec import Struct

from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.apply_errors import ApplyError, OutdatedError, explained, redacted
from hookswitch.app.configuration.leavers import forget_leavers
from hookswitch.app.configuration.live import Live
from hookswitch.app.configuration.newcomers import ask_newcomers
from hookswitch.app.configuration.rendering import ENTRY, TRUNKS, Rendered, render
from hookswitch.app.configuration.speech import Speech
from hookswitch.app.configuration.submission import Prepared, Submission, prepare
from hookswitch.app.configuration.trial import ACCOUNTS, Trial, trials
from hookswitch.app.configuration.trunk_names import Places, TrunkNames, warnings_of
from hookswitch.asterisk import logtail, throwaway
from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.configuration.files import write_atomic
from hookswitch.asterisk.configuration.modules import writes_opus
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.layout import Layout
from hookswitch.config.check import check_references
from hookswitch.config.diff import Change
from hookswitch.config.document import Document
from hookswitch.config.site import NOTHING, endpoints_of
from hookswitch.flow.compile import ENTRY_MARK
from hookswitch.media.prompts import Prompts
from hookswitch.model.ids import EndpointId
from hookswitch.store.port import AdminStore, StoreError
from hookswitch.store.rows import RevisionRow, SecretRow
from hookswitch.vault import Vault

log = structlog.get_logger(__name__)

RELOADED = {
    "pjsip_aor_plan.conf": "SIP accounts and trunks",
    "pjsip_auth_plan.conf": "SIP accounts and trunks",
    "pjsip_endpoint_plan.conf": "SIP accounts and trunks",
    "pjsip_plan.conf": "SIP accounts and trunks",
    "queues_plan.conf": "queues",
    "res_parking_plan.conf": "parking",
    "rtp_plan.conf": "audio",
    "voicemail_plan.conf": "voicemail",
}
"""By file; every other one is part of the dialplan."""
Step = Callable[[str], None]


class Applied(Struct, frozen=True):
    """A revision that went live, and how it differs from the one before."""

    revision: int
    changes: tuple[Change, ...]
    reloaded: tuple[str, ...] = ()
    """What of the engine's configuration is another now."""
    warnings: tuple[str, ...] = ()


class Applier:
    """Makes documents live, one at a time."""

    def __init__(
        self,
        engine: Engine,
        layout: Layout,
        store: AdminStore,
        vault: Vault,
        *,
        live: Live,
        prompts: Prompts,
        speech: Speech,
    ) -> None:
        self._engine = engine
        self._layout = layout
        self._store = store
        self._vault = vault
        self._live = live
        self._prompts = prompts
        self._speech = speech
        self._names = TrunkNames()
        self.missing: Places = NOTHING
        """Hosts of trunks that the engine was not told to look up."""
        self._one = asyncio.Lock()

    async def apply(
        self,
        given: Submission,
        ami: Ami | None,
        in_use: Callable[[], Collection[int]],
        step: Step = lambda _text: None,
    ) -> Applied:
        """Make it live. Without `ami` the engine takes it at its next start.

        `in_use` gives the revisions of open calls: their contexts stay loaded. What does not pass
        the checks is not kept; what fails later is kept as a failed revision, with the reason.
        """
        async with self._one:
            return await self._apply(given, ami, in_use, step)

    async def rotate_key(self) -> int:
        """Encrypt every secret with a new key; no Apply may be under way."""
        async with self._one:
            return await self._vault.rotate()

    async def _apply(
        self,
        given: Submission,
        ami: Ami | None,
        in_use: Callable[[], Collection[int]],
        step: Step,
    ) -> Applied:
        began, at = time.monotonic(), now_ms()
        live = await self._store.live_revision()
        _require_base(given, live)
        ready = await prepare(given, self._vault, live, at)
        number = await self._store.stage_revision(
            ready.archive,
            given.by,
            at,
            text=ready.text,
            origin=given.origin,
            comment=given.comment,
        )
        try:
            step(f"compiling revision {number}")
            await asyncio.to_thread(self._check_prompts, ready.document)
            self._check_recordings(ready.document)
            await self._speech.prepare(ready.document)
            missing = await self._names.missing(ready.document)
            rendered = await self._rendered(ready.document, number, missing)
            step("trying it on a throwaway engine")
            await self._try(rendered)
            reloaded = await self._make_live(number, ready, rendered, ami, step)
        except BaseException as error:
            reason = redacted(str(error) or "it was cut off", ready.all_secrets.values())
            await asyncio.shield(self._note_failed(number, reason))
            if isinstance(error, ApplyError):
                raise error.without(ready.all_secrets.values()) from None
            raise
        self.missing = missing
        self._prune({number, *in_use()})
        log.info(
            "apply.live",
            revision=number,
            by=given.by,
            origin=given.origin,
            changes=len(ready.changes),
            seconds=round(time.monotonic() - began, 3),
        )
        warnings = warnings_of(ready.document.trunks, missing)
        return Applied(number, ready.changes, reloaded, warnings)

    async def _make_live(
        self, number: int, ready: Prepared, rendered: Rendered, ami: Ami | None, step: Step
    ) -> tuple[str, ...]:
        """Switch the engine, then the store; a store that fails switches the engine back."""
        sealed = await self._vault.seal(ready.secrets, ready.at)
        was, before = self._live.document, None
        if ami is not None:
            step("reloading the engine")
            before = await self._switch(rendered, ami)
        try:
            await self._go_live(number, ready.document, sealed)
        except StoreError:
            if ami is not None and before is not None:
                await self._undo(ami, before)
            raise
        if ami is not None:
            await forget_leavers(ami, was, ready.document)
            await ask_newcomers(ami, was, ready.document)
        return _reloaded(before or {}, rendered)

    async def _note_failed(self, number: int, reason: str) -> None:
        try:
            await self._store.set_revision_failed(number, now_ms(), reason)
        except StoreError as error:
            log.warning("apply.failure_not_noted", revision=number, error=str(error))

    async def follow(self, number: int, document: Document, ami: Ami) -> None:
        """Take up a revision that another process made live."""
        async with self._one:
            if number <= self._live.revision:
                return
            await asyncio.to_thread(self._check_prompts, document)
            await self._speech.prepare(document)
            missing = await self._names.missing(document)
            rendered = await self._rendered(document, number, missing)
            await self._try(rendered)
            await self._switch(rendered, ami)
            was, self.missing = self._live.document, missing
            self._live.set(number, document)
            await forget_leavers(ami, was, document)
            await ask_newcomers(ami, was, document)

    async def look_again(self, ami: Ami) -> Sequence[str]:
        """Tell the engine of trunks whose names can be looked up now; give their addresses."""
        async with self._one:
            was, document = self.missing, self._live.document
            if not was or (missing := await self._names.missing(document)) == was:
                return ()
            rendered = await self._rendered(document, self._live.revision, missing)
            self._write(TRUNKS, rendered.files[TRUNKS])
            await ami.reload("res_pjsip.so")
            self.missing = missing
            found = sorted(was.keys() - missing.keys())
            log.info("apply.names", found=found, missing=sorted(missing))
            return [address for host in found for address in self._names.known(host)]

    async def _rendered(self, document: Document, number: int, missing: Places) -> Rendered:
        return await asyncio.to_thread(render, document, number, self._prompts.directory, missing)

    def close(self) -> None:
        self._names.close()

    async def restore(self) -> bool:
        """Write the live revision's files if the engine's differ; True if it must reload them.

        They differ after a crash in the middle of Apply, or when this version compiles otherwise.
        """
        if not self._live.revision:
            return False
        document, number = self._live.document, self._live.revision
        self.missing = await self._names.missing(document)
        rendered = await self._rendered(document, number, self.missing)
        if self._read(rendered.files) == rendered.files:
            return False
        for name, text in rendered.files.items():
            self._write(name, text)
        return True

    def _check_prompts(self, document: Document) -> None:
        """Only here is it known which prompts there are."""
        problems = check_references(document, self._prompts.names())
        if problems:
            raise ApplyError("the configuration cannot be applied", [str(p) for p in problems])

    def _check_recordings(self, document: Document) -> None:
        if document.recordings.format == "opus" and not writes_opus(self._engine):
            raise ApplyError(
                "recordings: format: this engine cannot write Ogg Opus:"
                " choose wav, or use the engine of `hookswitch engine install`"
            )

    async def _try(self, rendered: Rendered) -> None:
        whole, *more = await asyncio.to_thread(self._trials, rendered)
        found = await asyncio.gather(
            throwaway.validate(
                self._engine,
                whole.files,
                contexts=[*rendered.contexts[-1:], ENTRY_MARK],
                endpoints=whole.endpoints,
                applications=rendered.applications,
            ),
            *(throwaway.validate(self._engine, t.files, endpoints=t.endpoints) for t in more),
        )
        if problems := [problem for each in found for problem in each]:
            said = list(map(explained, problems))
            raise ApplyError("the engine does not take this configuration", said)

    def _trials(self, rendered: Rendered) -> Sequence[Trial]:
        return list(trials(rendered.files, self._read(ACCOUNTS)))

    async def _switch(self, rendered: Rendered, ami: Ami) -> Mapping[str, str | None]:
        """Add everything, verify, then write the entry; undo it all if anything is wrong.

        Gives the files as they were before.
        """
        before = self._read(rendered.files)
        start = logtail.size(self._layout.messages)
        try:
            for name, text in rendered.files.items():
                # The engine reads anew what was written: accounts take it seconds. Queues must be
                # read, as hints were; names of trunks may lead elsewhere now.
                if name != ENTRY and (name not in ACCOUNTS or before[name] != text):
                    self._write(name, text)
            await reload_engine(ami)
            await self._verify(ami, rendered.contexts[-1:], start)
            await _verify_network(ami, rendered.external_address)
            self._write(ENTRY, rendered.files[ENTRY])
            await ami.dialplan_reload()
            await self._verify_entry(ami, rendered, start)
        except (EngineError, OSError, ApplyError) as error:
            await self._undo(ami, before)
            if isinstance(error, ApplyError):
                raise
            raise ApplyError(f"the engine could not be given the configuration: {error}") from error
        return before

    async def _verify(self, ami: Ami, contexts: Sequence[str], start: int) -> None:
        """A reload says Success whatever happens: look at what it left, and at the log."""
        for context in contexts:
            if "no existence of" in await ami.command(f"dialplan show {context}"):
                raise ApplyError(f"the engine did not load context {context}")
        errors = [p for p in logtail.problems(self._layout.messages, start) if _is_ours(p)]
        if errors:
            raise ApplyError("the engine complained while it loaded the configuration", errors)

    async def _verify_entry(self, ami: Ami, rendered: Rendered, start: int) -> None:
        await self._verify(ami, [ENTRY_MARK], start)
        if f"NoOp(hs-r{rendered.revision})" not in await ami.command(f"dialplan show {ENTRY_MARK}"):
            raise ApplyError("the engine kept the old entry contexts")

    async def _undo(self, ami: Ami, before: Mapping[str, str | None]) -> None:
        now = self._read(before)
        for name, text in before.items():
            if text == now[name]:
                continue
            if text is None:
                (self._layout.etc / name).unlink(missing_ok=True)
            else:
                self._write(name, text)
        try:
            await reload_engine(ami)
        except EngineError as error:
            log.warning("apply.undo_reload_failed", error=str(error))

    async def _go_live(self, number: int, document: Document, sealed: Sequence[SecretRow]) -> None:
        new = {endpoint.id for endpoint in endpoints_of(document)}
        removed: list[EndpointId] = [e.id for e in self._live.endpoints if e.id not in new]
        await self._store.set_revision_live(number, now_ms(), removed, sealed)
        self._live.set(number, document)

    def _prune(self, keep: Collection[int]) -> None:
        """Remove the contexts of revisions that no call uses; the engine drops them later."""
        newest = sorted(self._revision_files(), reverse=True)[:2]
        for number, path in self._revision_files().items():
            if number not in keep and number not in newest:
                path.unlink(missing_ok=True)

    def _revision_files(self) -> dict[int, Path]:
        files = self._layout.revisions.glob("*.conf")
        return {int(path.stem): path for path in files if path.stem.isdigit()}

    def _read(self, names: Collection[str]) -> dict[str, str | None]:
        paths = {name: self._layout.etc / name for name in names}
        return {name: p.read_text("utf-8") if p.exists() else None for name, p in paths.items()}

    def _write(self, name: str, text: str) -> None:
        write_atomic(self._layout.etc / name, text)


def _reloaded(before: Mapping[str, str | None], rendered: Rendered) -> tuple[str, ...]:
    changed = (name for name, text in rendered.files.items() if before.get(name, text) != text)
    return tuple(dict.fromkeys(RELOADED.get(name, "dialplan") for name in changed))


def _require_base(given: Submission, live: RevisionRow | None) -> None:
    number = live.number if live else 0
    if live is not None and given.base not in {None, number}:
        raise OutdatedError(
            f"revision {number} was applied meanwhile by {live.applied_by}: see what it changed"
            f" (hookswitch history diff {given.base} {number}), then apply again"
        )


async def _verify_network(ami: Ami, external: str) -> None:
    """The engine takes new external addresses on a reload and keeps its sockets: look."""
    shown = await ami.command("pjsip show transport udp")
    found = re.search(r"(?m)^\s*external_media_address\s*:[ \t]*(\S*)", shown)
    if found is None or found[1] != external:
        raise ApplyError("the engine did not take the external address: restart hookswitch serve")


async def reload_engine(ami: Ami) -> None:
    """Hints before queues: a member whose hint was not there stays invalid for good (seen)."""
    await ami.reload("res_rtp_asterisk.so")
    await ami.reload("res_pjsip.so")
    await ami.reload("app_voicemail.so")
    await ami.reload("res_parking.so")
    await ami.reload("res_musiconhold.so")
    await ami.dialplan_reload()
    await ami.reload("app_queue.so")


def _is_ours(problem: str) -> bool:
    """Calls go on during a reload and may complain too; only the loaders speak of us."""
    return any(name in problem for name in ("pbx_config", "config.c", "sorcery", "pjsip_config"))
