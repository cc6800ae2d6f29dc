"""Calls that wait in a Webhook object: the first attempt's outcome sends them on.

The dialplan waits for a variable, no longer than its limit, and also goes on without us; an answer
that comes too late sets a variable nobody looks at.
"""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from msgspec import Struct

from hookswitch.app.configuration.live import Live
from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.errors import EngineError
from hookswitch.events.wire import event_id
from hookswitch.flow.nodes.webhook.reply import FAILED, TIMEOUT, Question, meaning
from hookswitch.model.delivery import Attempt, Outcome
from hookswitch.model.events import COMPONENT_EVENT
from hookswitch.model.facts import CallEnded, Fact, WebhookReached
from hookswitch.model.ids import CallId, EventId

log = structlog.get_logger(__name__)


class Asking(Struct, frozen=True):
    """A channel that waits."""

    call: CallId
    channel: str
    number: int
    question: Question


class WaitingCalls:
    """Hears of commits and outcomes; answers over the manager connection."""

    def __init__(self, live: Live, ami: Callable[[], Ami]) -> None:
        self._live = live
        self._ami = ami
        self._asking: dict[EventId, Asking] = {}
        self._answering: set[asyncio.Task[None]] = set()

    def committed(self, facts: Sequence[Fact]) -> None:
        """Note who waits; call it before the deliveries can be sent."""
        for fact in facts:
            if isinstance(fact, WebhookReached) and fact.channel:
                self._note(fact)
            elif isinstance(fact, CallEnded):
                self._forget(fact.call.id)

    def attempted(self, outcome: Outcome) -> None:
        """Send the call on that waits for this one, if any does."""
        self.answered(outcome.claim.event, outcome.attempt)

    @property
    def asking(self) -> Sequence[tuple[EventId, CallId]]:
        """The events that calls wait for, each with its call."""
        return [(event, asking.call) for event, asking in self._asking.items()]

    def answered(self, event: EventId, attempt: Attempt) -> None:
        """Send the call on that waits for this event, if any does."""
        asking = self._asking.pop(event, None)
        if asking is None:
            return
        task = asyncio.create_task(self._answer(asking, _word(asking.question, attempt)))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def close(self) -> None:
        await asyncio.gather(*self._answering, return_exceptions=True)

    def _note(self, fact: WebhookReached) -> None:
        question = self._live.question(fact.call.revision, fact.node)
        if question is not None:
            event = event_id(fact.call.id, fact.node, COMPONENT_EVENT, fact.ordinal)
            self._asking[event] = Asking(fact.call.id, fact.channel, fact.ask, question)

    def _forget(self, call: CallId) -> None:
        for event in [event for event, asking in self._asking.items() if asking.call == call]:
            del self._asking[event]

    async def _answer(self, asking: Asking, word: str) -> None:
        variable = f"HS_ANSWER{asking.number}"
        try:
            await self._ami().action(
                "Setvar", Channel=asking.channel, Variable=variable, Value=word
            )
        except EngineError as error:  # it hung up, or the engine is gone
            log.info("webhook.not_answered", call_id=asking.call, answer=word, why=str(error))
        else:
            log.info("webhook.answered", call_id=asking.call, answer=word)


def _word(question: Question, attempt: Attempt) -> str:
    """One of the words the dialplan knows."""
    if attempt.error is None:
        return meaning(question, attempt.response)
    return TIMEOUT if attempt.error == "timeout" else FAILED
