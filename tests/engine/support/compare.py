"""Compares what came with what a row expects, against the wire contract.

The field names are written out here once more: the product's own tables are on trial.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from standardwebhooks.webhooks import Webhook
from support.audio import Audio, links_of
from support.player import OUTSIDE, Outcome, expanded, number_of
from support.receiver import Request
from support.serving import CARRIER_HOST, GATEWAY_HOST
from support.site import SUBSCRIBERS, TRIGGERS, Endpoint, Place
from support.table import FIRST, Aside, Row

from hookswitch.phone import Call
from hookswitch.phone.address import parse_uri
from hookswitch.receiver import parse, verify
from hookswitch.store.rows import DeliveryRow

Entry = tuple[str, Mapping[str, Any]]
"""An event's type and what is expected of it."""

TOLERANCE = 1
"""Seconds by which durations and times may differ, besides what our own phones are late."""
COMPONENT = "webhook_component_event"
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_CALL_ID = re.compile(r"[0-9A-Za-z._-]{1,64}")
REF = "x-hookswitch-client-ref"
LINKED = "x-hookswitch-linked-call"
_HEADERS = {
    "host", "content-length", "accept", "accept-encoding", "user-agent", "x-pbx-token",
    "webhook-id", "webhook-timestamp", "webhook-signature", "x-hookswitch-attempt",
    "x-hookswitch-call-sequence", "x-hookswitch-final", LINKED, REF,
}  # fmt: skip
_TIMES = ("call_start_at", "connected_at")
_DURATIONS = {"call_duration": "call", "conversation_duration": "talk"}
_MEASURED = ("unique_call_id", *_TIMES, *_DURATIONS)
_MESSAGE = ("unique_call_id", "recorded_at", "audio_file")
_RECORDING = ("unique_call_id", "recorded_at", "call_recording_link")
_VISITS = {"queue_call": "queue_name", "ring_group_call": "ring_group_name"}
_MAIL = ("emails", "email_subject", "email_message")
FRAME_S = 0.02
"""What a packet of audio holds."""
BEGINS_S = 0.25
"""What passes at most from an answer to the first sound in its recording."""
SHARE = 0.9
"""Of a talk that must be in its recording."""


def differences(outcome: Outcome) -> list[str]:
    """Everything that is not as the row says; nothing when it passed."""
    return list(_differences(outcome))


def _differences(outcome: Outcome) -> Iterator[str]:
    yield from outcome.problems
    yield from _phones(outcome)
    calls: dict[str, list[Request]] = {}
    row = outcome.place.row
    came = outcome.requests
    if row.apart:
        came, repeated = _once_each(came)
        yield from repeated
    for request in came:
        calls.setdefault(request.event["unique_call_id"], []).append(request)
    wanted = sum(bool(each) for each in (*[row.expect] * row.calls, *(a.expect for a in row.aside)))
    if len(calls) != wanted:
        yield f"{len(calls)} calls gave webhooks, not {wanted}: {sorted(calls)}"
    callers = sorted(_caller_of(requests[0].event) for requests in calls.values())
    if callers != sorted(_callers(outcome.place))[: len(callers)]:
        yield f"callers {callers}"
    for call, requests in calls.items():
        yield from (f"call {call}: {text}" for text in _call(outcome, call, requests))


def _once_each(requests: Sequence[Request]) -> tuple[list[Request], list[str]]:
    """The first of each; what came again after a kill must be the same."""
    first: dict[tuple[str, str], Request] = {}
    for request in requests:
        first.setdefault((request.path, request.id), request)
    others = [r for r in requests if _fixed(r) != _fixed(first[r.path, r.id])]
    return list(first.values()), [f"{r.id} came again as another" for r in others]


def _fixed(request: Request) -> object:
    return request.body, request.sequence


