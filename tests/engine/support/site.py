"""One document for all rows: each has a number, users, phones and objects of its own."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from support.serving import GATEWAY_HOST, Serving, device, usual_trunks
from support.table import Row

CRM, ENDS = "crm", "ends"
TRIGGERS = {
    CRM: (
        *("user_inbound", "user_inbound_answered", "user_inbound_completed"),
        *("queue_call", "ring_group_call", "voicemail", "recording_inbound", "recording_outbound"),
        *("user_outbound", "user_outbound_answered", "user_outbound_completed"),
    ),
    ENDS: ("user_inbound_completed",),
}


class Endpoint(Struct, frozen=True, kw_only=True):
    """What a receiver of one endpoint knows of it."""

    name: str
    path: str
    token: str
    signing_secret: str
    headers: Mapping[str, str]


class Place(Struct, frozen=True, kw_only=True):
    """A row's share of the installation."""

    row: Row
    prefix: str
    number: str
    extensions: Mapping[str, str]
    names: Mapping[str, str]
    objects: Mapping[str, Endpoint]
    component_names: Mapping[str, str]
    object_names: Mapping[str, str]

    def username(self, phone: str) -> str:
        return f"{self.prefix}{phone}"

    @property
    def outside(self) -> str:
        """A number beyond the trunk that is nobody else's."""
        if self.row.outside.get("emergency"):
            return f"9{self.row.index:04}"
        return f"{self.row.outside.get('begins', '04')}{self.row.index:08}"

    @property
    def sent(self) -> str:
        """That number as the trunk is asked for it."""
        return self.address(self.row.outside.get("sent", "outside"))

    @property
    def slot(self) -> str:
        """A place to park where no other row does; the first and the last are for all."""
        return str(int(PARKING["extension"]) + 2 + self.row.index % (PARKING["slots"] - 2))

    @property
    def code(self) -> str:
        """What is dialled behind a feature code for the row's own object."""
        return f"{self.row.index:04}"

    def trunk(self, name: str) -> str:
        """The row's own, or everybody's."""
        return f"{self.prefix}_{name}" if name in self.row.trunks else name

    @property
    def dest(self) -> str:
        """The number that the row's calls reach."""
        return self.address(self.row.caller.dials)

    def address(self, dials: str) -> str:
        """What a phone of the row dials."""
        if dials == "number":
            return self.number
        if dials == "outside":
            return self.outside
        text = self.extensions.get(dials, dials).replace("{slot}", self.slot)
        text = text.replace("{code}", self.code)
        text = _OUTSIDE.sub(lambda found: self.outside[int(found[1] or 0) :], text)
        for user, extension in self.extensions.items():
            text = text.replace(f"{{ext {user}}}", extension)
            text = text.replace(f"{{{user}}}", self.username(user))
        return text


def endpoint(name: str, path: str, headers: Mapping[str, str] | None = None) -> Endpoint:
    secret = base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()
    return Endpoint(
        name=name,
        path=path,
        token=f"token of {name}",
        signing_secret=f"whsec_{secret}",
        headers=headers or {"X-Endpoint": name},
    )


ROUTES = [
    {"name": "national", "patterns": ["04XXXXXXXX"], "trunks": ["carrier"], "ring_time": 5},
    {"name": "spare", "patterns": ["05XXXXXXXX"], "trunks": ["nowhere", "carrier"]},
    {"name": "lost", "patterns": ["07XXXXXXXX"], "trunks": ["nowhere"]},
]
PARKING: Mapping[str, Any] = {"extension": "700", "slots": 99, "timeout": 10}
_OUTSIDE = re.compile(r"\{outside(?::([0-9]+))?\}")


SUBSCRIBERS = {name: endpoint(name, f"/{name}") for name in TRIGGERS}


def place(row: Row) -> Place:
    index = row.index
    prefix = f"r{index}"
    objects = [node for node in row.flows if node["kind"] == "webhook"]
    return Place(
        row=row,
        prefix=prefix,
        number=f"6130000{index:04}",
        extensions={user: f"1{index:02}{ord(user) - 64}" for user in row.users},
        names={user: row.names.get(user, f"{user} of row {row.row}") for user in row.users},
        objects={
            node["id"]: endpoint(
                f"{prefix}_{node['id']}", f"/{prefix}/{node['id']}", node.get("headers")
            )
            for node in objects
        },
        component_names={node["id"]: node["name"] for node in objects},
        object_names={node["id"]: node.get("name", node["id"]) for node in row.flows},
    )


def document(at: Serving, places: Sequence[Place]) -> str:
    return at.document(
        users=[user for p in places for user in _users(p)],
        music=[{"name": "beeps", "prompts": ["beep"]}],
        mailboxes=[box for p in places for box in _mailboxes(p)],
        flows=[_flow(at, p) for p in places if p.row.flow],
        trunks=[*usual_trunks(at.carrier), *(trunk for p in places for trunk in _trunks(at, p))],
        routes=[*(_route(p) for p in places if p.row.route), *ROUTES],
        parking=PARKING,
        blocked_callers={"numbers": [p.address(each) for p in places for each in p.row.blocks]},
        **_emergency([p for p in places if p.row.outside.get("emergency")]),
        webhooks=[
            {**_settings(at, SUBSCRIBERS[name]), "name": name, "triggers": list(triggers)}
            for name, triggers in TRIGGERS.items()
        ],
    )


