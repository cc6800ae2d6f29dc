"""The recording of a simulated call: one at a time, told of if anybody talked."""

from msgspec.structs import replace

from hookswitch.model.calls import Recording
from hookswitch.model.ids import Ms


class Recorder:
    """`current` is the recording under way."""

    def __init__(self) -> None:
        self._made = 0
        self.current: Recording | None = None

    def begin(self, by: str) -> bool:
        """Not while the call is recorded already; True if it began."""
        if self.current is not None:
            return False
        self._made += 1
        self.current = Recording(
            id=f"caller-{self._made}.wav", channel="caller", channel_name="", by=by
        )
        return True

    def talk_begins(self, at: Ms) -> None:
        if self.current is not None and self.current.talk_at is None:
            self.current = replace(self.current, talk_at=at)

    def end(self, by: str | None, at: Ms) -> Recording | None:
        """End the one that was asked for so, or whichever; gives it if it is to be told of."""
        recording = self.current
        if recording is None or by not in {None, recording.by}:
            return None
        self.current = None
        return replace(recording, closed_at=at) if recording.talk_at is not None else None
