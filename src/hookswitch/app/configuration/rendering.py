"""A revision as files of the engine."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from hookswitch.app.configuration.trunk_names import Places
from hookswitch.asterisk.configuration.render import (
    render_entry,
    render_revision,
    render_sections,
    render_shared,
)
from hookswitch.config.document import Document
from hookswitch.config.site import NOTHING, site_of
from hookswitch.flow.compile import compile_plan
from hookswitch.model.plan import Plan

ENTRY = "entry.conf"
MEMBERS = "members.conf"
TRUNKS = "pjsip_plan.conf"
"""Has of trunks what is theirs alone, such as where their calls come from."""
PLANNED_FILES = (
    "devices_plan.conf",
    "musiconhold_plan.conf",
    "pjsip_aor_plan.conf",
    "pjsip_auth_plan.conf",
    "pjsip_endpoint_plan.conf",
    "pjsip_plan.conf",
    "queues_plan.conf",
    "res_parking_plan.conf",
    "rtp_plan.conf",
    "voicemail_plan.conf",
)


class Rendered(Struct, frozen=True):
    """A revision as files of the engine, by name below its `etc`."""

    revision: int
    revision_file: str
    files: Mapping[str, str]
    contexts: tuple[str, ...]
    applications: tuple[str, ...]
    external_address: str = ""


def render(document: Document, revision: int, prompts: Path, missing: Places = NOTHING) -> Rendered:
    """Compile and render a checked document; `prompts` is where uploaded audio lies."""
    site = site_of(document, None, str(prompts), missing)
    plan = compile_plan(document.flows, site, revision)
    sections = {
        f"{Path(name).stem}_plan.conf": text for name, text in render_sections(plan).items()
    }
    # an empty plan must still replace the file of the one before
    for name in PLANNED_FILES:
        sections.setdefault(name, "; nothing yet\n")
    name = f"rev/{revision}.conf"
    return Rendered(
        revision=revision,
        revision_file=name,
        files={
            name: render_revision(plan),
            MEMBERS: render_shared(plan),
            **sections,
            ENTRY: render_entry(plan),
        },
        contexts=tuple(context.name for context in plan.contexts),
        applications=_applications(plan),
        external_address=document.network.external_address or "",
    )


def _applications(plan: Plan) -> tuple[str, ...]:
    steps = (step.app for c in plan.contexts for e in c.extensions for step in e.steps)
    return tuple(sorted(set(steps)))
