"""Blind transfers as early as the engine takes them."""

import asyncio
from typing import Final

from hookswitch.phone import Call, CallFailed

NOT_JOINED: Final = {400, 500, 503}
"""What the engine says while it has still to join the two ends, depending on how far it is."""


async def transferred(call: Call, whom: str) -> None:
    """Transfer the call, once the engine has joined its ends."""
    async with asyncio.timeout(60):
        while True:
            try:
                await call.transfer(whom)
            except CallFailed as error:
                if error.status in NOT_JOINED:
                    await asyncio.sleep(0.05)
                    continue
            return
