"""How much an endpoint is given; time and chance are passed in."""

from typing import Any

from hookswitch.delivery.gate import Gate, GateSettings
from hookswitch.model.delivery import Attempt, Claim, EndpointRuntime, Outcome, Room
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId, Ms

SETTINGS = GateSettings(most=16, begin=4, break_after=3)
CRM = EndpointId("crm")


class Endpoint:
    """A gate, and attempts by number."""

    def __init__(self, settings: GateSettings = SETTINGS, **values: Any) -> None:
        self.gate = Gate(settings, **values)
        self.now: Ms = 1_000_000
        self._number = 0

    def begin(self, *, retry: bool = False) -> Claim | None:
        self._number += 1
        claim = Claim(
            id=DeliveryId(self._number), event=EventId("e"), type="voicemail", call=CallId("c"),
            revision=1, endpoint=CRM, body=b"", attempt=1, failures=0, sequence=1, retry=retry,
        )  # fmt: skip
        return claim if self.gate.admits(claim, self.now) else None

    def end(self, claim: Claim | None, state: Any = "delivered", **values: Any) -> bool:
        assert claim is not None
        attempt = Attempt(number=1, started_at=self.now, duration_ms=1)
        outcome = Outcome(claim=claim, attempt=attempt, state=state, **values)
        return self.gate.ended(outcome, self.now, lambda: 0.0)

    def one(self, state: Any = "delivered", **values: Any) -> bool:
        self.now += 10
        return self.end(self.begin(), state, **values)

    @property
    def room(self) -> Room:
        return self.gate.room(self.now, scarce=False)


def test_a_new_endpoint_begins_small_and_grows_with_each_success() -> None:
    crm = Endpoint()
    assert crm.room == Room(4, 1, 0)
    for _ in range(5):
        crm.one()
    assert crm.room == Room(9, 2, 0)
    for _ in range(50):
        crm.one()
    assert crm.room == Room(16, 4, 0)


def test_what_is_under_way_takes_room_of_its_own_kind() -> None:
    crm = Endpoint()
    first, retry = crm.begin(), crm.begin(retry=True)
    assert crm.room == Room(3, 0, 2)
    crm.end(retry)
    crm.end(first)
    assert crm.room == Room(6, 1, 0)


def test_a_failure_halves_it_once_for_all_that_were_under_way() -> None:
    crm = Endpoint()
    for _ in range(4):
        crm.one()
    flights = [crm.begin() for _ in range(8)]
    crm.now += 5
    assert crm.gate.limit == 8
    for flight in flights[:2]:
        crm.end(flight, "pending")
    assert crm.gate.limit == 4
    crm.one("pending")
    assert crm.gate.limit == 2


def test_it_grows_slowly_after_a_failure() -> None:
    crm = Endpoint()
    crm.one("pending")
    for _ in range(2):
        crm.one()
    assert 2.5 < crm.gate.limit < 3


def test_it_never_falls_below_one() -> None:
    crm = Endpoint(GateSettings(break_after=100))
    for _ in range(20):
        crm.one("pending")
    assert crm.room == Room(1, 1, 0)


def test_failures_in_a_row_break_the_circuit_and_one_probe_closes_it() -> None:
    crm = Endpoint()
    for _ in range(3):
        crm.one("pending")
    assert crm.gate.held_until == crm.now + 5000
    assert crm.room == Room(0, 0, 0)
    assert crm.begin() is None
    crm.now += 5000
    assert crm.room == Room(1, 1, 0)
    probe = crm.begin()
    assert probe is not None
    assert crm.begin() is None, "one probe at a time"
    assert crm.room == Room(0, 0, 1)
    assert crm.end(probe)
    assert crm.gate.held_until is None
    assert crm.begin() is not None


