"""Recording a call: what may be set wherever a call can be recorded, and the steps of it.

One recording at a time per call: the first to start wins, so each of these steps may do nothing.
"""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BeforeValidator

from hookswitch.flow.fields import EmailAddress, Part, PromptName, RecordingTemplate
from hookswitch.flow.node import Finding
from hookswitch.flow.prompts import check_prompt
from hookswitch.flow.site import Site
from hookswitch.model.plan import Step


class Record(Part):
    """How a call is recorded; `announcement` is a prompt that tells the caller."""

    announcement: PromptName | None = None
    emails: tuple[EmailAddress, ...] = ()
    subject: RecordingTemplate = "Recording of a call from {caller_id}"
    message: RecordingTemplate = (
        "{caller_name} ({caller_id}) called {dest_number} at {recorded_at}. The recording: {link}"
    )
    attach_audio: bool = False


def _switch(value: Any) -> Any:
    """`true` records with the settings that hold if none are given."""
    if isinstance(value, bool):
        return {} if value else None
    return value


Recorded = Annotated[Record | None, BeforeValidator(_switch)]


def check_record(field: str, record: Record | None, site: Site) -> Iterable[Finding]:
    if record is not None:
        yield from check_prompt(f"{field}.announcement", record.announcement, site)


def begin(record: Record | None, by: str, site: Site, who: str = "both") -> tuple[Step, ...]:
    """Record this channel's talk from here on; `by` finds the settings when it is complete."""
    if record is None:
        return ()
    prompt = f"{site.prompt_dir}/{record.announcement}" if record.announcement else ""
    return (Step("Gosub", f"hs-record,s,1({by},{site.recording_format},{who},{prompt})"),)


def go_on() -> Step:
    """Before somebody is rung: what records this channel takes the next voice too."""
    return Step("GosubIf", '$["${HS_RECFILE}" != ""]?hs-record-on,s,1')


def end(record: Record | None, by: str) -> tuple[Step, ...]:
    """The end of what `begin` began, if it was that which began."""
    return () if record is None else (Step("Gosub", f"hs-record-end,s,1({by})"),)


def recorded_by(extension: str, way: str) -> str:
    """What `by` is for a user's own setting: `way` is `in` or `out`."""
    return f"user/{extension}/{way}"