def _phones(outcome: Outcome) -> Iterator[str]:
    """Who has no event was not rung; who has rang once a leg."""
    row = outcome.place.row
    for phone, calls in outcome.taken.items():
        if phone == OUTSIDE:
            if len(calls) != row.outside.get("offered", row.calls):
                yield f"the trunk was called {len(calls)} times"
            yield from _shown("the trunk", calls, row.outside, outcome.place)
            continue
        legs = sum(
            kind == "user_inbound_completed"
            and wanted.get("user") == phone[0]
            and wanted.get("taken", True)
            for call in outcome.events
            for kind, wanted in _expected(outcome, call)
        )
        legs += bool(row.caller.clicks) and phone[0] == row.caller.origin[0]
        reached = row.phones[phone]["does"] != "unregistered"
        if len(calls) != row.phones[phone].get("offered", legs if reached else 0):
            yield f"phone {phone} was called {len(calls)} times"
        yield from _shown(f"phone {phone}", calls, row.phones[phone], outcome.place)
        for whom, wanted in row.phones[phone].get("lamps", {}).items():
            told = outcome.lamps[phone][outcome.place.address(whom)]
            if [state for state, _ in groupby(told)] != wanted:
                yield f"phone {phone} was told of {whom}: {told}"


def _shown(
    who: str, calls: Sequence[Call], script: Mapping[str, Any], place: Place
) -> Iterator[str]:
    """What each call's INVITE says: the name, the number, headers, and which trunk it is for."""
    hosts = {"carrier": CARRIER_HOST, "own": GATEWAY_HOST}
    for n, call in enumerate(calls):
        said = {
            "shown": call.remote_name,
            "number": call.remote_number,
            "through": parse_uri(call.request.uri).host,
        }
        for what in said.keys() & script.keys():
            wanted = _of_each(script[what], n)
            if what == "number":
                wanted = place.address(wanted)
            if said[what] != (hosts[wanted] if what == "through" else wanted):
                yield f"{who} showed the {what} {said[what]!r}, not {wanted!r}"
        for name, part in script.get("headers", {}).items():
            value = call.request.get(name)
            if bool(value) != bool(part) or (part or "") not in value:
                yield f"{who} showed {name}: {value!r}, not {part!r}"


def _of_each(wanted: Any, n: int) -> Any:
    """A list is of each call in turn."""
    return wanted[min(n, len(wanted) - 1)] if isinstance(wanted, list) else wanted


def _callers(place: Place) -> list[str]:
    row = place.row
    main = _main_callers(place) if row.expect else []
    return [*main, *(_aside_caller(place, a) for a in row.aside if a.expect)]


def _aside_caller(place: Place, aside: Aside) -> str:
    return aside.number if aside.origin == "trunk" else place.extensions[aside.origin[0]]


def _main_callers(place: Place) -> list[str]:
    row = place.row
    if row.caller.origin != "trunk":
        return [place.extensions[row.caller.origin[0]]] * row.calls
    if "number" in row.caller.seen_as:
        return [row.caller.seen_as["number"]] * row.calls
    return [number_of(row.caller, n) for n in range(row.calls)]


def _caller_of(event: Mapping[str, Any]) -> str:
    """Who called, which is not always what is shown outside."""
    kind = event["type"]
    is_ours = kind in {COMPONENT, "recording_outbound"} or kind.startswith("user_outbound")
    return str(event["user_number" if is_ours else "caller_id"])


def _call(outcome: Outcome, call: str, requests: Sequence[Request]) -> Iterator[str]:
    if not _CALL_ID.fullmatch(call):
        yield "not an id"
    wanted = _aligned(outcome, call)
    endpoints = {e.path: e for e in (*SUBSCRIBERS.values(), *outcome.place.objects.values())}
    for path in sorted({request.path for request in requests} - set(endpoints)):
        yield f"nobody's path {path}"
    for path, endpoint in endpoints.items():
        came = [request for request in requests if request.path == path]
        should = [entry for entry in wanted if _is_for(entry, endpoint, outcome.place)]
        yield from (f"{endpoint.name}: {t}" for t in _endpoint(outcome, endpoint, came, should))
    yield from _stored(outcome, call, requests, wanted)
    started = [r.event["call_start_at"] for r in requests if "call_start_at" in r.event]
    if len(set(started)) > 1:
        yield "events disagree about call_start_at"


def _aligned(outcome: Outcome, call: str) -> Sequence[Entry]:
    """What is expected, each group in the order in which its events came."""
    left = _expected(outcome, call)
    found: list[Entry] = []
    events = {event.id: event for event in outcome.events[call]}
    in_order = dict.fromkeys(row.event for row in sorted(outcome.deliveries[call], key=_row_id))
    for event in (events[identifier] for identifier in in_order if left):
        group = [entry for entry in left if entry[1]["group"] == left[0][1]["group"]]
        body = json.loads(event.body)
        fits = [entry for entry in group if _fits(entry, event.type, body, outcome.place)]
        found += (fits or group)[:1]
        left = _without(left, (fits or group)[:1])
    return [*found, *left]


