"""Playing an uploaded prompt."""

from collections.abc import Iterable

from hookswitch.flow.node import Finding
from hookswitch.flow.site import Site
from hookswitch.model.plan import Step


def play(prompt: str, site: Site, *, answered: bool = True) -> Step:
    """Play it whole; unanswered it is early media, which costs the caller nothing."""
    options = "" if answered else ",noanswer"
    return Step("Playback", f"{site.prompt_dir}/{prompt}{options}")


def check_prompt(field: str, prompt: str | None, site: Site) -> Iterable[Finding]:
    if prompt is None or site.prompts is None or prompt in site.prompts:
        return
    known = ", ".join(sorted(site.prompts)[:5]) or "none yet"
    yield Finding(
        field,
        f"there is no prompt {prompt!r}",
        f"upload it (hookswitch prompts add {prompt} FILE), or name one there is ({known})",
    )
