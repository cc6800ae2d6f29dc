"""One attempt from claim to outcome: sign, POST, classify, log."""

import traceback
from collections.abc import Callable
from typing import Any, Final

import msgspec
import structlog
from msgspec import Struct

from hookswitch.delivery.echoes import without_echoes
from hookswitch.delivery.errors import Unsendable
from hookswitch.delivery.masking import masked
from hookswitch.delivery.request import build_headers
from hookswitch.delivery.retry import RetrySettings, cancel, classify
from hookswitch.delivery.transport import Answer, Transport
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
    """Makes attempts; it always gives an outcome, whatever happens."""

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
        self._log = _log.bind()  # else it is put together anew for each line

    async def attempt(self, claim: Claim) -> Outcome:
        started_at = self._clock()
        answer = await self._answer(claim, started_at)
        if answer is None:
            outcome = cancel(claim, started_at, "the endpoint is not in the live configuration")
        else:
            outcome = classify(
                claim,
                answer,
                started_at=started_at,
                now=self._clock(),
                settings=self._settings.retry,
                random=self._random,
            )
        self._log_attempt(outcome)
        return outcome

    async def _answer(self, claim: Claim, now: Ms) -> Answer | None:
        try:
            endpoint = self._endpoints(claim.endpoint, claim.revision)
            return await self._post(claim, endpoint, now) if endpoint else None
        except Exception as error:  # noqa: BLE001  a fault of ours must not lose the delivery
            _log_fault(claim, error)
            return Answer(error="interrupted", detail="an internal error ended this attempt")

    async def _post(self, claim: Claim, endpoint: Endpoint, now: Ms) -> Answer:
        try:
            if endpoint.masks:
                body = masked(claim.body, endpoint, self._mask_key)
                claim = msgspec.structs.replace(claim, body=body)
            headers = build_headers(claim, endpoint, now)
        except Unsendable as error:
            return Answer(error="config", detail=str(error))
        deadline_s = self._settings.deadline_s
        answer = await self._transport.post(
            endpoint.url, headers, claim.body, deadline_s, endpoint.tls
        )
        return without_echoes(answer, endpoint)

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


def _log_fault(claim: Claim, error: Exception) -> None:
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
