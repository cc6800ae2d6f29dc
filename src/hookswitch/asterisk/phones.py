"""Phones that were registered when the engine ended are still so in its database.

A new engine takes each for unreachable until it has asked, which it puts off for up to a minute:
until then queues would find nobody. So we have it ask at once.
"""

import contextlib
import re

from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.errors import EngineError

_CONTACT = re.compile(r"^\s*Contact:\s+(\S+?)/sips?:", re.MULTILINE)


async def ask_registered(ami: Ami) -> None:
    """Have every registered phone asked whether it is there."""
    found = _CONTACT.findall(await ami.command("pjsip show contacts"))
    for name in sorted({name for name in found if not name.startswith("trunk-")}):
        with contextlib.suppress(EngineError):  # it may have gone meanwhile
            await ami.action("PJSIPQualify", Endpoint=name)
