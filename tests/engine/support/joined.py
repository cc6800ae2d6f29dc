"""Plans of several rows, each compiled by itself, as one that the engine can be told.

So each row can have a compiler of its own, wrong in whatever way.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from hookswitch.model.plan import Context, Extension, Plan, Section, Step

PHONES = "hs-from-user"
"""Where phones come in: what they may dial is the row's own."""
BY_USER = re.compile(r"hs-r\d+-may-")
"""Found by a user's extension."""
PARKED_S = "4"


def own(plan: Plan, name: str) -> Plan:
    """The same under names of its own, but for what is told apart by numbers and users."""
    revisions = {c.name for c in plan.contexts if not BY_USER.match(c.name)}
    names = sorted(revisions | {PHONES}, key=len, reverse=True)
    whole = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, names))})(?![\w-])")

    def renamed(step: Step) -> Step:
        return replace(step, args=whole.sub(rf"\1-{name}", step.args))

    def of(context: Context) -> Context:
        changed = with_steps(context, lambda step: (renamed(step),))
        return replace(changed, name=whole.sub(rf"\1-{name}", context.name))

    def led(section: Section) -> Section:
        options = (
            (key, whole.sub(rf"\1-{name}", value) if key == "context" else value)
            for key, value in section.options
        )
        return replace(section, options=tuple(options))

    return replace(
        plan,
        contexts=tuple(map(of, plan.contexts)),
        shared=tuple(map(of, plan.shared)),
        entry=tuple(map(of, plan.entry)),
        sections=tuple(map(led, plan.sections)),
    )


def joined(plans: Sequence[Plan]) -> Plan:
    """All of them: of what two have by the same name the first counts, or all its parts do.

    Calls are parked for less than a document may say, so that nobody waits for it.
    """
    return replace(
        plans[0],
        contexts=_contexts(context for plan in plans for context in plan.contexts),
        shared=_contexts(context for plan in plans for context in plan.shared),
        entry=_contexts(context for plan in plans for context in plan.entry),
        sections=_sections(section for plan in plans for section in plan.sections),
    )


def with_steps(context: Context, change: Callable[[Step], Sequence[Step]]) -> Context:
    """The context with each step changed: to another one, to several, or to none."""
    extensions = (
        replace(e, steps=tuple(changed for step in e.steps for changed in change(step)))
        for e in context.extensions
    )
    return replace(context, extensions=tuple(extensions))


def _contexts(contexts: Iterable[Context]) -> tuple[Context, ...]:
    found: dict[str, dict[str, Extension]] = {}
    for context in contexts:
        known = found.setdefault(context.name, {})
        for extension in context.extensions:
            known.setdefault(extension.match, extension)
    return tuple(Context(name, tuple(known.values())) for name, known in found.items())


def _hastened(section: Section) -> Section:
    times = (PARKED_S if key == "parkingtime" else value for key, value in section.options)
    names = (key for key, _ in section.options)
    return replace(section, options=tuple(zip(names, times, strict=True)))


def _sections(sections: Iterable[Section]) -> tuple[Section, ...]:
    found: dict[tuple[str, str, bool], Section] = {}
    for section in map(_hastened, sections):
        key = section.file, section.name, section.adds
        options = found[key].options if key in found else ()
        found[key] = replace(section, options=tuple(dict.fromkeys((*options, *section.options))))
    return tuple(found.values())
