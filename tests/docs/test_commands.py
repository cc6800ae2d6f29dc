"""Every command that the pages show is run: here, or by the test that is named beside it.

The reference is left out: its commands are the program's own help.
"""

import asyncio
import json
import re
import shlex
import wave
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import click
import pytest
from aiohttp import web
from click.testing import CliRunner, Result
from msgspec import Struct

from hookswitch.app.cli import main
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE, default_prefix
from hookswitch.receiver import VerificationError, verify
from kit.api import SECRET, TOKEN
from kit.command import Served, serve

ROOT: Final = Path(__file__).parents[2]
TESTS: Final = ROOT / "tests"
PAGES: Final = (
    ROOT / "README.md",
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "docs/guides").glob("*.md"),
)
BLOCK: Final = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE: Final = re.compile(r"`(hookswitch [a-z-][^`]*)`")
WITHIN_S: Final = 60.0

ELSEWHERE: Final[Mapping[str, str]] = {
    "hookswitch serve": "docs/test_tutorial.py",
    "hookswitch serve --data-dir": "docs/test_wheel.py",
    "hookswitch serve --database": "engine/test_processes.py",
    "hookswitch serve --engine": "engine/test_operator_engine.py",
    "hookswitch node": "engine/test_processes.py",
    "hookswitch worker": "engine/test_processes.py",
    "hookswitch web": "engine/test_processes.py",
    "hookswitch listen": "docs/test_tutorial.py",
    "hookswitch listen --port 9000 --forward": "unit/test_listen_forward.py",
    "hookswitch listen --forward": "unit/test_listen_forward.py",
    "hookswitch phone answer": "docs/test_tutorial.py",
    "hookswitch phone answer 1001": "e2e/test_console_tutorial.py",
    "hookswitch phone call": "docs/test_tutorial.py",
    "hookswitch phone call 61300000000 --user": "e2e/test_console_tutorial.py",
    "hookswitch call": "engine/test_outside_calls.py",
    "hookswitch service": "engine/test_operator_service.py",
    "hookswitch engine install --upgrade": "engine/test_operator_upgrade.py",
    "hookswitch engine install --with speech": "engine/test_speech.py",
    "hookswitch migrate down": "docs/test_wheel.py",
    "hookswitch migrate sqlite-to-postgres": "conformance/test_moving.py",
    "hookswitch user passwd": "unit/test_access_cli.py",
    "hookswitch bans remove": "engine/test_sip_bans.py",
    "hookswitch replay cancel": "unit/test_replay_cli.py",
}
"""How commands begin that never end, need root, or need what is not here; the longest counts."""

NEGATIVE: Final[Mapping[str, int]] = {
    "--token forged": 1,
    "service status": 3,
}
"""What must not succeed, and its exit code."""

OFFICE: Final = """
hookswitch: 1
users:
  - name: Alice
    extension: "1001"
    devices: [{{username: alice}}, {{username: "1001"}}]
trunks:
  - {{name: provider, host: 127.0.0.2}}
routes:
  - {{name: national, patterns: ["0XXXXXXXXX"], trunks: [provider]}}
flows:
  - name: Office
    objects:
      - {{id: main, kind: number, name: Main, numbers: ["61300000000"], outputs: {{next: alice}}}}
      - {{id: alice, kind: user, name: Alice, user: "1001", outputs: {{no_answer: missed_call}}}}
      - {{id: missed_call, kind: webhook, name: Missed call, url: "{url}", {secrets}}}
webhooks:
  - {{name: crm, url: "{url}", {secrets}, triggers: [user_inbound_completed]}}
  - {{name: doubts, url: "{url}doubts", {secrets}, triggers: [user_inbound_completed]}}
allowed_networks:
  - {{network: 127.0.0.1/32, ports: [{port}]}}
"""


class Office(Struct, frozen=True):
    """A running installation with deliveries, revisions and a replay; its directory of files."""

    served: Served
    place: Path
    words: Mapping[str, str]
    """What stands in the pages, and what it is here."""

    async def type(self, line: str) -> Result:
        """Run a line as it stands in a page; numbers, places and addresses are those of here."""
        for given, meant in self.words.items():
            line = re.sub(rf"(?<![\w.-]){re.escape(given)}(?![\w-])", meant, line)
        line, _, target = line.partition(" > ")
        with pytest.MonkeyPatch.context() as here:
            here.chdir(self.place)
            here.setenv("HOOKSWITCH_DATA_DIR", str(self.served.data))
            here.setenv("HOOKSWITCH_SECRET_TOKEN", TOKEN)
            here.setenv("HOOKSWITCH_SIGNING_SECRET", SECRET)
            done = await asyncio.to_thread(
                CliRunner().invoke, main, shlex.split(line)[1:], input="y\n", prog_name="hookswitch"
            )
            if target:
                (self.place / target).write_text(done.stdout)
        return done


