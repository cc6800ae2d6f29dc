"""Who may use the API: administrators, their sessions, tokens of programs, and what each did."""

from typing import Final, Literal

from msgspec import Struct

from hookswitch.model.ids import Ms

Role = Literal["read_only", "operator", "administrator"]
ROLES: Final[tuple[Role, ...]] = ("read_only", "operator", "administrator")
"""Each may do what the ones before it may."""


class Administrator(Struct, frozen=True, kw_only=True):
    """A person; `totp` once a second factor is confirmed, `totp_step` that of the last code."""

    name: str
    role: Role
    password_hash: str
    created_at: Ms
    disabled: bool = False
    totp: bool = False
    totp_step: int = 0
    last_login_at: Ms | None = None

    def __repr__(self) -> str:
        return f"Administrator({self.name!r}, {self.role!r})"


class Session(Struct, frozen=True, kw_only=True):
    """A signed-in browser; its cookie is kept as a hash."""

    id: str
    token_hash: str
    administrator: str
    created_at: Ms
    seen_at: Ms
    address: str
    agent: str

    def __repr__(self) -> str:
        return f"Session({self.id!r}, {self.administrator!r})"


class ApiToken(Struct, frozen=True, kw_only=True):
    """A program's key, kept as a hash; without `addresses` it may come from anywhere."""

    id: str
    name: str
    token_hash: str
    role: Role
    created_at: Ms
    created_by: str
    addresses: tuple[str, ...] = ()
    used_at: Ms | None = None
    used_from: str = ""

    def __repr__(self) -> str:
        return f"ApiToken({self.id!r}, {self.name!r})"


class AuditEntry(Struct, frozen=True, kw_only=True):
    """A change: who, when, what (`POST /api/draft/apply`), on what path, from which address."""

    at: Ms
    who: str
    what: str
    target: str
    address: str
    details: str = ""
    id: int = 0
    """Given by the store, ascending."""


def allows(have: Role, needed: Role) -> bool:
    return ROLES.index(have) >= ROLES.index(needed)
