"""One attempt from claim to outcome: sign, POST, classify, log."""

import traceback
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec
import structlog
from msgspec import Struct

from hookswitch.delivery.echoes import without_echoes
from hookswitch.delivery.errors import Unsendable
from hookswitch.delivery.masking import masked
from hookswitch.delivery.request import Prepared, build_head, prepare
from hookswitch.delivery.retry import RetrySettings, cancel, classify
from hookswitch.delivery.transport import Answer, Request, Transport
from hookswitch.model.delivery import Claim, Outcome
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import EndpointId, Ms
from hookswitch.model.secret import Secret

Endpoints = Callable[[EndpointId, int], Endpoint | None]
"""Gives the live settings of an endpoint for an event of a revision, or None if it is gone."""

_log: Final[Any] = structlog.get_logger("hookswitch.delivery")


class SendSettings(Struct, frozen=True, kw_only=True):
    """`deadline_s` covers an attempt from the name's look-up to the answer's last byte."""

    deadline_s: float = 15.0
    retry: RetrySettings = RetrySettings()


class Sender:
    """Makes attempts; each comes to an outcome, whatever happens."""

    def __init__(
        self,
        transport: Transport,
        endpoints: Endpoints,
        clock: Callable[[], Ms],
        random: Callable[[], float],
        settings: SendSettings,
        *,
        mask_key: Callable[[], Secret],
    ) -> None:
        self._transport = transport
        self._endpoints = endpoints
        self._clock = clock
        self._random = random
        self._settings = settings
        self._mask_key = mask_key
        self._prepared: dict[EndpointId, tuple[Endpoint, Prepared]] = {}
        self._log = _log.bind()  # else it is put together anew for each line

    def attempt(self, claim: Claim, done: Callable[[Outcome], None]) -> None:
        """Call `done` once: at once for what cannot be sent, else when it is answered or fails."""
        started_at = self._clock()
        try:
            endpoint = self._endpoints(claim.endpoint, claim.revision)
            if endpoint is not None:
                request = self._request(claim, endpoint, started_at)
                answered = partial(self._answered, claim, endpoint, started_at, done)
                self._transport.send(request, answered)
                return
            self._prepared.pop(claim.endpoint, None)
            outcome = cancel(claim, started_at, "the endpoint is not in the live configuration")
        except Unsendable as error:
            outcome = self._classify(claim, Answer(error="config", detail=str(error)), started_at)
        except Exception as error:  # noqa: BLE001  a fault of ours must not lose the delivery
            outcome = self._classify(claim, _interrupted(claim, error), started_at)
        self._log_attempt(outcome)
        done(outcome)

    def _request(self, claim: Claim, endpoint: Endpoint, now: Ms) -> Request:
        if endpoint.masks:
            body = masked(claim.body, endpoint, self._mask_key)
            claim = msgspec.structs.replace(claim, body=body)
        known = self._prepared.get(endpoint.id)
        if known is None or known[0] is not endpoint:
            known = self._prepared[endpoint.id] = (endpoint, prepare(endpoint))
        return Request(
            url=endpoint.url,
            head=build_head(claim, known[1], now),
            body=claim.body,
            deadline_s=self._settings.deadline_s,
            tls=endpoint.tls,
        )

    def _answered(
        self,
        claim: Claim,
        endpoint: Endpoint,
        started_at: Ms,
        done: Callable[[Outcome], None],
        answer: Answer | Exception,
    ) -> None:
        if isinstance(answer, Exception):
            answer = _interrupted(claim, answer)
        outcome = self._classify(claim, without_echoes(answer, endpoint), started_at)
        self._log_attempt(outcome)
        done(outcome)

    def _classify(self, claim: Claim, answer: Answer, started_at: Ms) -> Outcome:
        return classify(
            claim,
            answer,
            started_at=started_at,
            now=self._clock(),
            settings=self._settings.retry,
            random=self._random,
        )

    def _log_attempt(self, outcome: Outcome) -> None:
        claim, attempt = outcome.claim, outcome.attempt
        self._log.info(
            "delivery.attempt",
            event_id=claim.event,
            call_id=claim.call,
            endpoint_id=claim.endpoint,
            type=claim.type,
            attempt=attempt.number,
            state=outcome.state,
            status=attempt.status,
            error=attempt.error,
            duration_ms=attempt.duration_ms,
            next_due=outcome.due_at,
        )


def _interrupted(claim: Claim, error: Exception) -> Answer:
    """Log where it happened but not its text, which may hold a URL or a header."""
    places = [
        f"{place.filename}:{place.lineno}" for place in traceback.extract_tb(error.__traceback__)
    ]
    _log.error(
        "delivery.fault",
        event_id=claim.event,
        endpoint_id=claim.endpoint,
        fault=type(error).__name__,
        at=places[-3:],
    )
    return Answer(error="interrupted", detail="an internal error ended this attempt")