def test_each_hold_is_longer_than_the_one_before_up_to_a_limit() -> None:
    crm = Endpoint()
    for _ in range(3):
        crm.one("pending")
    holds = []
    for _ in range(9):
        assert crm.gate.held_until is not None
        holds.append(crm.gate.held_until - crm.now)
        crm.now = crm.gate.held_until
        crm.end(crm.begin(), "pending")
    assert holds == [5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]
    crm.now = crm.gate.held_until or 0
    crm.end(crm.begin())
    for _ in range(3):
        crm.one("pending")
    assert crm.gate.held_until == crm.now + 5000


def test_a_success_between_failures_keeps_it_closed() -> None:
    crm = Endpoint()
    for _ in range(5):
        crm.one("pending")
        crm.one("pending")
        crm.one()
    assert crm.gate.held_until is None


def test_late_failures_do_not_lengthen_a_hold_and_a_late_success_ends_it() -> None:
    crm = Endpoint()
    flights = [crm.begin() for _ in range(4)]
    for flight in flights[:2]:
        crm.end(flight, "pending")
    crm.one("pending")
    held = crm.gate.held_until
    assert held is not None
    crm.now += 100
    crm.end(flights[2], "pending")
    assert crm.gate.held_until == held
    assert crm.end(flights[3])
    assert crm.gate.held_until is None


def test_a_receiver_that_asks_for_time_is_left_alone() -> None:
    crm = Endpoint()
    assert crm.one("pending", slow_until=crm.now + 60_010)
    assert crm.room == Room(0, 0, 0)
    crm.now += 60_000
    assert crm.begin() is not None


def test_it_cannot_ask_for_longer_than_our_longest_hold() -> None:
    crm = Endpoint()
    crm.one("pending", slow_until=crm.now + 86_400_000)
    assert crm.gate.held_until == crm.now + 300_000


def test_a_cancelled_delivery_tells_nothing_of_the_receiver() -> None:
    crm = Endpoint()
    for _ in range(9):
        assert not crm.one("cancelled")
    assert (crm.gate.held_until, crm.gate.failing_since, crm.gate.limit) == (None, None, 4)


def test_failing_since_the_first_failure_until_the_next_success() -> None:
    crm = Endpoint(GateSettings(break_after=100))
    assert crm.one("pending")
    since = crm.now
    assert not crm.one("failed")
    assert crm.gate.failing_since == since
    assert crm.one()
    assert crm.gate.failing_since is None


def test_one_that_hangs_has_room_for_few_beside_it() -> None:
    crm = Endpoint()
    for _ in range(12):
        crm.one()
    hanging = crm.begin()
    assert crm.room == Room(15, 4, 1)
    crm.now += 2000
    assert crm.room == Room(3, 1, 1)
    crm.end(hanging)
    assert crm.room == Room(16, 4, 0)


def test_slots_that_run_low_are_for_those_that_have_proven_themselves() -> None:
    new, proven = Endpoint(), Endpoint()
    proven.one()
    assert new.gate.room(new.now, scarce=True) == Room(1, 1, 0)
    assert proven.gate.room(proven.now, scarce=True) == Room(5, 1, 0)
    proven.one("pending")
    assert proven.gate.room(proven.now, scarce=True) == Room(1, 1, 0)


def test_a_rate_is_kept() -> None:
    crm = Endpoint(rate=5.0)
    for _ in range(8):
        if (claim := crm.begin()) is not None:
            crm.end(claim)
    assert crm.room == Room(0, 0, 0)
    crm.now += 200
    assert crm.room.first == 1
    last = crm.begin()
    assert crm.begin() is None
    crm.end(last)
    crm.now += 60_000
    assert crm.room.first == 5, "no more than a second's worth is saved up"


def test_less_than_one_a_second() -> None:
    crm = Endpoint(rate=0.1)
    crm.end(crm.begin())
    crm.now += 9_900
    assert crm.begin() is None
    crm.now += 200
    assert crm.begin() is not None


def test_what_the_store_knew_is_taken_up() -> None:
    runtime = EndpointRuntime(endpoint=CRM, held_until=1_000_500, failing_since=900_000)
    crm = Endpoint(runtime=runtime)
    assert crm.begin() is None
    assert crm.gate.failing_since == 900_000
    crm.gate.reset()
    assert crm.begin() is not None
