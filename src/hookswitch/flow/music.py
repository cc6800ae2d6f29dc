"""Music for those who wait: a class is a list of uploaded prompts."""

from collections.abc import Iterable

from hookswitch.flow.node import Finding
from hookswitch.flow.site import Site
from hookswitch.model.plan import Section

FILE = "musiconhold.conf"


def music_class(name: str) -> str:
    """The class in the engine; it keeps its name through an Apply, so music goes on."""
    return f"hs-{name}"


def music_sections(site: Site) -> tuple[Section, ...]:
    return tuple(
        Section(
            FILE,
            music_class(name),
            (
                ("mode", "playlist"),
                *(("entry", f"{site.prompt_dir}/{piece}") for piece in pieces),
                ("sort", "randstart"),
            ),
        )
        for name, pieces in sorted(site.music.items())
    )


def check_music(field: str, name: str | None, site: Site) -> Iterable[Finding]:
    if name is None or name in site.music:
        return
    known = ", ".join(sorted(site.music)[:5]) or "none yet"
    yield Finding(
        field,
        f"there is no music {name!r}",
        f"add it to `music`, or name one of those there are ({known})",
    )
