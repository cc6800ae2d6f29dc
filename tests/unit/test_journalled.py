"""What the engine is told to leave out is nothing that ours reads."""

from hookswitch.asterisk.configuration.base_config import (
    FIXED,
    JOURNALLED,
    MANAGER_EVENTS,
    UNUSED_EVENTS,
)
from hookswitch.calls.fold import RULES
from hookswitch.calls.ledger import TAKING


def test_every_record_that_calls_are_folded_from_is_journalled() -> None:
    of_the_engine = {name for name in (*RULES, *TAKING) if not name.startswith("hs.")}
    assert of_the_engine | {"USER_DEFINED"} == set(JOURNALLED)
    assert FIXED["cel.conf"].splitlines()[-1] == f"events={','.join(JOURNALLED)}"


def test_no_manager_event_that_is_sent_is_disabled() -> None:
    assert not set(MANAGER_EVENTS) & set(UNUSED_EVENTS)
