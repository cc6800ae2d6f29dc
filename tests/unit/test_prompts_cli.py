"""`prompts add|list|delete` against a running server."""

import io
import json
import wave
from pathlib import Path

from kit.api import cli, serving


def audio(seconds: int) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x00\x10" * 8000 * seconds)
    return made.getvalue()


async def test_prompts_are_uploaded_listed_and_deleted(tmp_path: Path) -> None:
    file = tmp_path / "welcome.wav"
    file.write_bytes(audio(2))
    data = tmp_path / "data"
    data.mkdir(0o700)
    at = ("--data-dir", data)
    async with serving(data):
        made = await cli("prompts", "add", "welcome", file, "--json", *at)
        prompt = json.loads(made.stdout)
        assert (prompt["name"], prompt["seconds"]) == ("welcome", 2.0)
        listed = await cli("prompts", "list", "--json", *at)
        assert json.loads(listed.stdout) == [prompt]
        missing = await cli("prompts", "add", "welcome", tmp_path / "none.wav", *at)
        assert (missing.exit_code, "No such file" in missing.stderr) == (1, True)
        wrong = await cli("prompts", "add", "other", data / "api-token", *at)
        assert wrong.exit_code == 1
        assert wrong.stderr.startswith("hookswitch: ")
        assert (await cli("prompts", "delete", "welcome", *at)).exit_code == 0
        assert json.loads((await cli("prompts", "list", "--json", *at)).stdout) == []