def _row_id(row: DeliveryRow) -> int:
    return row.id


def _expected(outcome: Outcome, call: str) -> list[Entry]:
    """What this call is expected to give: its caller tells which of the row's it is."""
    bodies = [json.loads(event.body) for event in outcome.events[call]]
    caller, place = _caller_of(bodies[0]), outcome.place
    asides = [a for a in place.row.aside if a.expect and _aside_caller(place, a) == caller]
    first = next((body["user_number"] for body in bodies if body["type"] == "user_inbound"), "")
    users = {number: user for user, number in place.extensions.items()}
    return [
        (
            kind,
            {**wanted, "user": users.get(first, FIRST)} if wanted.get("user") == FIRST else wanted,
        )
        for kind, wanted in expanded(asides[0].expect if asides else place.row.expect)
    ]


def _without(entries: Sequence[Entry], one: Sequence[Entry]) -> list[Entry]:
    at = entries.index(one[0]) if one else len(entries)
    return [*entries[:at], *entries[at + 1 :]]


def _fits(entry: Entry, kind: str, body: Mapping[str, Any], place: Place) -> bool:
    user = entry[1].get("user")
    return entry[0] == kind and (user is None or body["user_number"] == place.extensions[user])


def _is_for(entry: Entry, endpoint: Endpoint, place: Place) -> bool:
    kind, wanted = entry
    if kind == COMPONENT:
        return place.objects[wanted["object"]] == endpoint
    return kind in TRIGGERS.get(endpoint.name, ())


def _endpoint(
    outcome: Outcome,
    endpoint: Endpoint,
    came: Sequence[Request],
    should: Sequence[Entry],
) -> Iterator[str]:
    kinds = [request.event["type"] for request in came]
    if kinds != [kind for kind, _ in should]:
        yield f"got {kinds}, expected {[kind for kind, _ in should]}"
        return
    if [r.sequence for r in came] != list(range(1, len(came) + 1)):
        yield f"sequence {[r.sequence for r in came]}"
    if len({request.id for request in came}) != len(came):
        yield "a webhook-id came twice"
    if any("x-hookswitch-final" in request.headers for request in came[:-1]):
        yield "final before the last"
    for request, (kind, wanted) in zip(came, should, strict=True):
        found = (
            *_headers(request, endpoint, outcome.place.row),
            *_linked(outcome, request, wanted),
            *_body(outcome, request, kind, wanted),
        )
        yield from (f"{kind} {request.sequence}: {text}" for text in found)


def _headers(request: Request, endpoint: Endpoint, row: Row) -> Iterator[str]:
    secret, ref = endpoint.signing_secret, row.caller.clicks
    verify(request.headers, request.body, signing_secret=secret, token=endpoint.token)
    Webhook(secret).verify(request.body, dict(request.headers))
    fixed = {
        "content-type": "application/json",
        **{name.lower(): value for name, value in endpoint.headers.items()},
    }
    for name, value in fixed.items():
        if request.headers.get(name) != value:
            yield f"header {name}: {request.headers.get(name)!r}"
    if request.attempt != 1 and not row.apart:
        yield f"attempt {request.attempt}"
    if request.headers.get(REF, "") != ref:
        yield f"client ref {request.headers.get(REF)!r}"
    if others := set(request.headers) - {*fixed, *_HEADERS}:
        yield f"headers {sorted(others)} have no business here"
    if not request.headers["user-agent"].startswith("Hookswitch/"):
        yield "user agent"


def _linked(outcome: Outcome, request: Request, wanted: Mapping[str, Any]) -> Iterator[str]:
    """`linked: true` names the row's main call; `either` came in the very moment of a transfer."""
    said, main = request.headers.get(LINKED), _main_call(outcome)
    allowed = {True: (main,), "either": (main, None), False: (None,)}[wanted.get("linked", False)]
    if said not in allowed:
        yield f"linked to {said}, not to {allowed}"


