"""Administrators, sessions, tokens and the audit log on PostgreSQL; statements in access.sql."""

import json
from collections.abc import Sequence
from typing import Final

from hookswitch.model.access import Administrator, ApiToken, AuditEntry, Session
from hookswitch.model.ids import Ms
from hookswitch.store.access import LastAdministratorError
from hookswitch.store.postgres.database import Database, Row, touched
from hookswitch.store.queries import load_queries

SQL: Final = load_queries("hookswitch.store.postgres", "access.sql")
_NEWEST: Final = 2**63 - 1


class Access:
    """`store.access.AccessStore` on PostgreSQL."""

    _db: Database

    async def administrators(self) -> Sequence[Administrator]:
        return [Administrator(**row) for row in await self._db.rows(SQL["administrators"])]

    async def administrator(self, name: str) -> Administrator | None:
        row = await self._db.row(SQL["administrator"], name)
        return Administrator(**row) if row else None

    async def add_administrator(self, row: Administrator, *, first: bool = False) -> bool:
        values = (
            *(row.name, row.role, row.password_hash, row.created_at, row.disabled, row.totp),
            *(row.totp_step, row.last_login_at, first),
        )
        return await self._db.run(SQL["add_administrator"], *values) > 0

    async def save_administrator(self, row: Administrator) -> bool:
        return await self._guarded(
            "save_administrator",
            *(row.role, row.password_hash, row.disabled, row.totp, row.totp_step),
            *(row.last_login_at, row.name),
        )

    async def delete_administrator(self, name: str) -> bool:
        return await self._guarded("delete_administrator", name)

    async def add_session(self, row: Session) -> None:
        await self._db.run(
            SQL["add_session"],
            *(row.id, row.token_hash, row.administrator, row.created_at, row.seen_at),
            *(row.address, row.agent),
        )

    async def session(self, token_hash: str) -> Session | None:
        row = await self._db.row(SQL["session"], token_hash)
        return Session(**row) if row else None

    async def sessions(self, administrator: str) -> Sequence[Session]:
        return [Session(**row) for row in await self._db.rows(SQL["sessions"], administrator)]

    async def touch_session(self, identifier: str, at: Ms) -> None:
        await self._db.run(SQL["touch_session"], at, identifier)

    async def delete_session(self, identifier: str, administrator: str) -> bool:
        return await self._db.run(SQL["delete_session"], identifier, administrator) > 0

    async def delete_sessions(self, administrator: str, *, but: str = "") -> None:
        await self._db.run(SQL["delete_sessions"], administrator, but)

    async def expire_sessions(self, *, seen_before: Ms, made_before: Ms) -> None:
        await self._db.run(SQL["expire_sessions"], seen_before, made_before)

    async def tokens(self) -> Sequence[ApiToken]:
        return [_token(row) for row in await self._db.rows(SQL["tokens"])]

    async def token(self, token_hash: str) -> ApiToken | None:
        row = await self._db.row(SQL["token"], token_hash)
        return _token(row) if row else None

    async def add_token(self, row: ApiToken) -> None:
        await self._db.run(
            SQL["add_token"],
            *(row.id, row.name, row.token_hash, row.role, row.created_at, row.created_by),
            *(json.dumps(row.addresses), row.used_at, row.used_from),
        )

    async def touch_token(self, identifier: str, at: Ms, address: str) -> None:
        await self._db.run(SQL["touch_token"], at, address, identifier)

    async def delete_token(self, identifier: str) -> bool:
        return await self._db.run(SQL["delete_token"], identifier) > 0

    async def add_audit(self, entry: AuditEntry) -> None:
        await self._db.run(
            SQL["add_audit"],
            *(entry.at, entry.who, entry.what, entry.target, entry.address, entry.details),
        )

    async def audit(self, *, before: int | None = None, limit: int = 100) -> Sequence[AuditEntry]:
        newest = _NEWEST if before is None else before
        return [AuditEntry(**row) for row in await self._db.rows(SQL["audit"], newest, limit)]

    async def _guarded(self, query: str, *values: object) -> bool:
        """Undo it if nobody were left who could administer."""
        async with self._db.transaction() as connection:
            await connection.execute(SQL["lock_administrators"])
            could = await connection.fetchval(SQL["able"])
            changed = touched(await connection.execute(SQL[query], *values)) > 0
            if could and not await connection.fetchval(SQL["able"]):
                raise LastAdministratorError(
                    "this is the last administrator who is not disabled: make another one first"
                )
        return changed


def _token(row: Row) -> ApiToken:
    return ApiToken(**{**row, "addresses": tuple(json.loads(row["addresses"]))})
