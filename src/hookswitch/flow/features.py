"""What phones dial to do something with a call or with themselves: feature codes, and parking."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Final

from msgspec import Struct
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from hookswitch.flow.fields import ExtensionNumber, Part, Text, wrong

MOST_SLOTS: Final = 100
QUEUE_CODES: Final = ("queue_login", "queue_logout", "queue_pause", "queue_unpause")
PREFIXES: Final = {
    *("time_condition", "record_prompt", "pickup_extension", *QUEUE_CODES),
    *("forward_always_on", "forward_busy_on", "forward_no_answer_on"),
}
"""Codes behind which something else is dialled."""


def _code(value: str) -> str:
    if not (2 <= len(value) <= 8 and value.isascii() and set(value) <= set("0123456789*#")):
        wrong("it is not a feature code", "write 2 to 8 of 0-9, * and #, such as *78")
    return value


Code = Annotated[Text, AfterValidator(_code)]


class FeatureCodes(Part):
    """What is dialled for each feature; null turns it off. None of them is reached from a trunk."""

    voicemail: Code | None = "*97"
    time_condition: Code | None = "*28"
    """An object's `override` is dialled behind it."""
    record_prompt: Code | None = "*77"
    """An object's `record_code` is dialled behind it."""
    pickup: Code | None = "*8"
    """Takes any call that rings in the user's pickup groups."""
    pickup_extension: Code | None = "**"
    """Takes a call that rings at the extension dialled behind it."""
    dnd_on: Code | None = "*78"
    dnd_off: Code | None = "*79"
    forward_always_on: Code | None = "*72"
    """To the extension that is dialled behind it, or asked for."""
    forward_always_off: Code | None = "*73"
    forward_busy_on: Code | None = "*90"
    forward_busy_off: Code | None = "*91"
    forward_no_answer_on: Code | None = "*92"
    forward_no_answer_off: Code | None = "*93"
    queue_login: Code | None = "*45"
    """For all of the user's queues, or the one whose `code` is dialled behind it."""
    queue_logout: Code | None = "*46"
    queue_pause: Code | None = "*47"
    queue_unpause: Code | None = "*48"


class Parking(Part):
    """Calls transferred to `extension` wait in one of the `slots` that follow it, for `timeout`
    seconds; then they ring whoever parked them.
    """

    extension: ExtensionNumber = "700"
    slots: Annotated[int, Field(ge=1, le=MOST_SLOTS, strict=True)] = 10
    timeout: Annotated[int, Field(ge=10, le=3600, strict=True)] = 60

    @field_validator("slots")
    @classmethod
    def _as_long(cls, slots: int, info: ValidationInfo) -> int:
        extension = info.data.get("extension", "700")
        room = 10 ** len(extension) - 1 - int(extension)
        if slots > room:
            wrong(f"their numbers would be longer than {extension}", f"use at most {room}")
        return slots

    @property
    def numbers(self) -> Sequence[str]:
        """The slots' own numbers."""
        first, width = int(self.extension) + 1, len(self.extension)
        return [f"{first + n:0{width}}" for n in range(self.slots)]


class Transfers(Part):
    """What becomes of calls that phones transfer."""

    recall: bool = True
    """A blind transfer that nobody takes comes back: whoever transferred the call is rung."""


class Dialled(Struct, frozen=True):
    """Something that a phone can dial, and what has claimed it."""

    text: str
    what: str
    field: tuple[str, ...]
    """Where the document says so."""
    more_follows: bool = False
    """It is a beginning: an extension or a code of an object is dialled behind it."""


def dialled(codes: FeatureCodes, parking: Parking | None) -> Iterable[Dialled]:
    """Every code and parking number."""
    for field in FeatureCodes.model_fields:
        text: str | None = getattr(codes, field)
        if text is not None:
            more = field in PREFIXES
            yield Dialled(text, f"the feature code {field}", ("feature_codes", field), more)
    if parking is not None:
        at = ("parking", "extension")
        yield Dialled(parking.extension, "the parking extension", at)
        yield from (Dialled(number, "a parking slot", at) for number in parking.numbers)
