"""Texts that are spoken at Apply and then played like a prompt."""

import hashlib
from typing import Final

from msgspec import Struct

from hookswitch.flow.site import Site
from hookswitch.model.plan import Step

SPOKEN: Final = "spoken"
"""The folder of spoken texts, below that of the uploaded prompts."""


class Spoken(Struct, frozen=True):
    """A text and the voice that speaks it, such as `en`."""

    text: str
    voice: str

    @property
    def name(self) -> str:
        """The same for the same words, so that they are spoken once."""
        return hashlib.sha256(f"{self.voice} {self.text}".encode()).hexdigest()[:32]


def play_spoken(spoken: Spoken, site: Site) -> Step:
    return Step("Playback", f"{site.prompt_dir}/{SPOKEN}/{spoken.name}")
