"""A running server with a receiver, and deliveries made by hand."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from click.testing import Result

from hookswitch.app.webhooks.listener import Checks, Listener, Received
from hookswitch.events.samples import sample
from hookswitch.model.delivery import NewDelivery
from hookswitch.model.events import Event, EventType
from hookswitch.model.ids import CallId, EndpointId, EventId
from hookswitch.model.journal import Cursor
from hookswitch.store.rows import Batch
from kit.api import SECRET, TOKEN, cli, serving

PATIENCE_S: Final = 60.0
AT: Final = 1_790_868_675_000


class Office:
    """A running server with a receiver whose next answers the test decides."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.received: list[Received] = []
        self.server: Any = None

    async def run(self, *args: object) -> Result:
        return await cli("deliveries", *args, "--data-dir", self.path)

    async def json(self, *args: object) -> Any:
        result = await self.run(*args, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    async def add(
        self, name: str, kind: EventType = "user_inbound", to: str = "crm", call: str = "c1"
    ) -> None:
        """Commit an event and its delivery, and let it be sent."""
        event = Event(
            id=EventId(name), type=kind, call=CallId(call), revision=1, at=AT, body=sample(kind)
        )
        new = NewDelivery(event=event.id, endpoint=EndpointId(to), call=event.call)
        await self.server.store.commit(
            Batch(node="n1", cursor=Cursor(), events=[event], deliveries=[new], at=AT)
        )
        self.server.worker.wake()

    async def until(self, *states: str) -> Sequence[Any]:
        """Wait until the deliveries, oldest first, are in these states."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                rows = [*reversed(await self.server.store.deliveries())]
                if tuple(row.state for row in rows) == states:
                    return rows
                await asyncio.sleep(0.01)


@asynccontextmanager
async def office(path: Path) -> AsyncIterator[Office]:
    found = Office(path)
    listener = Listener(found.received.append, checks=Checks(TOKEN, SECRET))
    async with listener, serving(path, listener.port) as server:
        found.server = server
        yield found
