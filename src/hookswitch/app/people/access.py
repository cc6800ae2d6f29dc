"""Administrators, their sessions, and tokens of programs: who may use the API."""

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import structlog
from msgspec.structs import replace

from hookswitch.api.ports import Client, Identity, Refused, SignedIn, invalid
from hookswitch.app.clock import now_ms
from hookswitch.app.people.keys import bare, digest, may_come_from, network, new_code
from hookswitch.app.people.passwords import Passwords, what_is_wrong
from hookswitch.app.people.second_factor import SecondFactor
from hookswitch.app.people.throttle import Throttle
from hookswitch.model.access import Administrator, ApiToken, AuditEntry, Role, Session
from hookswitch.model.ids import Ms
from hookswitch.store.access import AccessStore, LastAdministratorError

MINUTE_MS: Final = 60_000
LONGEST_MS: Final = 7 * 24 * 3600 * 1000
"""A session ends after a week even if it is used."""
TOUCH_MS: Final = 30_000
MACHINE: Final = "this machine"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")

log = structlog.get_logger(__name__)


class Access:
    """`api.ports.Access`. `machine_token` is that of whoever may read the data directory."""

    def __init__(
        self,
        store: AccessStore,
        factor: SecondFactor,
        *,
        machine_token: str,
        idle_minutes: int = 60,
    ) -> None:
        self._store = store
        self._factor = factor
        self._machine = digest(machine_token)
        self._idle_ms = idle_minutes * MINUTE_MS
        self._passwords = Passwords()
        self._throttle = Throttle()
        self._by_address = Throttle(free=20)
        self._setting_up = asyncio.Lock()
        self._signing_in = asyncio.Lock()
        self.code = ""
        """The one-time code of the first start; "" once there is an administrator."""

    async def open(self) -> str:
        """Give the one-time code to print, "" if there is an administrator already."""
        self.code = "" if await self._store.administrators() else new_code()
        return self.code

    # who asks

    async def by_cookie(self, cookie: str) -> Identity | None:
        session = await self._store.session(digest(cookie))
        now = now_ms()
        if session is None or self._is_over(session, now):
            return None
        person = await self._store.administrator(session.administrator)
        if person is None or person.disabled:
            return None
        if now - session.seen_at > TOUCH_MS:
            await self._store.touch_session(session.id, now)
        return _identity(person, session.id, cookie)

    async def by_token(self, token: str, client: Client, user: str) -> Identity:
        hashed = digest(token)
        if hmac.compare_digest(hashed, self._machine):
            return Identity(name=user or MACHINE, role="administrator", kind="machine")
        found = await self._store.token(hashed)
        if found is None:
            raise Refused(
                401,
                "Unknown API token",
                "no such token is known here: it was mistyped, or deleted",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        if not may_come_from(found, client.address):
            raise Refused(
                403,
                "Address not allowed",
                f"the token {found.name!r} is right, but may not be used from {client.address}:"
                " add that address to the token's allowed addresses",
            )
        now = now_ms()
        if found.used_at is None or now - found.used_at > TOUCH_MS:
            await self._store.touch_token(found.id, now, client.address)
        return Identity(name=f"token {found.name}", role=found.role, kind="token", session=found.id)

    # the first administrator, and signing in

    async def needs_setup(self) -> bool:
        if self.code and await self._store.administrators():
            self.code = ""
        return bool(self.code)

    async def check_code(self, code: str) -> None:
        if not await self.needs_setup():
            raise Refused(409, "Set up already", "there is an administrator: sign in")
        self._must_wait("setup", self._throttle)
        if not hmac.compare_digest(bare(code), bare(self.code)):
            self._throttle.failed("setup")
            raise Refused(
                401, "Wrong code", "type the code that hookswitch serve printed as it started"
            )

    async def set_up(self, code: str, name: str, password: str, client: Client) -> SignedIn:
        async with self._setting_up:
            await self.check_code(code)
            person = await self._new(name, "administrator", password)
            if not await self._store.add_administrator(person, first=True):
                raise Refused(409, "Set up already", "there is an administrator: sign in")
            self.code = ""
        await self.note(_entry(person.name, "set up", client))
        return await self._begin(person, client)

    async def sign_in(self, name: str, password: str, totp: str, client: Client) -> SignedIn:
        """One at a time: many at once would all guess before the first failure counts."""
        name = name.strip().lower()
        keys = ((f"{name} {client.address}", self._throttle), (client.address, self._by_address))
        async with self._signing_in:
            for key, throttle in keys:
                self._must_wait(key, throttle)
            person = await self._who_is(name, password, totp)
            if person is not None:
                await self._store.save_administrator(person)
                self._throttle.succeeded(keys[0][0])
            else:
                for key, throttle in keys:
                    throttle.failed(key)
        await self.note(_entry(name[:64], "sign in" if person else "sign in failed", client))
        if person is None:
            raise Refused(401, "Not signed in", "the name, the password or the code is wrong")
        return await self._begin(person, client)

    async def _who_is(self, name: str, password: str, totp: str) -> Administrator | None:
        """As they are once signed in; None if anything is wrong."""
        person = await self._store.administrator(name)
        kept = person.password_hash if person and not person.disabled else None
        if not await self._passwords.verify(kept, password) or person is None:
            return None
        if person.totp and not totp:
            raise Refused(401, "One-time code needed", "give the code of the authenticator app")
        if person.totp:
            step = await self._factor.step_of(person, totp)
            if step is None and not await self._factor.recovers(name, totp):
                return None
            person = replace(person, totp_step=step or person.totp_step)
        return replace(person, last_login_at=now_ms())

    async def holds(self, who: Identity) -> bool:
        """Whether the session or token is still good; does not prolong it."""
        if who.kind == "machine":
            return True
        if who.kind == "token":
            return who.session in {token.id for token in await self._store.tokens()}
        person = await self._store.administrator(who.name)
        if person is None or person.disabled or person.role != who.role:
            return False
        now = now_ms()
        sessions = await self._store.sessions(who.name)
        return any(one.id == who.session and not self._is_over(one, now) for one in sessions)

    async def sign_out(self, who: Identity) -> None:
        await self._store.delete_session(who.session, who.name)

    async def _begin(self, person: Administrator, client: Client) -> SignedIn:
        now, cookie = now_ms(), secrets.token_urlsafe(32)
        await self._store.expire_sessions(
            seen_before=now - self._idle_ms, made_before=now - LONGEST_MS
        )
        session = Session(
            id=secrets.token_hex(8),
            token_hash=digest(cookie),
            administrator=person.name,
            created_at=now,
            seen_at=now,
            address=client.address,
            agent=client.agent,
        )
        await self._store.add_session(session)
        return SignedIn(cookie=cookie, identity=_identity(person, session.id, cookie))

    def _is_over(self, session: Session, now: Ms) -> bool:
        return now - session.seen_at > self._idle_ms or now - session.created_at > LONGEST_MS

    def _must_wait(self, key: str, throttle: Throttle) -> None:
        if wait := throttle.wait(key):
            raise Refused(
                429,
                "Too many attempts",
                f"wait {wait} seconds, then try again",
                headers={"Retry-After": str(wait)},
            )

    # administrators

    async def administrators(self) -> Sequence[Administrator]:
        return await self._store.administrators()

    async def add_administrator(self, name: str, role: Role, password: str) -> Administrator:
        person = await self._new(name, role, password)
        if not await self._store.add_administrator(person):
            raise Refused(409, "Name taken", f"there is an administrator {person.name!r} already")
        return person

    async def change_administrator(
        self,
        name: str,
        *,
        role: Role | None = None,
        password: str | None = None,
        disabled: bool | None = None,
        totp: Literal[False] | None = None,
    ) -> Administrator:
        """A new password or role, and disabling, end the sessions."""
        person = await self._known(name)
        if password is not None:
            person = replace(person, password_hash=await self._hashed(password))
        person = replace(
            person,
            role=role or person.role,
            disabled=person.disabled if disabled is None else disabled,
        )
        if totp is False:
            person = replace(person, totp=False)
            await self._factor.forget(name)
        await self._save(person)
        if password is not None or role is not None or disabled:
            await self._store.delete_sessions(name)
        return person

    async def delete_administrator(self, name: str) -> None:
        await self._known(name)
        try:
            await self._store.delete_administrator(name)
        except LastAdministratorError as error:
            raise Refused(409, "Last administrator", str(error)) from error
        await self._factor.forget(name)

    async def _new(self, name: str, role: Role, password: str) -> Administrator:
        name = name.strip().lower()
        if not _NAME.fullmatch(name):
            raise invalid("name", "use at most 64 of a-z, 0-9, . _ - and @")
        return Administrator(
            name=name, role=role, password_hash=await self._hashed(password), created_at=now_ms()
        )

    async def _hashed(self, password: str) -> str:
        if wrong := what_is_wrong(password):
            raise invalid("password", wrong)
        return await self._passwords.hash(password)

    async def _known(self, name: str) -> Administrator:
        person = await self._store.administrator(name)
        if person is None:
            raise Refused(404, "Not Found", f"there is no administrator {name[:64]!r}")
        return person

    async def _save(self, person: Administrator) -> None:
        try:
            await self._store.save_administrator(person)
        except LastAdministratorError as error:
            raise Refused(409, "Last administrator", str(error)) from error

    # what a person does for themself

    async def change_password(self, who: Identity, old: str, new: str) -> None:
        person = await self._confirmed(who, old)
        await self._save(replace(person, password_hash=await self._hashed(new)))
        await self._store.delete_sessions(who.name, but=who.session)

    async def begin_totp(self, who: Identity, password: str) -> Mapping[str, str]:
        person = await self._confirmed(who, password)
        if person.totp:
            raise Refused(409, "Second factor in use", "switch it off before you set up another")
        return await self._factor.begin(person)

    async def confirm_totp(self, who: Identity, code: str) -> Sequence[str]:
        """Gives the recovery codes."""
        person = await self._self(who)
        self._must_wait(f"totp {who.name}", self._throttle)
        step = await self._factor.step_of(person, code)
        if step is None:
            self._throttle.failed(f"totp {who.name}")
            raise Refused(422, "Wrong code", "begin anew, and type the code as the app shows it")
        await self._save(replace(person, totp=True, totp_step=step))
        await self._store.delete_sessions(who.name, but=who.session)
        return await self._factor.recovery_codes(who.name)

    async def end_totp(self, who: Identity, password: str) -> None:
        await self._save(replace(await self._confirmed(who, password), totp=False))
        await self._factor.forget(who.name)

    async def sessions(self, who: Identity) -> Sequence[Session]:
        now = now_ms()
        found = await self._store.sessions((await self._self(who)).name)
        return [session for session in found if not self._is_over(session, now)]

    async def delete_session(self, who: Identity, session: str) -> None:
        person = await self._self(who)
        if not await self._store.delete_session(session, person.name):
            raise Refused(404, "Not Found", "you have no such session")

    async def _self(self, who: Identity) -> Administrator:
        if who.kind != "session":
            raise Refused(409, "No person", "only who signed in with a password can do this")
        return await self._known(who.name)

    async def _confirmed(self, who: Identity, password: str) -> Administrator:
        person = await self._self(who)
        key = f"password {who.name}"
        async with self._signing_in:
            self._must_wait(key, self._throttle)
            if not await self._passwords.verify(person.password_hash, password):
                self._throttle.failed(key)
                raise Refused(422, "Wrong password", "give your present password")
        self._throttle.succeeded(key)
        return person

    # tokens and the log

    async def tokens(self) -> Sequence[ApiToken]:
        return await self._store.tokens()

    async def add_token(
        self, who: Identity, name: str, role: Role, addresses: Sequence[str]
    ) -> tuple[ApiToken, str]:
        token = "hsk_" + secrets.token_urlsafe(32)
        row = ApiToken(
            id=secrets.token_hex(8),
            name=name,
            token_hash=digest(token),
            role=role,
            created_at=now_ms(),
            created_by=who.name,
            addresses=tuple(map(network, addresses)),
        )
        await self._store.add_token(row)
        return row, token

    async def delete_token(self, identifier: str) -> None:
        if not await self._store.delete_token(identifier):
            raise Refused(404, "Not Found", "there is no such token")

    async def note(self, entry: AuditEntry) -> None:
        await self._store.add_audit(entry)
        log.info("audit", who=entry.who, what=entry.what, target=entry.target)

    async def audit(self, before: int | None, limit: int) -> Sequence[AuditEntry]:
        return await self._store.audit(before=before, limit=limit)


def _identity(person: Administrator, session: str, cookie: str) -> Identity:
    csrf = hashlib.sha256(f"csrf {cookie}".encode(errors="surrogateescape")).hexdigest()
    return Identity(name=person.name, role=person.role, kind="session", session=session, csrf=csrf)


def _entry(who: str, what: str, client: Client) -> AuditEntry:
    return AuditEntry(at=now_ms(), who=who, what=what, target="", address=client.address)
