"""The engine's control socket: what `asterisk -rx` speaks, without a process per command."""

import asyncio
import contextlib
from pathlib import Path

from hookswitch.asterisk.errors import EngineError


async def command(socket: Path, line: str, within: float = 5.0) -> str:
    """Run a command line in the engine and give what it prints."""
    if any(mark in line for mark in "\r\n\0"):
        raise EngineError("a command for the engine holds a line end")
    try:
        async with asyncio.timeout(within):
            return await _exchange(socket, line)
    except OSError as error:
        raise EngineError(f"the engine's control socket does not answer ({error})") from error


async def answers(socket: Path) -> bool:
    """Tell whether an engine listens on the control socket."""
    with contextlib.suppress(EngineError):
        return "uptime" in await command(socket, "core show uptime", 2.0)
    return False


async def _exchange(socket: Path, line: str) -> str:
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        await reader.readline()  # host, process and version
        writer.write(f"cli quit after {line}\0".encode())
        return (await reader.read()).decode(errors="replace")
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
