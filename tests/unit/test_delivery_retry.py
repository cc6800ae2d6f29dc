"""The retry ladder: pure, so time and chance are numbers here."""

import pytest

from hookswitch.delivery.retry import LADDER, RetrySettings, cancel, classify, retry_after
from hookswitch.delivery.transport import Answer
from hookswitch.model.delivery import Claim, Outcome
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId

HOUR = 3_600_000
NOW = 1_790_868_675_000  # Thu, 01 Oct 2026 15:31:15 GMT
SETTINGS = RetrySettings()


def claim(failures: int = 0) -> Claim:
    return Claim(
        id=DeliveryId(1),
        event=EventId("evt"),
        type="voicemail",
        call=CallId("c"),
        revision=1,
        endpoint=EndpointId("crm"),
        body=b"{}",
        attempt=failures + 1,
        failures=failures,
        sequence=1,
    )


def outcome(answer: Answer, failures: int = 0, chance: float = 0.0) -> Outcome:
    return classify(
        claim(failures),
        answer,
        started_at=NOW - 40,
        now=NOW,
        settings=SETTINGS,
        random=lambda: chance,
    )


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_delivered(status: int) -> None:
    result = outcome(Answer(status=status, body=b"ok"))
    assert (result.state, result.due_at, result.attempt.error) == ("delivered", None, None)
    assert (result.attempt.duration_ms, result.attempt.response) == (40, b"ok")


@pytest.mark.parametrize("status", [101, 199, 300, 301, 302, 307, 400, 401, 404, 429, 500, 503])
def test_any_other_status_is_tried_again(status: int) -> None:
    result = outcome(Answer(status=status))
    assert (result.state, result.due_at) == ("pending", NOW + 5_000)
    assert result.attempt.error == "status"
    assert not result.disable_endpoint


def test_an_answer_that_broke_off_is_a_failure_though_it_began_with_200() -> None:
    result = outcome(Answer(status=200, error="timeout", detail="too slow"))
    assert (result.state, result.attempt.status, result.attempt.error) == (
        "pending",
        200,
        "timeout",
    )


def test_the_ladder_to_its_end() -> None:
    at = [outcome(Answer(error="connect"), failures) for failures in range(10)]
    waits = [result.due_at - NOW if result.due_at else None for result in at]
    assert waits == [
        *(5_000, 30_000, 120_000, 600_000),
        *(HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR),
        None,
    ]
    assert [result.state for result in at] == ["pending"] * 9 + ["failed"]


@pytest.mark.parametrize("failures", range(9))
def test_jitter_adds_up_to_a_fifth(failures: int) -> None:
    most = outcome(Answer(status=500), failures, chance=0.999_999_9).due_at
    assert most is not None
    assert LADDER[failures] < most - NOW <= LADDER[failures] * 1.2


def test_gone_disables_the_endpoint_and_keeps_the_delivery() -> None:
    result = outcome(Answer(status=410))
    assert result.disable_endpoint
    assert result.state == "pending"


def test_a_broken_410_does_not_disable() -> None:
    assert not outcome(Answer(status=410, error="protocol")).disable_endpoint


def test_gone_at_the_last_attempt_fails_and_disables() -> None:
    result = outcome(Answer(status=410), failures=9)
    assert (result.state, result.disable_endpoint) == ("failed", True)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("0", 0),
        ("120", 120_000),
        (" 120 ", 120_000),
        ("86400", 24 * HOUR),
        ("86401", 24 * HOUR),
        ("999999999999", 24 * HOUR),
        ("9" * 5000, 0),
        ("Thu, 01 Oct 2026 15:32:15 GMT", 60_000),
        ("Thu, 01 Oct 2026 15:32:15 -0000", 60_000),
        ("Thursday, 01-Oct-26 15:32:15 GMT", 60_000),
        ("Thu, 01 Oct 2026 15:30:15 GMT", 0),
        ("Fri, 01 Oct 2126 15:30:15 GMT", 24 * HOUR),
        ("-5", 0),
        ("1.5", 0),
        ("٣", 0),
        ("soon", 0),
        ("Thu, 99 Oct 99999 15:32:15 GMT", 0),
        ("", 0),
    ],
)
def test_retry_after(value: str, wait: int) -> None:
    assert retry_after({"retry-after": value}, NOW) == wait


def test_retry_after_is_a_minimum() -> None:
    short = Answer(status=503, headers={"retry-after": "1"})
    long = Answer(status=429, headers={"retry-after": "60"})
    assert outcome(short).due_at == NOW + 5_000
    assert outcome(long).due_at == NOW + 60_000


def test_retry_after_does_not_lengthen_the_ladder() -> None:
    result = outcome(Answer(status=503, headers={"retry-after": "60"}), failures=9)
    assert result.state == "failed"


def test_a_clock_that_steps_back_gives_no_negative_duration() -> None:
    result = classify(
        claim(),
        Answer(status=200),
        started_at=NOW,
        now=NOW - 5000,
        settings=SETTINGS,
        random=lambda: 0.0,
    )
    assert result.attempt.duration_ms == 0


def test_a_removed_endpoint_cancels() -> None:
    result = cancel(claim(), NOW, "gone")
    assert (result.state, result.due_at, result.attempt.error) == ("cancelled", None, "config")
