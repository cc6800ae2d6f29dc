"""Ending an engine that nobody needs any more."""

from hookswitch.asterisk import process
from hookswitch.asterisk.supervise import Supervisor


async def end_quickly(supervisor: Supervisor) -> None:
    """Kill the engine: a clean stop takes 0.8 s, and one test of that is enough."""
    await supervisor.detach()
    if supervisor.process is not None:
        process.kill(supervisor.process)
        await process.wait_end(supervisor.process)
        process.reap(supervisor.process)
    supervisor.layout.leave()
