"""baresip, a softphone that knows nothing of us, played over its control port."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from support.serving import PASSWORD, Serving

from hookswitch.asterisk.engine import tool_argv
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import TOOLS, tool_prefix

WITHIN = 60.0
CONFIG = """\
sip_listen {host}:0
net_interface 127.0.0.1
module_path {modules}
module g711.so
module aubridge.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
audio_source aubridge,echo
audio_player aubridge,echo
audio_alert aubridge,alert
ctrl_tcp_listen 127.0.0.1:{port}
"""


class Baresip:
    """Registered; `events` is what it told of its calls."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.events: list[str] = []
        self._reader, self._writer = reader, writer
        self._changed = asyncio.Condition()

    async def tell(self, command: str, parameters: str = "") -> None:
        said = json.dumps({"command": command, "params": parameters}).encode()
        self._writer.write(b"%d:%s," % (len(said), said))
        await self._writer.drain()

    async def until(self, event: str, times: int = 1) -> None:
        """Wait until it has told of such an event so many times."""
        done: Callable[[], bool] = lambda: self.events.count(event) >= times  # noqa: E731
        async with asyncio.timeout(WITHIN), self._changed:
            await self._changed.wait_for(done)

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def listen(self) -> None:
        """Its messages are netstrings of JSON."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = await self._reader.readuntil(b":")
                message: dict[str, Any] = json.loads(
                    (await self._reader.readexactly(int(length[:-1]) + 1))[:-1]
                )
                async with self._changed:
                    self.events.append(str(message.get("type", "")))
                    self._changed.notify_all()


@contextlib.asynccontextmanager
async def baresip(at: Serving, username: str, place: Path, host: str) -> AsyncIterator[Baresip]:
    """A phone of that account, until the end of the block."""
    prefix = tool_prefix("baresip")
    await install(TOOLS["baresip"], prefix)
    argv = tool_argv(prefix, "usr/bin/baresip")
    port = _free_port()
    modules = Path(argv[-1]).parents[1] / "lib/baresip/modules"
    texts = {
        "config": CONFIG.format(host=host, modules=modules, port=port),
        "accounts": f"<sip:{username}@127.0.0.1:{at.sip[1]}>"
        f";auth_user={username};auth_pass={PASSWORD};regint=60;answermode=manual\n",
        "contacts": "",
    }
    for name, text in texts.items():
        (place / name).write_text(text)
    with (place / "output").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(*argv, "-f", str(place)),
            env={"HOME": str(place), "LANG": "C"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    phone = Baresip(*await _connect(port))
    listening = asyncio.create_task(phone.listen())
    try:
        async with asyncio.timeout(WITHIN):
            while "200 OK" not in (place / "output").read_text(errors="replace"):
                await asyncio.sleep(0.05)
        yield phone
    finally:
        process.kill()
        await process.wait()
        await listening
        await phone.close()


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(WITHIN):
        while True:
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
            await asyncio.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
