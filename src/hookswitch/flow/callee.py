"""Whom a leg rings, as texts of the dialplan: one user's own, or variables that hold any user's.

The contexts of all users are alike but for what is said here. So each is compiled once, and a
user is one line of `hs-r<N>-all-users`: ten thousand copies took the engine minutes and gigabytes.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from hookswitch.flow.members import ANSWERED
from hookswitch.flow.node import DIAL, Wiring
from hookswitch.flow.records import literal
from hookswitch.flow.site import Site, SiteUser
from hookswitch.flow.states import dialled, has_forward
from hookswitch.model.plan import Context, Extension, Step

CONFIRM: Final = "U(hs-accept)"
OTHERS_NUMBER: Final = "${FILTER(0-9+,${CALLERID(num)})}"


class Callee(Struct, frozen=True, kw_only=True):
    """`name` is URL-encoded; `devices`, `seconds` and `answered` are parts of Dial's arguments.

    `always` to `offline` are whom calls are forwarded to; `has_always` and `has_later` are
    conditions: whether there is somebody, by the configuration or by code.
    """

    extension: str
    name: str
    devices: str
    seconds: str
    answered: str
    announced: tuple[Step, ...]
    always: str
    busy: str
    no_answer: str
    offline: str
    has_always: str
    has_later: str
    limits: str
    shown: str
    hides: str
    confirm: str
    """More Dial options for a number outside."""

    @property
    def silent(self) -> "Callee":
        """Without the announcement, for a caller who has heard it or hears another."""
        return replace(self, announced=())


def callee_of(user: SiteUser, seconds: int, site: Site) -> Callee:
    """Give what is said of one user."""
    own = user.forward
    by_code = has_forward(user.extension)
    heard = f"hs-announce,s,1({site.prompt_dir}/{user.announcement})"
    return Callee(
        extension=user.extension,
        name=literal(user.name),
        devices=dialled(user),
        seconds=str(seconds),
        answered=_answered(user),
        announced=(Step("Gosub", heard),) if user.announcement else (),
        always=own.always or "",
        busy=own.busy or "",
        no_answer=own.no_answer or "",
        offline=own.offline or "",
        has_always="1" if own.always else by_code,
        has_later="1" if own.busy or own.no_answer or own.offline else by_code,
        limits=limits(user),
        shown=OTHERS_NUMBER if own.keep_caller else user.shown or "",
        hides=str(int(user.hides and not own.keep_caller)),
        confirm=CONFIRM if own.confirm else "",
    )


def any_callee(site: Site) -> Callee:
    """Whoever was looked up by his extension."""
    later = "${HS_U_BUSY}${HS_U_NO_ANSWER}${HS_U_OFFLINE}"
    heard = f"hs-announce,s,1({site.prompt_dir}/${{HS_U_SAYS}})"
    return Callee(
        extension="${HS_U}",
        name="${HS_U_NAME}",
        devices="${HS_U_DEVICES}",
        seconds="${HS_U_SECONDS}",
        answered="${HS_U_ANSWERED}",
        announced=(Step("GosubIf", f'$["${{HS_U_SAYS}}" != ""]?{heard}'),),
        always="${HS_U_ALWAYS}",
        busy="${HS_U_BUSY}",
        no_answer="${HS_U_NO_ANSWER}",
        offline="${HS_U_OFFLINE}",
        has_always=has_forward("${HS_U}", "${HS_U_ALWAYS}"),
        has_later=has_forward("${HS_U}", later),
        limits="${HS_U_LIMITS}",
        shown=f'${{IF($["${{HS_U_KEEPS}}" = "1"]?{OTHERS_NUMBER}:${{HS_U_SHOWN}})}}',
        hides="${HS_U_HIDES}",
        confirm="${HS_U_CONFIRM}",
    )


def by_extension(wiring: Wiring, dial: Sequence[Extension], *begun: Step) -> Context:
    """A context that is entered by the extension of whom `dial` rings, once `begun` is done."""
    names = ",".join(f"HS_U_{name}" for name in _FIELDS)
    known = (
        Step("Set", "HS_U=${EXTEN}", DIAL if begun else ""),
        Step("Gosub", f"{_users(wiring.revision)},${{HS_U}},1"),
        Step("Set", f"ARRAY({names})=${{GOSUB_RETVAL}}"),
        Step("Goto", f"{wiring.context},s,1"),
    )
    return Context(wiring.context, (Extension("_X!", (*begun, *known)), *dial))


def users_context(users: Sequence[SiteUser], revision: int) -> Context:
    """What is known of each: a list of values, those that are left out at its end are empty."""
    listed = (Extension(user.extension, (Step("Return", _values(user)),)) for user in users)
    return Context(_users(revision), tuple(listed))


def limits(user: SiteUser) -> str:
    return f"{user.limits.at_once or 0}-{user.limits.per_minute or 0}"


def _users(revision: int) -> str:
    return f"hs-r{revision}-all-users"


_FIELDS: Final = (
    *("NAME", "DEVICES", "SECONDS", "LIMITS", "SHOWN", "HIDES", "ANSWERED", "SAYS"),
    *("ALWAYS", "BUSY", "NO_ANSWER", "OFFLINE", "KEEPS", "CONFIRM"),
)
"""In the order of `_values`: what few users have comes last."""


def _values(user: SiteUser) -> str:
    """No value holds a comma, a quote or a backslash."""
    own = user.forward
    has_limits = user.limits.at_once or user.limits.per_minute
    values = (
        literal(user.name),
        dialled(user),
        str(user.ring_time),
        limits(user) if has_limits else "",
        user.shown or "",
        "1" if user.hides and not own.keep_caller else "",
        _answered(user),
        user.announcement or "",
        *(own.always or "", own.busy or "", own.no_answer or "", own.offline or ""),
        "1" if own.keep_caller else "",
        CONFIRM if own.confirm else "",
    )
    return ",".join(values).rstrip(",")


def _answered(user: SiteUser) -> str:
    return ANSWERED if user.records_inbound else ""
