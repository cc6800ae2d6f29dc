"""What a configuration has spoken: made once at Apply, then played like an uploaded prompt."""

import asyncio
from pathlib import Path

from hookswitch.app.configuration.apply_errors import ApplyError
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.speech import speak
from hookswitch.config.document import Document
from hookswitch.flow.nodes import KINDS
from hookswitch.flow.spoken import SPOKEN, Spoken
from hookswitch.media.prompts import PromptError, Prompts


class Speech:
    """Speaks by the tool in `prefix`; `prompts` is where uploaded audio lies."""

    def __init__(self, prefix: Path, prompts: Path) -> None:
        self._prefix = prefix
        self._spoken = Prompts(prompts / SPOKEN)

    async def prepare(self, document: Document) -> None:
        """Speak what has not been spoken before; raises ApplyError."""
        for flow in document.flows:
            for node in flow.objects:
                for spoken in KINDS[node.kind].spoken(node):
                    if spoken.name not in self._spoken.names():
                        await self._speak(node.name, spoken)

    async def _speak(self, owner: str, spoken: Spoken) -> None:
        try:
            audio = await speak(self._prefix, spoken.text, spoken.voice)
            await asyncio.to_thread(self._spoken.add, spoken.name, audio)
        except (EngineError, PromptError) as error:
            raise ApplyError(f"{owner}: text: it cannot be spoken: {error}") from error
