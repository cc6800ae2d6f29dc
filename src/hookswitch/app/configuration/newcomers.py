"""Phones that are known again: the engine keeps their registration, and believes them away."""

import structlog

from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.errors import AmiRefusedError, EngineError
from hookswitch.config.document import Document

log = structlog.get_logger(__name__)


async def ask_newcomers(ami: Ami, before: Document, now: Document) -> None:
    """Ask registered phones of new devices whether they are there; a failure is only logged.

    The engine would by itself, at the next of its rounds, and ring none of them before.
    """
    new = _devices(now) - _devices(before)
    if not new:
        return
    try:
        contacts = await ami.list_action("PJSIPShowContacts")
        registered = {contact.get("ObjectName").partition(";")[0] for contact in contacts}
        for name in sorted(new & registered):
            await ami.action("PJSIPQualify", Endpoint=name)
    except AmiRefusedError as error:  # of the list: nobody is registered
        log.debug("apply.nobody_asked", error=str(error))
    except EngineError as error:
        log.warning("apply.newcomers_not_asked", error=str(error))


def _devices(document: Document) -> frozenset[str]:
    return frozenset(device.username for user in document.users for device in user.devices)
