"""A document in which every field of the schema has a value, and other values for each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from msgspec import Struct
from pydantic import SecretStr

from hookswitch.flow.fields import Part
from hookswitch.flow.node import Node
from hookswitch.flow.nodes import KINDS
from kit.certificates import Authority
from kit.documents import SIGNING_SECRET

OTHER_SECRET = "whsec_" + SIGNING_SECRET.removeprefix("whsec_")[::-1].lstrip("=") + "="
HOOK = {"secret_token": "token", "signing_secret": SIGNING_SECRET, "headers": {"X-Key": "key"}}
RECORD = {
    "announcement": "told", "emails": ["a@example.com", "b@example.com"], "subject": "S {link}",
    "message": "M {link}", "attach_audio": True,
}  # fmt: skip
LIMITS = {"at_once": 2, "per_minute": 5, "destinations": ["0XXXXXXXXX", "+."]}


TRUNK_LIMITS = {"per_minute": 50, "destinations": ["0XXXXXXXXX", "+."]}


def everything() -> dict[str, Any]:
    """Raw values: each field of each class is given somewhere, so that it can be changed."""
    authority = Authority()
    return {
        "hookswitch": 1,
        "users": [
            {"name": "Ann Lee", "extension": "1001", "ring_time": 15, "mailbox": "1001",
             "devices": [
                 {"username": "1001", "password": "ann-pass-1", "srtp": "optional"},
                 {"username": "1001.web", "password": "ann-pass-2", "kind": "browser"},
             ],
             "record_inbound": RECORD, "record_outbound": RECORD, "limits": LIMITS,
             "outbound_caller_id": "+61300000010", "pickup_groups": ["sales", "office"]},
            {"name": "Bob Roy", "extension": "1002", "withhold_caller_id": True, "mailbox": "7001",
             "email": "bob@example.com",
             "devices": [{"username": "1002", "password": "bob-pass-1", "transport": "tls"}],
             "forward": {"always": "1001", "busy": "0400000001", "no_answer": "1001",
                         "offline": "1001", "keep_caller": True, "confirm": True}},
            {"name": "Cy Orr", "extension": "1007", "mailbox": "1007",
             "devices": [{"username": "1007", "password": "cy-pass-12"}]},
        ],
        "mailboxes": [{"box": "1001", "name": "Ann", "pin": "1234"},
                      {"box": "1007", "name": "Cy", "pin": "2345"},
                      {"box": "7001", "name": "Other", "pin": "3456"},
                      {"box": "7002", "name": "Free", "pin": "4567"}],
        "trunks": [
            {"name": "carrier", "host": "192.0.2.10", "username": "account",
             "password": "provider-1", "registers": True, "registered_number": "61300000000",
             "caller_id": "61300000001", "max_channels": 3, "limits": TRUNK_LIMITS,
             "srtp": "optional", "addresses": ["198.51.100.0/24", "203.0.113.7"],
             "codecs": ["alaw", "ulaw"]},
            {"name": "backup", "host": "gw.example.com", "port": 5071, "transport": "tls",
             "inbound_username": "gateway", "inbound_password": "provider-2",
             "caller_id_in": "pai", "verify_server": False, "watch": False},
            {"name": "spare", "host": "192.0.2.12"},
            {"name": "free", "host": "192.0.2.13"},
        ],
        "numbers": [{"number": "61300000000", "name": "Main"}, {"number": "61300000007"},
                    {"number": "61300000008", "name": "Free"}],
        "flows": [{"name": "Main", "objects": _objects()}],
        "webhooks": [{
            "name": "crm", "url": "https://crm.example/hooks", **HOOK,
            "previous_signing_secret": OTHER_SECRET, "triggers": ["user_inbound", "voicemail"],
            "only": {"numbers": ["61300000000"], "queues": ["Queue"], "users": ["1001"]},
            "mask": {"caller_id": "hash", "caller_name": "drop"}, "max_per_second": 5.0,
            "strict_order": 30, "ca_certificate": authority.pem,
            "client_certificate": authority.certificate("crm.example"),
        }],
        "allowed_networks": [{"network": "192.0.2.0/24", "ports": [80, 443]}],
        "network": {"external_address": "203.0.113.1",
                    "local_networks": ["192.168.0.0/16", "10.0.0.0/8"]},
        "retention": {"history_days": 90, "deliveries_days": 30, "recordings_days": 60,
                      "voicemail_days": 45, "audio_mb": 2000},
        "music": [{"name": "calm", "prompts": ["piano", "guitar"]},
                  {"name": "lively", "prompts": ["drums"]}],
        "routes": [
            {"name": "national", "patterns": ["0XXXXXXXXX", "13."], "strip": 1, "prepend": "+61",
             "trunks": ["carrier", "backup"], "caller_id": "61300000002",
             "force_caller_id": True, "ring_time": 60},
            {"name": "abroad", "patterns": ["+."], "trunks": ["backup"], "users": ["1001", "1002"]},
            {"name": "idle", "patterns": ["9."], "trunks": ["spare"]},
        ],
        "emergency": {"numbers": ["112", "000"], "trunks": ["spare", "carrier"]},
        "outside": {"blocked": ["+882", "0900"]},
        "blocked_callers": {"numbers": ["+61 499 000 001", "1900."], "withheld": True},
    }  # fmt: skip


def _objects() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [
        {"kind": "number", "numbers": ["61300000000"], "name_prefix": "Main ", "record": RECORD,
         "notes": "the first", "position": [1.0, 2.0], "outputs": {"next": "user"}},
        {"kind": "user", "user": "1001", "ring_time": 12, "outputs": {"no_answer": "ring_group"}},
        {"kind": "ring_group", "members": ["1001", "1002"], "strategy": "round_robin",
         "ring_time": 10, "total_time": 50, "while_waiting": "music", "music": "calm",
         "external": ["0400000001", "0400000002"], "record": RECORD},
        {"kind": "queue", "code": "12", "members": [{"user": "1001", "penalty": 1, "login": True},
                                                    {"user": "1002"}],
         "ring_time": 11, "retry": 3, "wrap_up": 4, "max_wait": 70, "max_callers": 6,
         "announce_every": 30, "periodic_prompt": "told", "periodic_every": 20, "exit_key": "1",
         "music": "calm", "record": RECORD, "outputs": {"exit_key": "hang_up"}},
        {"kind": "webhook", "url": "https://crm.example/asked", **HOOK, "wait": True,
         "previous_signing_secret": OTHER_SECRET,
         "time_limit": 6, "outputs": {"gold": "hang_up", "failed": "hang_up"},
         "branch": {"field": "customer.level",
                    "cases": [{"output": "gold", "values": ["gold", "platinum"]},
                              {"output": "poor", "values": ["none"]}]}},
        {"id": "told", "kind": "webhook", "url": "https://crm.example/told", **HOOK, "wait": True},
        {"id": "sorted", "kind": "webhook", "url": "https://crm.example/sorted", **HOOK,
         "wait": True,
         "branch": {"field": "level", "cases": [{"output": "high", "values": ["high"]}]}},
        {"kind": "voicemail", "box": "1001", "greeting": "prompt", "prompt": "told",
         "max_seconds": 60, "emails": ["a@example.com", "b@example.com"], "subject": "S",
         "message": "M", "delete_after_sending": True, "outputs": {"done": "hang_up"}},
        {"id": "spoken", "kind": "voicemail", "box": "1007", "greeting": "text",
         "text": "Please leave a message.", "voice": "en-us"},
        {"id": "greeted", "kind": "voicemail", "box": "7001"},
        {"kind": "voice_menu", "greeting": "told", "dial_extensions": True, "timeout": 4,
         "digit_timeout": 3, "retries": 1, "invalid_prompt": "told", "timeout_prompt": "told",
         "outputs": {"digit_1": "user"}},
        {"kind": "time_condition", "time_zone": "Europe/Berlin", "override": "1",
         "groups": [{"hours": ["09:00-12:30", "14:00-18:00"], "weekdays": ["mon-thu", "sat"],
                     "month_days": ["1-7", "9"], "months": ["nov-feb", "may"],
                     "years": ["2026", "2030-2031"]}, {"hours": ["20:00-21:00"]}],
         "holidays": ["2026-05-01", "12-24/01-01"], "outputs": {"matches": "user"}},
        {"id": "elsewhere", "kind": "time_condition", "time_zone": "Asia/Tokyo",
         "groups": [{"hours": ["08:00-09:00"]}]},
        {"kind": "condition", "outputs": {"vip": "user"}, "cases": [
            {"output": "vip", "match": "variable", "variable": "CRM", "how": "prefix",
             "values": ["a", "b*"]},
            {"output": "dialled", "match": "called_number", "how": "pattern", "values": ["613*"]},
            {"output": "hidden", "match": "caller_number", "how": "empty"}]},
        {"kind": "caller_id", "set_name": "Shown", "set_number": "61300000003",
         "name_prefix": "P ", "number_prefix": "0",
         "table": [{"number": "61400000001", "name": "Known"},
                   {"number": "61400000002", "name": "Other"}]},
        {"kind": "conference", "room": "board", "pin": "1234", "admin_pin": "98765",
         "announce_joins": False, "max_members": 5, "record": RECORD},
        {"kind": "call_recording", "who": "callee", "record": RECORD},
        {"id": "recording", "kind": "call_recording"},
        {"kind": "directory", "search": "both"},
        {"kind": "external_number", "number": "0400000003", "ring_time": 25, "route": "national",
         "caller_id": "61300000004"},
        {"id": "by_trunk", "kind": "external_number", "number": "0400000003", "trunk": "carrier",
         "keep_caller": True},
        {"kind": "playback", "prompt": "told", "answer_first": False, "record_code": "12",
         "record_pin": "4567"},
        {"kind": "hang_up", "cause": "busy", "tone": "busy"},
        {"id": "apart", "kind": "hang_up"},
        {"id": "plain", "kind": "queue", "members": [{"user": "1001"}], "exit_key": "2"},
        {"id": "second", "kind": "user", "user": "1002"},
        {"id": "both", "kind": "ring_group", "members": ["1001"], "while_waiting": "music"},
    ]  # fmt: skip
    return [{"id": one["kind"], "name": one["kind"].capitalize(), **one} for one in made]


class Place(Struct, frozen=True):
    """A field of a class, where it stands in the raw values, and what it holds."""

    part: Part
    field: str
    way: tuple[str | int, ...]

    @property
    def value(self) -> Any:
        return raw_of(getattr(self.part, self.field))

    @property
    def name(self) -> str:
        return name_of(type(self.part), self.field)


def name_of(part: type[Part], field: str) -> str:
    """Unique, and short for what every object has."""
    if field in Node.model_fields and issubclass(part, Node) and field not in {"kind", "outputs"}:
        return f"Node.{field}"
    home = part.__module__.rpartition(".")[2]
    return f"{home}.{part.__name__}.{field}"


def raw_of(value: Any) -> Any:
    """As a document says it, with every default written out."""
    if isinstance(value, Part):
        fields = ((name, getattr(value, name)) for name in type(value).model_fields)
        return {name: raw_of(held) for name, held in fields if held is not None}
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return {name: raw_of(held) for name, held in value.items()}
    if isinstance(value, tuple):
        return [raw_of(held) for held in value]
    return value


def places(part: Part, way: tuple[str | int, ...] = ()) -> Iterator[Place]:
    """Every field that has a value, those of the parts inside it too."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        if value is None:
            continue
        yield Place(part, name, (*way, name))
        inside = enumerate(value) if isinstance(value, tuple) else ()
        if isinstance(value, Part):
            yield from places(value, (*way, name))
        for index, held in inside:
            if isinstance(held, Part):
                yield from places(held, (*way, name, index))