def _main_call(outcome: Outcome) -> str | None:
    callers = _main_callers(outcome.place)
    calls = {r.event["unique_call_id"]: _caller_of(r.event) for r in outcome.requests}
    return next((call for call, caller in calls.items() if caller in callers), None)


def _body(
    outcome: Outcome, request: Request, kind: str, wanted: Mapping[str, Any]
) -> Iterator[str]:
    parse(request.body)
    event = request.event
    fields = _fields(outcome.place, kind, wanted, event)
    measured = _measured(kind)
    if set(event) != {*fields, *_measured(kind)}:
        yield f"fields {sorted(event)}"
    told = {name: value for name, value in event.items() if name not in measured}
    if told != fields:
        yield f"{told}, expected {fields}"
    for name in measured:
        yield from (f"{name}: {text}" for text in _measure(outcome, name, event[name], wanted))
    for link in links_of(event):
        yield from _listen(outcome, outcome.audio[link], wanted)


def _measured(kind: str) -> Sequence[str]:
    return {
        "user_inbound": _MEASURED[:2],
        "user_inbound_answered": _MEASURED[:3],
        "user_inbound_completed": _MEASURED,
        "queue_call": _MEASURED,
        "ring_group_call": _MEASURED,
        "voicemail": _MESSAGE,
        "recording_inbound": _RECORDING,
        "recording_outbound": _RECORDING,
        "user_outbound": _MEASURED[:2],
        "user_outbound_answered": _MEASURED[:3],
        "user_outbound_completed": _MEASURED,
        COMPONENT: _MEASURED[:2],
    }[kind]


def _fields(
    place: Place, kind: str, wanted: Mapping[str, Any], event: Mapping[str, Any]
) -> dict[str, Any]:
    """The values that are known beforehand; whose call it is was compared for all calls."""
    number = _caller_of(event)
    common = {"type": kind, "dest_number": _dest(place, number)}
    name = _caller_name(place, number)
    if kind == COMPONENT:
        component = place.component_names[wanted["object"]]
        return {**common, "user_number": number, "user_name": name, "component_name": component}
    if kind == "recording_inbound":
        return {**common, "caller_id": number, **_mail(place, wanted)}
    if kind.startswith("user_outbound") or kind == "recording_outbound":
        shown = place.address(wanted.get("shown", number))
        caller = {"user_name": place.names[wanted["user"]]}
        caller["user_number"] = place.extensions[wanted["user"]]
        mail = _mail(place, wanted) if kind == "recording_outbound" else {}
        return {**common, "caller_id": shown, **caller, **mail}
    common |= {"caller_id": number, "caller_name": name}
    if kind == "voicemail":
        return {**common, **_mail(place, wanted)}
    user = wanted.get("user")
    common |= {
        "user_name": place.names[user] if user else "",
        "user_number": place.extensions[user] if user else "",
    }
    if kind in _VISITS:
        visit = {_VISITS[kind]: place.object_names[wanted["object"]], "status": wanted["status"]}
        return {**common, **visit}
    through = {field: wanted.get(field) for field in ("queue", "ring_group")}
    names = {f"{field}_name": node and place.object_names[node] for field, node in through.items()}
    return {**common, **names}


def _mail(place: Place, wanted: Mapping[str, Any]) -> dict[str, str]:
    return {field: wanted.get(field, "").replace("{number}", place.number) for field in _MAIL}


def _dest(place: Place, caller: str) -> str:
    asides = (a for a in place.row.aside if a.expect and _aside_caller(place, a) == caller)
    return next((place.address(aside.dials) for aside in asides), place.dest)


def _caller_name(place: Place, number: str) -> str:
    caller = place.row.caller
    for aside in place.row.aside:
        if aside.origin != "trunk" and aside.expect and _aside_caller(place, aside) == number:
            return place.names[aside.origin[0]]
    if any(_aside_caller(place, a) == number for a in place.row.aside if a.origin == "trunk"):
        return ""
    if caller.origin != "trunk":
        return place.names[caller.origin[0]]
    return caller.seen_as.get("name", caller.name or "")


def _measure(outcome: Outcome, name: str, value: Any, wanted: Mapping[str, Any]) -> Iterator[str]:
    if name in _DURATIONS:
        should = wanted[_DURATIONS[name]]
        least, most = should - TOLERANCE, should + TOLERANCE + _late(outcome)
        if type(value) is not int or not least <= value <= most:
            yield f"{value!r}, expected {should}"
    elif name in {*_TIMES, "recorded_at"}:
        yield from _time(outcome, name, value, wanted)