def _trunks(at: Serving, p: Place) -> list[dict[str, Any]]:
    return [
        {"name": p.trunk(name), "host": GATEWAY_HOST, "port": at.gateway.address[1], **settings}
        for name, settings in p.row.trunks.items()
    ]


def _route(p: Place) -> dict[str, Any]:
    route = dict(p.row.route)
    return {
        "name": p.prefix,
        "patterns": [p.address(route.pop("pattern", "{outside}"))],
        **route,
        "trunks": [p.trunk(trunk) for trunk in route["trunks"]],
        "users": [p.extensions[user] for user in route.get("users", ())],
    }


def _emergency(places: Sequence[Place]) -> dict[str, Any]:
    """Their own trunks come first."""
    if not places:
        return {}
    trunks = [p.trunk(name) for p in places for name in p.row.trunks]
    return {"emergency": {"numbers": [p.outside for p in places], "trunks": trunks}}


def _users(at: Place) -> list[dict[str, Any]]:
    return [
        {
            "name": at.names[user],
            "extension": at.extensions[user],
            "ring_time": 2,
            "pickup_groups": [at.prefix if at.row.pickup_group else "default"],
            "devices": [device(at.username(phone)) for phone in at.row.devices(user)],
            **({"mailbox": at.extensions[user]} if user in _boxes(at) else {}),
            **_own(at, user),
        }
        for user in at.row.users
    ]


def _own(at: Place, user: str) -> dict[str, Any]:
    """The user's settings of the row; `outside` is its number there, `own` the user's box."""
    settings = dict(at.row.settings.get(user, {}))
    if settings.get("mailbox") == "own":
        settings["mailbox"] = at.extensions[user]
    if "forward" in settings:
        targets = {
            field: at.address(to) if isinstance(to, str) else to
            for field, to in settings["forward"].items()
        }
        settings["forward"] = targets
    return settings


def _mailboxes(at: Place) -> list[dict[str, Any]]:
    """Each user with a Voicemail object has a box."""
    return [
        {"box": at.extensions[user], "name": at.names[user], "pin": "4321"}
        for user in sorted(_boxes(at))
    ]


def _boxes(at: Place) -> set[str]:
    return {node["box"] for node in at.row.flow if node["kind"] == "voicemail"}


def _flow(at: Serving, p: Place) -> dict[str, Any]:
    return {"name": f"Row {p.row.row}", "objects": [_object(at, p, dict(n)) for n in p.row.flow]}


def _object(at: Serving, p: Place, node: dict[str, Any]) -> dict[str, Any]:
    """Fill in what is the row's own: ids, number, users, receiver."""
    own = node["id"]
    node["id"] = f"{p.prefix}_{own}"
    node.setdefault("name", own)
    node["outputs"] = {out: f"{p.prefix}_{to}" for out, to in node.get("outputs", {}).items()}
    node |= _of_users(p, node) | _of_numbers(p, node) | _of_codes(p, node)
    node.pop("login", None)
    if node["kind"] == "webhook":
        node |= _settings(at, p.objects[own])
    return node


def _of_users(p: Place, node: Mapping[str, Any]) -> dict[str, Any]:
    match node:
        case {"kind": "user", "user": user}:
            return {"user": p.extensions[user]}
        case {"kind": "voicemail", "box": user}:
            return {"box": p.extensions[user]}
        case {"kind": "ring_group", "members": users}:
            outside = [p.address(number) for number in node.get("external", ())]
            return {"members": [p.extensions[user] for user in users], "external": outside}
        case {"kind": "queue", "members": users}:
            login = {"login": node.get("login", False)}
            return {"members": [{"user": p.extensions[user], **login} for user in users]}
    return {}


def _of_numbers(p: Place, node: Mapping[str, Any]) -> dict[str, Any]:
    """What no two rows may have alike."""
    match node:
        case {"kind": "number"}:
            return {"numbers": [p.number]}
        case {"kind": "external_number", "number": number}:
            trunk = {"trunk": p.trunk(node["trunk"])} if "trunk" in node else {}
            route = {"route": p.prefix} if node.get("route") == "own" else {}
            return {"number": p.address(number), **trunk, **route}
        case {"kind": "condition", "cases": cases}:
            return {"cases": [_case(p, case) for case in cases]}
        case {"kind": "conference", "room": room}:
            return {"room": f"{p.prefix}_{room}"}
    return {}


def _of_codes(p: Place, node: Mapping[str, Any]) -> dict[str, Any]:
    codes = {field: p.code for field in ("code", "override", "record_code") if field in node}
    return codes | ({"prompt": p.prefix} if "record_code" in node else {})


def _case(p: Place, case: Mapping[str, Any]) -> dict[str, Any]:
    return {**case, "values": [p.address(value) for value in case.get("values", ())]}


def _settings(at: Serving, to: Endpoint) -> dict[str, Any]:
    return {
        "url": at.receiver.url(to.path),
        "secret_token": to.token,
        "signing_secret": to.signing_secret,
        "headers": dict(to.headers),
    }
