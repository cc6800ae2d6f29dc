"""Which channel rings, from messages that the engine does not send in the same call every time.

`StandIn` is a double of the manager connection: no real call gives the one message without the
other on request.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from hookswitch.asterisk.ami import Ami, Listener
from hookswitch.asterisk.ami_wire import EVENT_HEAD, Message
from hookswitch.asterisk.ringing import CHANNEL_KEYS, DIALLED_KEYS, RingingWatch
from hookswitch.model.journal import RingingSeen

CHANNEL = "PJSIP/phone-00000001"
HEAD = ("", "call,all", "1795492453.950656", "hsb1")


class StandIn:
    """Hands on what it is given and knows the id of every channel."""

    def __init__(self) -> None:
        self.listeners: dict[str, Listener] = {}
        self.asked = 0

    def listen(self, listener: Listener, *names: str) -> Callable[[], None]:
        self.listeners.update(dict.fromkeys(names, listener))
        return lambda: None

    async def action(self, _name: str, **fields: str) -> Message:
        self.asked += 1
        return Message((("Response", "Success"), ("Value", f"id of {fields['Channel']}")))

    def tell(self, event: str, keys: tuple[str, ...], **values: str) -> None:
        head = zip(EVENT_HEAD, (event, *HEAD[1:]), strict=True)
        rest = ((key, values.get(key, "")) for key in keys)
        self.listeners[event](Message((*head, *rest)))

    def dial_state(self) -> None:
        values = {"DestChannel": CHANNEL, "DestUniqueid": "hsb1-1.2", "DialStatus": "RINGING"}
        self.tell("DialState", DIALLED_KEYS, **values)

    def new_state(self) -> None:
        self.tell("Newstate", CHANNEL_KEYS, Channel=CHANNEL, ChannelState="5")


def watched(ami: StandIn) -> tuple[RingingWatch, list[RingingSeen]]:
    rang: list[RingingSeen] = []
    return RingingWatch(cast("Ami", ami), rang.append), rang


async def test_a_new_state_alone_is_asked_for() -> None:
    ami = StandIn()
    watch, rang = watched(ami)
    ami.new_state()
    async with asyncio.timeout(5):
        while not rang:
            await asyncio.sleep(0.01)
    assert [ring.uniqueid for ring in rang] == [f"id of {CHANNEL}"]
    await watch.close()


async def test_what_a_dial_state_tells_is_not_asked_for() -> None:
    ami = StandIn()
    watch, rang = watched(ami)
    ami.new_state()
    ami.dial_state()
    ami.new_state()
    for _ in range(10):
        await asyncio.sleep(0)  # a question that was begun would be asked by now
    assert [ring.uniqueid for ring in rang] == ["hsb1-1.2"]
    assert ami.asked == 0
    await watch.close()
