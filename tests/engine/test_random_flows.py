"""A hundred random flows of every kind, cycles included, in the real engine; a call through each.

Nobody is registered, so a cycle that waits for nobody must be broken. HOOKSWITCH_SEED chooses
other flows.
"""

import asyncio
import os
from pathlib import Path
from random import Random

from structlog.testing import capture_logs
from support.audio import wav
from support.serving import Serving, serving

from hookswitch.app.line.reader import CYCLE
from hookswitch.asterisk.engine import Engine
from hookswitch.phone import NOTHING, PhoneTimeoutError, Sound, tone
from kit.flows import OUTPUTS, generated

FLOWS = 100
SPEAKING = 16
"""Who calls these has a voice; that of a hundred would cost more than the engine."""
SEED = int(os.environ.get("HOOKSWITCH_SEED", "20261124"))
PATIENCE_S = 8.0
"""After which the caller hangs up: a room and a cycle of menus have no end of their own."""
CYCLE_NUMBER = "61300059999"
BOXES = ("1001", "1002")


def _number(index: int) -> str:
    return f"6130005{index:04}"


def _document(at: Serving) -> str:
    chance = Random(SEED)
    kinds = sorted(OUTPUTS)
    flows = [
        generated(
            f"f{index}",
            _number(index),
            chance.choices(kinds, k=6),
            chance,
            BOXES,
            at.receiver.url("/flows"),
            cycles=True,
        )
        for index in range(FLOWS)
    ]
    turn = {"id": "turn", "kind": "user", "name": "Turn", "user": "1001",
            "outputs": {"offline": "again"}}  # fmt: skip
    again = {"id": "again", "kind": "call_recording", "name": "Again", "outputs": {"next": "turn"}}
    entrance = {"id": "cycle", "kind": "number", "name": "Cycle", "numbers": [CYCLE_NUMBER],
                "outputs": {"next": "turn"}}  # fmt: skip
    return at.document(
        users=[{"name": f"User {box}", "extension": box, "mailbox": box} for box in BOXES],
        mailboxes=[{"box": box, "name": "Box", "pin": "4321"} for box in BOXES],
        flows=[*flows, {"name": "Cycle", "objects": [entrance, turn, again]}],
    )


async def _call(
    at: Serving, number: str, sound: Sound = NOTHING, patience: float = PATIENCE_S
) -> None:
    call = await at.carrier.call(number, caller="61400000001", sound=sound)
    try:
        await call.ended(timeout=patience)
    except PhoneTimeoutError:
        await call.hang_up()


async def _channels(at: Serving) -> str:
    return await at.server.supervisor.ami.command("core show channels count")


async def test_random_flows_load_and_calls_through_them_end(engine: Engine, tmp_path: Path) -> None:
    assert engine.version
    async with serving(tmp_path / "random") as at:
        at.server.prompts.add("beep", wav(tone(1400)[:25]))
        await at.apply(_document(at))
        with capture_logs() as logs:
            await asyncio.gather(
                *(_call(at, _number(n), tone(500)) for n in range(SPEAKING)),
                *(_call(at, _number(n)) for n in range(SPEAKING, FLOWS)),
                _call(at, CYCLE_NUMBER, patience=60),
            )
            async with asyncio.timeout(60):
                while "0 active channels" not in await _channels(at) or at.server.line.open_calls:
                    await asyncio.sleep(0.2)
        broken = [entry for entry in logs if entry["event"] == "call.flow_broken"]
        assert any(e["object"] in {"turn", "again"} and e["why"] == CYCLE for e in broken)
        assert at.server.line.faults == 0
