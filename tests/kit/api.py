"""`hookswitch serve` without its engine: the real store, deliveries, transport, guard and API."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from click.testing import CliRunner, Result
from msgspec.structs import replace
from structlog.testing import capture_logs

from hookswitch.app.cli import main
from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.apply import Applied
from hookswitch.app.configuration.apply_errors import ApplyError
from hookswitch.app.configuration.live import Live
from hookswitch.app.configuration.revisions import Revisions
from hookswitch.app.configuration.submission import Submission
from hookswitch.app.datadir import DataDir
from hookswitch.app.deliverer import worker_settings
from hookswitch.app.line.state import RunningState
from hookswitch.app.server import Server
from hookswitch.app.services import mount
from hookswitch.app.settings import Settings
from hookswitch.app.webhooks.builtin_receiver import BuiltInReceiver
from hookswitch.app.webhooks.feed import Feed
from hookswitch.app.webhooks.replaying import ReplayRunner
from hookswitch.app.webserver import WebServer
from hookswitch.config.check import parse_text
from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.worker import DeliveryWorker
from hookswitch.media.prompts import Prompts
from hookswitch.store.sqlite import SqliteStore
from hookswitch.vault import Vault

SECRET: Final = "whsec_" + base64.b64encode(b"k" * 32).decode()
TOKEN: Final = "t0ken-hidden"
CUSTOM: Final = "custom-hidden"

WARNED: Final = [("warning", ["webhooks", 1, "url"]), ("warning", ["webhooks", 1, "triggers"])]
"""Of the endpoint `closed` below: its address is not open, and nothing is ticked."""

DOCUMENT: Final = """\
hookswitch: 1
trunks: [{{name: carrier, host: sip.carrier.example}}]
flows:
  - name: Office
    objects:
      - {{id: main, kind: number, name: Main, numbers: ["61300000000"], outputs: {{next: missed}}}}
      - {{id: missed, kind: webhook, name: Missed call, url: "{url}object",
          secret_token: {token}, signing_secret: "{secret}"}}
webhooks:
  - name: crm
    url: "{url}crm"
    secret_token: {token}
    signing_secret: "{secret}"
    triggers: [user_inbound]
    headers: {{X-Custom: {custom}}}
  - {{name: closed, url: "http://127.0.0.1:1/", secret_token: {token}, signing_secret: "{secret}"}}
allowed_networks:
  - {{network: 127.0.0.1/32, ports: [{port}]}}
"""


def document(port: int) -> str:
    url = f"http://127.0.0.1:{port}/"
    return DOCUMENT.format(url=url, port=port, token=TOKEN, secret=SECRET, custom=CUSTOM)


@asynccontextmanager
async def serving(path: Path, receiver_port: int = 9, **settings: Any) -> AsyncIterator[Any]:
    """Serve a data directory; deliveries fail after two attempts. Logs stay off standard output."""
    data, live = DataDir(path), Live()
    live.set(1, parse_text(document(receiver_port)))
    allowed = [AllowedNetwork(one.network, one.ports) for one in live.document.allowed_networks]
    transport = HttpTransport(Guard(allowed))
    with capture_logs(), data.lock():
        store = await SqliteStore.open(data.database)
        vault = Vault(data.secrets_key, store)
        given = Settings(data_dir=path, **{"delivery_retries_s": (0.05,), **settings})
        quick = replace(worker_settings(given), idle_poll_s=0.05)
        worker = DeliveryWorker(store, transport, live.resolve, now_ms, quick)
        replays = ReplayRunner(store, live, worker.wake)
        server = SimpleNamespace(
            replays=replays, feed=Feed(store),
            data=data, live=live, store=store, transport=transport, worker=worker,
            settings=given, web=WebServer("127.0.0.1", 0),
            again=None, vault=vault, revisions=Revisions(store, vault), submit=_no_engine,
            prompts=Prompts(data.prompts),
            receiver=BuiltInReceiver(data.receiver_port, lambda: live.endpoints),
        )  # fmt: skip
        server.state = RunningState(cast("Server", server))
        await server.receiver.start()
        await server.web.bind()
        access = mount(cast("Server", server))
        server.code = await access.open()
        await server.web.start()
        data.announce(server.web.url)
        running = asyncio.gather(worker.run(), replays.run())
        try:
            yield server
        finally:
            worker.stop()
            replays.stop()
            await running
            await server.web.close()
            await server.receiver.close()
            await transport.close()
            await store.close()


async def _no_engine(_given: Submission) -> Applied:
    raise ApplyError("the engine is not running: see /healthz, then apply again")


async def cli(*args: object) -> Result:
    """Run the command in a thread, so that servers of this loop can answer it."""
    return await asyncio.to_thread(CliRunner().invoke, main, [str(arg) for arg in args])