def choices(place: Place) -> tuple[Any, ...]:
    """What a field of fixed words may hold."""
    annotation = type(place.part).model_fields[place.field].annotation
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def others(place: Place, elsewhere: Iterable[Any]) -> Iterator[Any]:
    """Values that it may take instead; some are wrong there, as the document's checks tell.

    `elsewhere` is what the same field holds at other places. None is that it is left out.
    """
    if words := choices(place):
        yield from (word for word in words if word != place.value)
        return
    if isinstance(place.part, Node) and place.field == "outputs":
        for output in KINDS[place.part.kind].outputs_of(place.part):
            yield {**place.value, output: "apart"}
    if not isinstance(getattr(place.part, place.field), Part):
        yield from _near(place.value)
        yield from (value for value in elsewhere if value != place.value)
    if not type(place.part).model_fields[place.field].is_required():
        yield None


def _near(value: Any) -> Iterator[Any]:
    match value:
        case bool():
            yield not value
        case int() | float():
            yield from (value + 1, value - 1)
        case str():
            yield from (f"{value}x", f"{value[:-1]}7", f"{value}1", f"{value[:-1]}b")
        case list():
            for near in _near(value[-1]) if value else ():
                yield [*value[:-1], near]
            yield value[:-1]
        case dict():
            yield dict(list(value.items())[:-1])


def with_other(raw: Any, way: Sequence[str | int], value: Any) -> Any:
    """Of mappings and lists. Only what lies on the way is copied; None takes it away."""
    key: Any = way[0]
    made: Any = raw.copy()
    if len(way) > 1:
        made[key] = with_other(made[key], way[1:], value)
    elif value is None:
        del made[key]
    else:
        made[key] = value
    return made
