"""Serves a data directory and applies two documents; the second Apply kills it at a point."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from hookswitch.app.configuration.apply import Applier
from hookswitch.app.configuration.submission import Submission
from hookswitch.app.server import running
from hookswitch.app.settings import Settings


def die_at(point: str) -> None:
    """`staged`: nothing is written yet; `entry`: before it is switched; `live`: after it was."""
    right = getattr(Applier, {"staged": "_try", "entry": "_verify", "live": "_go_live"}[point])

    async def dying(*_args: Any, **_named: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)
        return await right(*_args, **_named)

    setattr(Applier, right.__name__, dying)


async def main(data: Path, point: str) -> None:
    settings = Settings(data_dir=data, port=0, sip_port=0)
    async with running(settings, say=lambda _text: None) as server:
        first, second = sys.stdin.read().split("\0")
        await server.submit(Submission(by="ann", text=first))
        die_at(point)
        await server.submit(Submission(by="bob", text=second))


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
