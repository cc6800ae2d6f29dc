"""Text to speech: espeak-ng of its own prefix, run as the engine is."""

import asyncio
from pathlib import Path
from typing import Final

from hookswitch.asterisk.engine import LIBRARIES, loader_argv, tool_root
from hookswitch.asterisk.errors import SpeechError

PROGRAM: Final = "usr/bin/espeak-ng"
WORDS_A_MINUTE: Final = "150"
WITHIN_S: Final = 60.0


async def speak(prefix: Path, text: str, voice: str) -> bytes:
    """Give `text`, spoken by a voice such as `en` or `de`, as the bytes of a WAV file."""
    root = tool_root(prefix)
    argv = (
        *loader_argv(root, PROGRAM),
        f"--path={root / LIBRARIES}",
        *("-v", voice, "-s", WORDS_A_MINUTE, "--stdin", "--stdout"),
    )
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(WITHIN_S):
            audio, said = await running.communicate(text.encode())
    except TimeoutError:
        raise SpeechError(f"it was not spoken in {WITHIN_S:g} s", "shorten the text") from None
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
    if running.returncode or not audio:
        why = said.decode(errors="replace").strip().splitlines()[-1:] or ["no audio came"]
        raise SpeechError(f"the voice {voice!r} cannot speak ({why[0]})", "choose another voice")
    return audio
