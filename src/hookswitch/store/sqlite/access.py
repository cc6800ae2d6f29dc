"""Administrators, sessions, tokens and the audit log on SQLite; statements in access.sql."""

import json
from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any, Final, TypeVar

import msgspec

from hookswitch.model.access import Administrator, ApiToken, AuditEntry, Session
from hookswitch.model.ids import Ms
from hookswitch.store.access import LastAdministratorError
from hookswitch.store.queries import load_queries
from hookswitch.store.sqlite.database import Database

SQL: Final = load_queries("hookswitch.store.sqlite", "access.sql")
_NEWEST: Final = 2**63 - 1
T = TypeVar("T")


class Access:
    """`store.access.AccessStore` on SQLite."""

    _db: Database

    async def administrators(self) -> Sequence[Administrator]:
        return await self._db.read(
            lambda db: [_administrator(row) for row in db.execute(SQL["administrators"])]
        )

    async def administrator(self, name: str) -> Administrator | None:
        row = await self._one("administrator", {"name": name})
        return _administrator(row) if row else None

    async def add_administrator(self, row: Administrator, *, first: bool = False) -> bool:
        values = {**msgspec.structs.asdict(row), "first": first}
        return await self._changed("add_administrator", values)

    async def save_administrator(self, row: Administrator) -> bool:
        return await self._guarded("save_administrator", msgspec.structs.asdict(row))

    async def delete_administrator(self, name: str) -> bool:
        return await self._guarded("delete_administrator", {"name": name})

    async def add_session(self, row: Session) -> None:
        await self._changed("add_session", msgspec.structs.asdict(row))

    async def session(self, token_hash: str) -> Session | None:
        row = await self._one("session", {"token_hash": token_hash})
        return _struct(Session, row) if row else None

    async def sessions(self, administrator: str) -> Sequence[Session]:
        wanted = {"administrator": administrator}
        return await self._db.read(
            lambda db: [_struct(Session, row) for row in db.execute(SQL["sessions"], wanted)]
        )

    async def touch_session(self, identifier: str, at: Ms) -> None:
        await self._changed("touch_session", {"id": identifier, "at": at})

    async def delete_session(self, identifier: str, administrator: str) -> bool:
        wanted = {"id": identifier, "administrator": administrator}
        return await self._changed("delete_session", wanted)

    async def delete_sessions(self, administrator: str, *, but: str = "") -> None:
        await self._changed("delete_sessions", {"administrator": administrator, "but": but})

    async def expire_sessions(self, *, seen_before: Ms, made_before: Ms) -> None:
        wanted = {"seen_before": seen_before, "made_before": made_before}
        await self._changed("expire_sessions", wanted)

    async def tokens(self) -> Sequence[ApiToken]:
        return await self._db.read(lambda db: [_token(row) for row in db.execute(SQL["tokens"])])

    async def token(self, token_hash: str) -> ApiToken | None:
        row = await self._one("token", {"token_hash": token_hash})
        return _token(row) if row else None

    async def add_token(self, row: ApiToken) -> None:
        values = {**msgspec.structs.asdict(row), "addresses": json.dumps(row.addresses)}
        await self._changed("add_token", values)

    async def touch_token(self, identifier: str, at: Ms, address: str) -> None:
        await self._changed("touch_token", {"id": identifier, "at": at, "address": address})

    async def delete_token(self, identifier: str) -> bool:
        return await self._changed("delete_token", {"id": identifier})

    async def add_audit(self, entry: AuditEntry) -> None:
        await self._changed("add_audit", msgspec.structs.asdict(entry))

    async def audit(self, *, before: int | None = None, limit: int = 100) -> Sequence[AuditEntry]:
        wanted = {"before": _NEWEST if before is None else before, "limit": limit}
        return await self._db.read(
            lambda db: [_struct(AuditEntry, row) for row in db.execute(SQL["audit"], wanted)]
        )

    async def _one(self, query: str, wanted: dict[str, Any]) -> tuple[Any, ...] | None:
        def work(db: Connection) -> tuple[Any, ...] | None:
            row: tuple[Any, ...] | None = db.execute(SQL[query], wanted).fetchone()
            return row

        return await self._db.read(work)

    async def _changed(self, query: str, values: dict[str, Any]) -> bool:
        return await self._db.write(lambda db: db.execute(SQL[query], values).rowcount > 0)

    async def _guarded(self, query: str, values: dict[str, Any]) -> bool:
        """Undo it if nobody were left who could administer."""

        def work(db: Connection) -> bool:
            could = _is_able(db)
            changed = db.execute(SQL[query], values).rowcount > 0
            if could and not _is_able(db):
                raise LastAdministratorError(
                    "this is the last administrator who is not disabled: make another one first"
                )
            return changed

        return await self._db.write(work)


def _is_able(db: Connection) -> bool:
    return bool(db.execute(SQL["able"]).fetchone()[0])


def _administrator(row: tuple[Any, ...]) -> Administrator:
    values = dict(zip(Administrator.__struct_fields__, row, strict=True))
    return Administrator(
        **values | {"disabled": bool(values["disabled"]), "totp": bool(values["totp"])}
    )


def _token(row: tuple[Any, ...]) -> ApiToken:
    values = dict(zip(ApiToken.__struct_fields__, row, strict=True))
    return ApiToken(**values | {"addresses": tuple(json.loads(values["addresses"]))})


def _struct(kind: type[T], row: tuple[Any, ...]) -> T:
    return kind(**dict(zip(kind.__struct_fields__, row, strict=True)))  # type: ignore[attr-defined]  # msgspec structs all
