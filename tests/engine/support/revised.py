"""An installation whose document has one of each kind of secret, revised again and again."""

import asyncio
from typing import Any

import aiohttp
import structlog
from click.testing import CliRunner, Result
from support.serving import CARRIER_HOST, Serving

from hookswitch.app.cli import main
from hookswitch.app.configuration.submission import Submission

NUMBER = "61300000001"
MARK = "m4rk3r-s3cr3t"
SIGNING = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

TEXT = """\
# The office of tests
hookswitch: 1
users:
  - name: Alice   # at the desk
    extension: "1001"
    ring_time: {ring_time}
    devices:
      - username: alice
        {password}
mailboxes:
  - {{box: "200", name: Alice{pin}}}
trunks:
  - {{name: carrier, host: {host}, port: {port}}}
flows:
  - name: Main
    objects:
      - {{id: main, kind: number, name: Main, numbers: ["{number}"], outputs: {{next: alice}}}}
      - {{id: alice, kind: user, name: Alice, user: "1001"}}
webhooks:
  - name: crm
    url: https://crm.example/{path}
    {token}
    signing_secret: {signing}
    headers:
      X-Key: {header}
{more}"""


class Office:
    """An installation whose document has one of each kind of secret."""

    def __init__(self, at: Serving) -> None:
        self.at = at
        self.server, self.store = at.server, at.server.store
        self.data = at.server.data
        self.logs: list[Any] = []

    def text(self, **others: Any) -> str:
        values = {
            "ring_time": 20, "path": "a", "number": NUMBER, "host": CARRIER_HOST,
            "port": self.at.carrier.address[1], "password": f"password: {MARK}-device",
            "token": f'secret_token: "{MARK}-token"', "signing": SIGNING,
            "header": f"{MARK}-header", "pin": ', pin: "90210773"', "more": "",
        }  # fmt: skip
        return TEXT.format(**values | others)

    def without_secrets(self, **others: Any) -> str:
        left_out = {"password": "", "token": "", "signing": "", "header": "", "pin": ""}
        return self.text(**left_out | others)

    async def submit(self, text: str, by: str = "ann", **others: Any) -> int:
        return (await self.server.submit(Submission(by=by, text=text, **others))).revision

    async def ask(self, method: str, path: str, **given: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.data.token()}", "X-Hookswitch-User": "eve"}
        async with (
            aiohttp.ClientSession(self.server.web.url, headers=headers) as http,
            http.request(method, path, **given) as answer,
        ):
            return answer.status, await answer.json()

    async def cli(self, *args: object, given: str | None = None) -> Result:
        words = [str(arg) for arg in (*args, "--data-dir", self.data.path)]
        # the server of this process must not log into what the command prints
        with structlog.testing.capture_logs() as logs:
            done = await asyncio.to_thread(CliRunner().invoke, main, words, given)
        self.logs += logs
        return done

    async def lives(self) -> list[int]:
        return [row.number for row in await self.store.revisions() if row.state == "live"]

    def engine_file(self, name: str) -> str:
        return (self.server.supervisor.layout.etc / name).read_text()
