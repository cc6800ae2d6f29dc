"""Trying a configuration on a real engine without network."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from hookswitch.asterisk import process, throwaway
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.install.packages import default_prefix
from hookswitch.asterisk.throwaway import validate
from kit.sip_files import sip_files

DIALPLAN = {"rev/7.conf": "[r7-in]\nexten => _X.,1,Answer()\n same => n,Hangup()\n"}
ENDPOINT = sip_files(
    "[u1]\ntype=endpoint\ntransport=udp\ncontext=r7-in\ndisallow=all\nallow=ulaw\naors=u1\n\n"
    "[u1]\ntype=aor\nmax_contacts=2\nqualify_frequency=30\n"
)
QUEUE = {"queues_plan.conf": "[q1]\nstrategy=ringall\nmember=PJSIP/u1\n"}


async def test_a_good_configuration(engine: Engine) -> None:
    found = await validate(
        engine,
        DIALPLAN | ENDPOINT | QUEUE,
        contexts=["r7-in", "hs-dev", "hs-canary"],
        endpoints=["u1"],
        queues=["q1"],
        applications=["Answer", "Queue", "VoiceMail", "WaitForCondition"],
    )
    assert found == []


async def test_every_mistake_is_a_line_that_names_its_place(engine: Engine) -> None:
    found = await validate(
        engine,
        {
            "rev/7.conf": "[r7-in]\nexten => 1,1,NoOp()\nexten => 1,one,NoOp()\n",
            "pjsip_endpoint_plan.conf": "[u1]\ntype=endpoint\nno_such_option=1\n",
            "queues_plan.conf": "[q1]\nstrategy=by magic\n",
        },
        contexts=["r7-in", "r7-out"],
        endpoints=["u1"],
        queues=["q1", "q2"],
        applications=["Shell"],
    )
    text = "\n".join(found)
    assert "'one' at line 3 of rev/7.conf" in text
    assert "'no_such_option' at line 3 of pjsip_endpoint_plan.conf" in text
    assert "'by magic' isn't a valid strategy for queue 'q1'" in text
    assert found[-4:] == [
        "the context r7-out is not there",
        "the endpoint u1 is not there",
        "the queue q2 is not there",
        "the application Shell is not there",
    ]


async def test_a_configuration_that_ends_the_engine(engine: Engine) -> None:
    found = await validate(engine, {"modules.conf": "[modules]\nrequire=no_such_module.so\n"})
    assert "no_such_module" in "\n".join(found)


async def test_the_usual_sip_port_may_be_taken(engine: Engine) -> None:
    """The engine that serves has it, as a rule."""
    with contextlib.ExitStack() as stack:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            taken = stack.enter_context(socket.socket(socket.AF_INET, kind))
            with contextlib.suppress(OSError):  # taken it is, by whomever
                taken.bind(("127.0.0.1", 5060))
        assert await validate(engine, DIALPLAN) == []


async def test_nothing_speaks_to_a_trunk(engine: Engine) -> None:
    trunk = (
        "[t1]\ntype=registration\nserver_uri=sip:192.0.2.1\nclient_uri=sip:a@192.0.2.1\n\n"
        "[t1]\ntype=aor\ncontact=sip:192.0.2.1\nqualify_frequency=1\n"
    )
    assert await validate(engine, sip_files(trunk)) == []


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from hookswitch.asterisk import throwaway
from hookswitch.asterisk.engine import engine_from_prefix

async def die(layout):
    os.kill(os.getpid(), signal.SIGKILL)

throwaway._flush_log = die
asyncio.run(throwaway.validate(engine_from_prefix(Path(sys.argv[1])), {}))
"""


def left_by(pid: int) -> list[object]:
    """Give the processes and directories of trials of a process."""
    mine = f"{throwaway.PREFIX}{pid}-"
    files = Path(tempfile.gettempdir()).glob(f"{mine}*")
    return [*process.having_argument(mine), *files]


def killed_in_a_trial() -> int:
    argv = [sys.executable, "-c", KILLED, str(default_prefix())]
    with subprocess.Popen(argv) as killed:
        killed.wait()
    return killed.pid


async def test_it_leaves_nothing(engine: Engine) -> None:
    await validate(engine, DIALPLAN)
    assert left_by(os.getpid()) == []


async def test_what_a_killed_process_left_is_removed_by_the_next_trial(engine: Engine) -> None:
    killed = await asyncio.to_thread(killed_in_a_trial)
    assert len(left_by(killed)) == 2
    await validate(engine, DIALPLAN)
    assert left_by(killed) == []


async def test_a_phone_system_that_has_the_usual_port_everywhere(engine: Engine) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        with contextlib.suppress(OSError):  # then somebody else has it
            taken.bind(("0.0.0.0", 5060))
        assert await validate(engine, DIALPLAN) == []
