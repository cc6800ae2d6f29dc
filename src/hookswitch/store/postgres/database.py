"""The pool of connections; what the driver raises becomes the error of the port."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from asyncpg.exceptions import InternalClientError

from hookswitch.store.port import StoreError

SCHEMA: Final = "hookswitch"
OLDEST: Final = 14
"""The first version of PostgreSQL that this was tried on."""
SETTINGS: Final = {
    "application_name": "hookswitch",
    "search_path": SCHEMA,
    "synchronous_commit": "on",
    # a process that hangs, or a machine that is gone, must not hold a lock that all wait for
    "idle_in_transaction_session_timeout": "15000",
    "tcp_user_timeout": "15000",
    "jit": "off",
}
COMMAND_S: Final = 30.0
CONNECT_S: Final = 10.0
POOL: Final = 10

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:  # not generic when it runs
    from asyncpg.pool import Pool
    from asyncpg.pool import PoolConnectionProxy as Connection

Row = asyncpg.Record


class Database:
    """What `run` and `transaction` returned is on the server's disk.

    With `once` it serves one command, which ends when the server is away.
    """

    def __init__(self, url: str, pool: Pool, *, once: bool = False) -> None:
        self.url = url
        self._pool = pool
        self._once = once
        self._reached = False

    @classmethod
    async def open(cls, url: str, *, once: bool = False) -> Self:
        with translated(url):
            pool = await asyncpg.create_pool(
                url,
                min_size=0,
                max_size=POOL,
                timeout=CONNECT_S,
                command_timeout=COMMAND_S,
                server_settings=SETTINGS,
            )
            return cls(url, pool, once=once)

    async def close(self) -> None:
        with self._translated():
            try:
                await self._pool.close()
            except Exception:
                self._pool.terminate()
                raise

    async def rows(self, sql: str, *args: object) -> list[Row]:
        async with self._guarded():
            return list(await self._pool.fetch(sql, *args))

    async def row(self, sql: str, *args: object) -> Row | None:
        async with self._guarded():
            return await self._pool.fetchrow(sql, *args)

    async def value(self, sql: str, *args: object) -> Any:
        async with self._guarded():
            return await self._pool.fetchval(sql, *args)

    async def run(self, sql: str, *args: object) -> int:
        """Execute one statement in a transaction of its own; gives how many rows it touched."""
        async with self._guarded():
            return touched(await self._pool.execute(sql, *args))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self._guarded(), self._pool.acquire() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def _guarded(self) -> AsyncIterator[None]:
        with self._translated():
            try:
                yield
            except InternalClientError:
                # The driver lost count as its connection broke: use none of them again.
                await self._pool.expire_connections()
                raise
        self._reached = True

    def _translated(self) -> AbstractContextManager[None]:
        return translated(self.url, reached=self._reached, once=self._once)


def touched(status: str) -> int:
    """How many rows, from the server's `UPDATE 3`."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0


BROKEN: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    InternalClientError,
    OSError,
    TimeoutError,
)
"""What the driver raises when the server refuses, or is not there."""


@contextmanager
def translated(url: str, *, reached: bool = False, once: bool = False) -> Iterator[None]:
    """Give the error of the port, which says what to do and shows no password.

    Who never reached the server, or does this `once`, ends with it; others try again.
    """
    try:
        yield
    except BROKEN as error:
        told = _explain(error, _LATER if reached and not once else _AGAIN)
        connecting = "" if reached or not isinstance(error, _AWAY) else "could not connect: "
        raise StoreError(f"database {shown(url)}: {connecting}{told}") from error
    except ValueError as error:  # an address the driver cannot read; its words may hold it
        raise StoreError(
            f"database {shown(url)}: not an address: write postgresql://USER:PASSWORD@HOST/NAME"
        ) from error


def shown(url: str) -> str:
    """The address without its password."""
    try:
        parts = urlsplit(url)
        user, at, host = parts.netloc.rpartition("@")
        netloc = f"{user.partition(':')[0]}{at}{host}"
        return urlunsplit((parts.scheme, netloc, parts.path, "", ""))
    except ValueError:
        return "postgresql://..."


def _explain(error: BaseException, then: str) -> str:
    for kinds, mend in _MENDS:
        if isinstance(error, kinds):
            text = str(error) or "no answer in time"
            return f"{text}: {mend.replace(_LATER, then)}"
    return str(error) or type(error).__name__


_LATER: Final = "work goes on by itself"
_AGAIN: Final = "then do this again"
_AWAY: Final = (
    *(OSError, TimeoutError, InternalClientError),
    *(asyncpg.PostgresConnectionError, asyncpg.InterfaceError),
)

_MENDS: Final[tuple[tuple[Any, str], ...]] = (
    (
        (
            asyncpg.InvalidPasswordError,
            asyncpg.InvalidAuthorizationSpecificationError,
            asyncpg.InsufficientPrivilegeError,
        ),
        "mend the user or the password in the setting `database`, or the user's rights there",
    ),
    (asyncpg.InvalidCatalogNameError, "create it: createdb NAME"),
    (asyncpg.DiskFullError, f"free some space on the server's disk; {_LATER}"),
    (asyncpg.TooManyConnectionsError, "raise the server's max_connections"),
    (asyncpg.ReadOnlySQLTransactionError, "name the server that may be written (the primary)"),
    (_AWAY, f"see that the server runs and can be reached, and host and port are right; {_LATER}"),
    (
        (asyncpg.AdminShutdownError, asyncpg.CannotConnectNowError, asyncpg.CrashShutdownError),
        f"the server is restarting: wait until it is up; {_LATER}",
    ),
)
