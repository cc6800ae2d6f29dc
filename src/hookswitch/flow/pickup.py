"""Taking calls that ring elsewhere, and parking calls to take them back from anywhere."""

from collections.abc import Iterable, Sequence
from typing import Final

from hookswitch.flow.callee import any_callee, by_extension
from hookswitch.flow.dial import dial_user
from hookswitch.flow.features import FeatureCodes, Parking
from hookswitch.flow.node import Node, Wiring
from hookswitch.flow.site import Site, SiteUser
from hookswitch.model.plan import Context, Extension, Section, Step

PARK: Final = "hs-park"
COMEBACK: Final = "hs-comeback"
SLOTS: Final = "hs-slots"
"""The parking lot's own context: the engine tells of its slots by this name."""


def pickup_entrances(codes: FeatureCodes, users: Sequence[SiteUser]) -> Iterable[Extension]:
    """A user without devices has nothing that could ring."""
    if codes.pickup is not None:
        yield Extension(codes.pickup, (Step("Goto", "hs-pickup,s,1"),))
    for user in users if codes.pickup_extension is not None else ():
        devices = "&".join(f"PJSIP/{device.username}" for device in user.devices)
        steps = (Step("Set", f"HS_FROM={devices}"), Step("Goto", "hs-pickup,from,1"))
        yield Extension(f"{codes.pickup_extension}{user.extension}", steps)


def parking_entrances(parking: Parking | None) -> Iterable[Extension]:
    """Calls are transferred here; who dials a slot himself takes the call that is parked there."""
    if parking is None:
        return
    yield Extension(parking.extension, (Step("Goto", "hs-slot,any,1"),))
    for number in parking.numbers:
        steps = (Step("Set", f"HS_SLOT={number}"), Step("Goto", "hs-slot,s,1"))
        yield Extension(number, steps)


def parking_sections(parking: Parking | None) -> Iterable[Section]:
    """We find the way back to who parked the call: the engine's own would not tell of the leg."""
    if parking is not None:
        numbers = parking.numbers
        options = (
            ("context", SLOTS),
            ("parkpos", f"{numbers[0]}-{numbers[-1]}"),
            ("parkingtime", str(parking.timeout)),
            ("comebacktoorigin", "no"),
            ("comebackcontext", COMEBACK),
            ("findslot", "first"),
        )
        yield Section("res_parking.conf", "default", options)


def back_context(site: Site, revision: int) -> Context:
    """A parked call that was left waiting rings its parker; if he is not there it is parked on."""
    wiring = Wiring(revision, f"hs-r{revision}-all-back", {"park": PARK})
    outputs = dict.fromkeys(("no_answer", "busy", "offline"), "park")
    node = Node(id="parked", kind="user", name="parked", outputs=outputs)
    silent = any_callee(site).silent  # the caller has heard it
    return by_extension(wiring, dial_user(silent, node, wiring))


def comeback_context(users: Sequence[SiteUser], revision: int) -> Context:
    """By the parker's device, as the engine writes it; it tells only once who that was."""
    extensions = (
        Extension(
            f"PJSIP_{device.username}",
            (
                Step("Set", f"HS_PARKER=PJSIP_{device.username}"),
                Step("Goto", f"hs-r{revision}-all-back,{user.extension},1"),
            ),
        )
        for user in users
        for device in user.devices
    )
    again = Step("Goto", f"{PARK},s,1")
    known = Step("GotoIf", f'$["${{HS_PARKER}}" != ""]?{COMEBACK},${{HS_PARKER}},1')
    return Context(
        COMEBACK, (*extensions, Extension("s", (known, again)), Extension("i", (again,)))
    )


def slot_hints(parking: Parking | None) -> Iterable[Extension]:
    """Lamps of phones show which slots are taken."""
    for number in parking.numbers if parking else ():
        yield Extension(number, hint=f"park:{number}@{SLOTS}")
