"""What becomes of a delivery after an attempt: pure, chance and time are passed in."""

from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from msgspec import Struct

from hookswitch.delivery.transport import Answer
from hookswitch.model.delivery import Attempt, Claim, ErrorClass, Outcome
from hookswitch.model.ids import Ms

_SECOND: Final = 1000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE

LADDER: Final[tuple[Ms, ...]] = (
    5 * _SECOND,
    30 * _SECOND,
    2 * _MINUTE,
    10 * _MINUTE,
    1 * _HOUR,
    3 * _HOUR,
    6 * _HOUR,
    12 * _HOUR,
    24 * _HOUR,
)
_GONE: Final = 410
_OVERLOADED: Final = (429, 503)
_LONGEST_WAIT: Final = 24 * _HOUR
_DIGITS_OF_A_WAIT: Final = 12


class RetrySettings(Struct, frozen=True):
    """The waits after the first, second ... failure; each grows by up to `jitter` of itself."""

    ladder: tuple[Ms, ...] = LADDER
    jitter: float = 0.2


def classify(
    claim: Claim,
    answer: Answer,
    *,
    started_at: Ms,
    now: Ms,
    settings: RetrySettings,
    random: Callable[[], float],
) -> Outcome:
    """Delivered on 2xx; otherwise due again, or failed once the ladder is used up."""
    attempt = _attempt(claim, answer, started_at, now)
    if attempt.error is None:
        return Outcome(claim=claim, attempt=attempt, state="delivered")
    gone = attempt.error == "status" and answer.status == _GONE
    asked = retry_after(answer.headers, now)
    slow_until = now + asked if asked and answer.status in _OVERLOADED else None
    is_last = claim.failures >= len(settings.ladder)
    due_at = None if is_last else now + max(_jittered(claim, settings, random), asked)
    return Outcome(
        claim=claim, attempt=attempt, state="failed" if is_last else "pending",
        due_at=due_at,
        disable_endpoint=gone, slow_until=slow_until,
    )  # fmt: skip


def cancel(claim: Claim, now: Ms, detail: str) -> Outcome:
    """The outcome of a delivery that has nowhere to go."""
    attempt = Attempt(
        number=claim.attempt, started_at=now, duration_ms=0, error="config", detail=detail
    )
    return Outcome(claim=claim, attempt=attempt, state="cancelled")


def retry_after(headers: Mapping[str, str], now: Ms) -> Ms:
    """The wait the receiver asks for (seconds or an HTTP date), at most 24 hours, 0 if none."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) <= _DIGITS_OF_A_WAIT:
        wait = int(value) * _SECOND
    else:
        wait = _until_date(value, now)
    return min(max(wait, 0), _LONGEST_WAIT)


def _until_date(value: str, now: Ms) -> Ms:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return 0
    aware = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return int(aware.timestamp() * _SECOND) - now


def _jittered(claim: Claim, settings: RetrySettings, random: Callable[[], float]) -> Ms:
    return int(settings.ladder[claim.failures] * (1 + settings.jitter * random()))


def _attempt(claim: Claim, answer: Answer, started_at: Ms, now: Ms) -> Attempt:
    return Attempt(
        number=claim.attempt,
        started_at=started_at,
        duration_ms=max(0, now - started_at),
        status=answer.status,
        error=_error(answer),
        detail=answer.detail,
        response=answer.body,
    )


def _error(answer: Answer) -> ErrorClass | None:
    if answer.error is not None:
        return answer.error
    if answer.status is not None and 200 <= answer.status < 300:
        return None
    return "status"