def shown() -> Iterator[tuple[str, str]]:
    """Every page's commands: whole lines of its blocks, and those in its text that are complete."""
    for page in sorted(PAGES):
        text = page.read_text("utf-8")
        lines = [line for body in BLOCK.findall(text) for line in body.splitlines()]
        inline = [re.sub(r"\s+", " ", one) for one in INLINE.findall(text)]
        for line in dict.fromkeys([*lines, *filter(is_complete, inline)]):
            if line.startswith("hookswitch "):
                yield page.name, line


def is_complete(line: str) -> bool:
    """Whether it can be typed, not only names a command, as `hookswitch apply` does."""
    command: click.Command = main
    words = shlex.split(line)[1:]
    while words and isinstance(command, click.Group):
        found = command.get_command(click.Context(main), words[0])
        if found is None:
            break
        command, words = found, words[1:]
    wanted = [one for one in command.params if one.required]
    if isinstance(command, click.Group) and not command.invoke_without_command:
        return bool(words)
    return len(words) >= len(wanted)


def elsewhere(line: str) -> str | None:
    """The test that runs it."""
    words = line.split()
    for end in range(len(words), 1, -1):
        if found := ELSEWHERE.get(" ".join(words[:end])):
            return found
    return None


HERE: Final = [one for one in shown() if not elsewhere(one[1])]


@pytest.fixture(scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    place = tmp_path_factory.mktemp("commands")
    await install(ENGINE, default_prefix())
    async with receiver() as url, serve(place / "data") as served:
        port = url.rstrip("/").rpartition(":")[2]
        secrets = f'secret_token: {TOKEN}, signing_secret: "{SECRET}"'
        (place / "office.yaml").write_text(OFFICE.format(url=url, port=port, secrets=secrets))
        with wave.open(str(place / "welcome.wav"), "wb") as prompt:
            prompt.setparams((1, 2, 8000, 0, "NONE", ""))
            prompt.writeframes(bytes(16_000))
        made = Office(served, place, {})
        for _ in range(2):
            assert (await made.type("hookswitch apply office.yaml")).exit_code == 0
        yield Office(served, place, await filled(made, url))


async def filled(office: Office, url: str) -> Mapping[str, str]:
    """Have a call delivered and a replay, and tell what the pages' examples are called here."""
    missed = await office.type("hookswitch phone call 61300000000 --trunk provider")
    async with asyncio.timeout(WITHIN_S):
        while True:
            said = await office.type("hookswitch deliveries list --state delivered --json")
            if rows := json.loads(said.stdout):
                break
    assert missed.exit_code == 1, missed.output
    for line in ("backup hookswitch.tar.gz", "restore hookswitch.tar.gz --data-dir tried"):
        assert (await office.type(f"hookswitch {line}")).exit_code == 0
    waiting = await office.type("hookswitch deliveries list --endpoint doubts --json")
    return {
        "deliveries retry 12": f"deliveries retry {json.loads(waiting.stdout)[0]['id']}",
        "12": str(rows[0]["id"]),
        "diff 7": "diff 1",
        "http://127.0.0.1:9000/": url,
        "http://127.0.0.1:8000/": url,
        "--to URL": f"--to {url}",
        "check FILE": "check office.yaml",
        "resume NAME": "resume crm",
        "add NAME FILE": "add welcome welcome.wav",
        "DIR": str(office.served.data),
        "/var/backups/hookswitch.tar.gz": "hookswitch.tar.gz",
        "restore FILE": "restore hookswitch.tar.gz",
        "/var/lib/hookswitch": "restored",
        "history --data-dir /tmp/trial": "history --data-dir tried",
        "list --data-dir /tmp/trial": "list --data-dir tried",
        "/tmp/trial": "trial",
    }


@asynccontextmanager
async def receiver() -> AsyncIterator[str]:
    """One that verifies, as the guides tell."""

    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            verify(dict(request.headers), body, signing_secret=SECRET, token=TOKEN)
        except VerificationError:
            return web.Response(status=401)
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


@pytest.mark.parametrize(("page", "line"), HERE)
async def test_a_command_shown_does_what_it_says(page: str, line: str, office: Office) -> None:
    expected = next((code for words, code in NEGATIVE.items() if words in line), 0)
    done = await office.type(line)
    assert done.exit_code == expected, f"{page}: {done.output}"


def test_every_other_command_is_run_by_its_test() -> None:
    used = {elsewhere(line) for _, line in shown()}
    assert set(ELSEWHERE.values()) <= used
    assert [name for name in ELSEWHERE.values() if not (TESTS / name).exists()] == []
