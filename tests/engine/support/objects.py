"""A site for trying objects one by one: a number each, and a Webhook object behind every output."""

import asyncio
import io
import wave
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from support.serving import Serving, device

from hookswitch.phone import Call, Phone

SIGNING = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
USER_EVENTS = ["user_inbound", "user_inbound_answered", "user_inbound_completed"]
QUIET = 0.3

Object = dict[str, Any]


class Flow(Struct, frozen=True):
    """An object on trial: calls to `number` reach it, `after` follow it."""

    number: str
    object: Object
    outputs: Sequence[str]
    after: Sequence[Object] = ()


def told(identity: str, name: str, **outputs: str) -> Object:
    """A Webhook object; its URL is filled in."""
    return {"id": identity, "kind": "webhook", "name": name, "outputs": outputs}


def document(at: Serving, flows: Sequence[Flow], users: Mapping[str, str], **more: Any) -> str:
    """Users are names by extension."""
    webhook = {"name": "crm", "url": at.receiver.url("/crm"), "triggers": USER_EVENTS, **_secrets()}
    return at.document(
        users=[
            {"name": name, "extension": extension, "ring_time": 5, "devices": [device(extension)]}
            for extension, name in users.items()
        ],
        flows=[flow(at, each) for each in flows],
        webhooks=[webhook],
        **more,
    )


def flow(at: Serving, given: Flow) -> Object:
    """Of a number, the object, and the Webhook objects behind it."""
    tried = dict(given.object)
    identity = tried.setdefault("id", f"{tried['kind']}_{given.number}")
    tried.setdefault("name", identity)
    ends = {output: f"{identity}_{output}" for output in given.outputs}
    tried["outputs"] = {**ends, **tried.get("outputs", {})}
    entrance = {"id": f"{identity}_in", "kind": "number", "name": identity,
                "numbers": [given.number], "outputs": {"next": identity}}  # fmt: skip
    others = [*(told(there, output) for output, there in ends.items()), *given.after]
    return {"name": identity, "objects": [entrance, tried, *(_filled(at, node) for node in others)]}


def _filled(at: Serving, node: Object) -> Object:
    if node["kind"] != "webhook":
        return node
    return {**node, "url": at.receiver.url("/object"), **_secrets()}


def _secrets() -> Object:
    return {"secret_token": "t", "signing_secret": SIGNING}


def wav(milliseconds: int = 300) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as audio:
        audio.setparams((1, 2, 8000, 0, "NONE", ""))
        audio.writeframes(b"\x10\x20" * (8 * milliseconds))
    return out.getvalue()


def events_of(at: Serving, caller: str) -> list[Object]:
    """What came for a calling number."""
    events = [request.event for request in at.receiver.requests]
    return [e for e in events if caller in (e.get("caller_id"), e.get("user_number"))]


def passed(at: Serving, caller: str) -> list[str]:
    """The names of the Webhook objects that the caller's call reached."""
    return [e["component_name"] for e in events_of(at, caller) if "component_name" in e]


async def ended(call: Call) -> int | None:
    """Wait for the end of a call that the engine ends; give the status of its INVITE."""
    await call.ended()
    return call.final_status


async def reached(at: Serving, caller: str) -> list[str]:
    """Wait for the Webhook objects of a call that is over."""
    await at.receiver.until(lambda: bool(passed(at, caller)))
    await asyncio.sleep(QUIET)
    return passed(at, caller)


async def press(phone: Phone, number: str, caller: str, *keys: str, before: float = 0.2) -> Call:
    """Call, wait `before` each of the keys, and stay until the call is over."""
    call = await phone.call(number, caller=caller, name="Jane Citizen")
    await call.answered()
    for key in keys:
        await asyncio.sleep(before)
        await call.dtmf(key)
    await call.ended()
    return call
