"""Serves a data directory as an older version did, applies a document, and is killed.

That one had the accounts of phones and trunks in `pjsip.conf`: its engine reads no other file.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from hookswitch.app.configuration import apply
from hookswitch.app.configuration.submission import Submission
from hookswitch.app.configuration.trial import ACCOUNTS
from hookswitch.app.server import running
from hookswitch.app.settings import Settings
from hookswitch.asterisk.configuration import base_config
from hookswitch.asterisk.configuration.render import sections_of, text_of

ONE = "pjsip_plan.conf"
render = apply.render


def older(*given: Any) -> Any:
    made = render(*given)
    files = dict(made.files)
    moved = [block for name in (ONE, *ACCOUNTS) for block in sections_of(files[name])]
    files |= {name: text_of(()) for name in ACCOUNTS} | {ONE: text_of(moved)}
    return replace(made, files=files)


async def main(data: Path) -> None:
    base_config.FIXED.pop("sorcery.conf")
    apply.render = older
    async with running(Settings(data_dir=data, port=0, sip_port=0), say=lambda _: None) as server:
        await server.submit(Submission(by="ann", text=sys.stdin.read()))
        os.kill(os.getpid(), signal.SIGKILL)


asyncio.run(main(Path(sys.argv[1])))