def _late(outcome: Outcome) -> float:
    """By how much all may take longer than the row means.

    Our phones were late; or what they waited for was: webhooks, Apply, a killed engine that is
    back, which is what ends its calls.
    """
    if not outcome.place.row.apart or not outcome.placed:
        return outcome.late
    wanted = [wanted for _, wanted in expanded(outcome.place.row.expect)]
    planned = max((each.get("call", 0) for each in wanted), default=0)
    first = outcome.placed[0]
    ended = first.moments[-1].epoch if outcome.back_at == math.inf else outcome.back_at
    return max(outcome.late, ended - first.moment("sent INVITE").epoch - planned)


def _listen(outcome: Outcome, audio: Audio, wanted: Mapping[str, Any]) -> Iterator[str]:
    """As long as the talk, or longer by what came before it; each voice in it, or not at all."""
    hears = wanted.get("hears", ())
    sent = min([wanted["seconds"] - outcome.late, *(_sent(outcome, hertz) for hertz in hears)])
    talk = sent - BEGINS_S
    if audio.seconds < SHARE * talk:
        yield f"{audio.seconds} s of audio, expected {talk}"
    for hertz in hears:
        if (heard := audio.heard(hertz)) < SHARE * talk:
            yield f"{hertz} Hz is heard for {heard} s only, of {talk}"
    for hertz in wanted.get("not", ()):
        if (heard := audio.heard(hertz)) > 0:
            yield f"{hertz} Hz is heard for {heard} s"


def _sent(outcome: Outcome, hertz: int) -> float:
    """Seconds of this tone that the called phone sent: on a busy machine it may send less."""
    phones = outcome.place.row.phones
    calls = [
        c for name, p in phones.items() if p.get("sound") == hertz for c in outcome.taken[name]
    ]
    return max((call.media.sent * FRAME_S for call in calls), default=math.inf)


def _time(outcome: Outcome, name: str, value: Any, wanted: Mapping[str, Any]) -> Iterator[str]:
    if name == "connected_at" and not wanted.get("talk") and "call" in wanted:
        if value is not None:
            yield f"{value!r}, but nobody answered"
        return
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        yield f"{value!r} is not a timestamp"
        return
    at = datetime.fromisoformat(value).timestamp()
    if name == "call_start_at":
        near = [call.moment("sent INVITE").epoch for call in outcome.placed]
        near += [c.moment("received INVITE").epoch for c in _clicked(outcome)]
    elif name == "recorded_at" and "mailbox" in wanted:
        near = [call.moments[-1].epoch for call in outcome.placed]
    else:
        taken = [call for calls in outcome.taken.values() for call in calls]
        near = [m.epoch for call in taken for m in call.moments if m.what == "sent 200"]
        near += [m.epoch for c in outcome.placed for m in c.moments if m.what == "received 200"]
    if not any(abs(at - moment) <= TOLERANCE + outcome.late for moment in near):
        yield f"{value} is not near any of {near}"


def _clicked(outcome: Outcome) -> Sequence[Call]:
    caller = outcome.place.row.caller
    return outcome.taken[caller.origin] if caller.clicks else ()


def _stored(
    outcome: Outcome,
    call: str,
    requests: Sequence[Request],
    wanted: Sequence[Entry],
) -> Iterator[str]:
    """The store tells the same: one order over all endpoints, every delivery done."""
    deliveries = sorted(outcome.deliveries[call], key=lambda row: row.id)
    kinds = list({row.event: row.type for row in deliveries}.values())
    if kinds != [kind for kind, _ in wanted]:
        yield f"the outbox has {kinds}"
    bodies = {event.id: event.body for event in outcome.events[call]}
    if bodies != {request.id: request.body for request in requests}:
        yield "the stored events are others than those received"
    if len(deliveries) != len(requests):
        yield f"{len(deliveries)} deliveries for {len(requests)} requests"
    once = not outcome.place.row.apart
    if any(row.state != "delivered" or (once and row.attempts != 1) for row in deliveries):
        yield f"deliveries {[(row.state, row.attempts) for row in deliveries]}"
