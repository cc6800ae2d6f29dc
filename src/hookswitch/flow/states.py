"""What users set from their phones: do not disturb, and forwards.

The engine keeps both through reloads and restarts; its custom device states are also what queues
and lamps look at.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from hookswitch.flow.exact import exact
from hookswitch.flow.features import FeatureCodes
from hookswitch.flow.site import Site, SiteUser
from hookswitch.model.plan import Context, Extension, Section, Step

DEVICES_CONTEXT: Final = "hs-devices"
DEVICES_FILE: Final = "devices_plan.conf"
DEVICES: Final = "devices"
FORWARDS: Final = ("always", "busy", "no_answer")
"""When a call is forwarded; `no_answer` also when no device is reachable."""


def undisturbed(extension: str) -> str:
    """A device that is busy while the user is not to be disturbed."""
    return f"Custom:hsdnd{extension}"


def is_undisturbed(extension: str) -> str:
    return f'$["${{DEVICE_STATE({undisturbed(extension)})}}" = "BUSY"]'


def has_forward(extension: str, configured: str = "") -> str:
    """Whether he set one by code, looked up in memory: most users have none.

    Or one is `configured`: a variable that may be empty.
    """
    by_code = f'"${{DEVICE_STATE(Custom:hsfwd{extension})}}" = "INUSE"'
    return f'$["{configured}" != "" | {by_code}]' if configured else f"$[{by_code}]"


def state_entrances(codes: FeatureCodes) -> Iterable[Extension]:
    for state in ("on", "off"):
        code = getattr(codes, f"dnd_{state}")
        if code is not None:
            yield Extension(code, (Step("Goto", f"hs-dnd,{state},1"),))
    for kind in FORWARDS:
        yield from _forward(codes, kind)


def _forward(codes: FeatureCodes, kind: str) -> Iterable[Extension]:
    """To whom is dialled behind the code, or asked for."""
    on, off = getattr(codes, f"forward_{kind}_on"), getattr(codes, f"forward_{kind}_off")
    of = Step("Set", f"HS_KIND={kind}")
    if on is not None:
        target = Step("Set", f"HS_TARGET=${{FILTER(0-9+,${{EXTEN:{len(on)}}})}}")
        yield Extension(on, (of, Step("Set", "HS_TARGET="), Step("Goto", "hs-forwarding,on,1")))
        yield Extension(f"_{on}.", (of, target, Step("Goto", "hs-forwarding,on,1")))
    if off is not None:
        yield Extension(off, (of, Step("Goto", "hs-forwarding,off,1")))


def devices_context(users: Sequence[SiteUser]) -> Context:
    """The devices of whom calls are forwarded to; none of somebody who is not to be disturbed."""
    none = Extension("none", (Step("Return"),))
    return Context(DEVICES_CONTEXT, (*map(_devices, users), none))


def _devices(user: SiteUser) -> Extension:
    steps = (
        Step("GotoIf", f"{is_undisturbed(user.extension)}?{DEVICES_CONTEXT},none,1"),
        Step("Set", f"HS_TO={dialled(user)}"),
        Step("Return"),
    )
    return Extension(user.extension, steps)


def hints(site: Site, members: Collection[str]) -> Iterable[Extension]:
    """Whether users are free: for the `members` of queues, and for whoever's lamp is lit.

    One that stands here by itself costs the engine time for each other, at every Apply: ten
    thousand took six seconds. So it makes most of them itself, when a phone first asks.
    """
    users = {u.extension: dialled(u) for u in site.users.values() if u.devices}
    asked = f"${{AST_CONFIG({DEVICES_FILE},{DEVICES},${{EXTEN}})}}"
    patterns = exact(users)
    for extension in sorted(users.keys() & {*members, *patterns}):
        yield Extension(extension, hint=_hint(users[extension], extension))
    for pattern in (p for p in patterns if p not in users):
        yield Extension(f"_{pattern}", hint=_hint(asked, "${EXTEN}"))


def _hint(devices: str, extension: str) -> str:
    return f"{devices}&{undisturbed(extension)}"


def devices_section(users: Sequence[SiteUser]) -> Section:
    """What hints are made from."""
    devices = ((user.extension, dialled(user)) for user in users if user.devices)
    return Section("devices.conf", DEVICES, tuple(devices))


def dialled(user: SiteUser) -> str:
    return "&".join(f"PJSIP/{device.username}" for device in user.devices)
