"""The parts of a call that facts carry."""

from hookswitch.model.calls import CallState
from hookswitch.model.facts import CallInfo, Fact

Folded = tuple[CallState, tuple[Fact, ...]]
"""A call after an observation, and the facts it gave."""


def info(call: CallState) -> CallInfo:
    return CallInfo(
        id=call.id,
        started_at=call.started_at,
        caller=call.caller,
        dest_number=call.dest_number,
        revision=call.revision,
        linked=call.linked,
        client_ref=call.client_ref,
    )
