"""Keeping a phone registered."""

import asyncio
import secrets

from hookswitch.phone.address import Address
from hookswitch.phone.digest import Credentials
from hookswitch.phone.endpoint import Endpoint
from hookswitch.phone.errors import RegistrationFailed
from hookswitch.phone.exchange import exchange
from hookswitch.phone.message import Request

REFRESH_AT = 0.8
RETRY_AFTER = 5.0


class Registration:
    """One address of record at one registrar, refreshed before it runs out."""

    def __init__(
        self, endpoint: Endpoint, credentials: Credentials, server: Address, contact: str
    ) -> None:
        self._endpoint = endpoint
        self._credentials = credentials
        self._server = server
        self._contact = contact
        self._call_id = secrets.token_hex(10)
        self._tag = secrets.token_hex(6)
        self._cseq = 0
        self._timer: asyncio.TimerHandle | None = None
        self._refresh: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def register(self, expires: int) -> None:
        """Register for so many seconds; 0 takes the registration back."""
        async with self._lock:
            self._endpoint.timers.cancel(self._timer)
            request = self._request(expires)
            request, response = await exchange(
                self._endpoint, self._credentials, request, self._server
            )
            self._cseq = request.cseq[0]
            if response.status >= 300:
                raise RegistrationFailed(response.status, response.reason)
            if expires:
                self._timer = self._endpoint.timers.after(
                    expires * REFRESH_AT, lambda: self._again(expires)
                )

    def _again(self, expires: int) -> None:
        self._refresh = asyncio.get_running_loop().create_task(self._keep(expires))

    async def _keep(self, expires: int) -> None:
        try:
            await self.register(expires)
        except RegistrationFailed:  # the registrar may be restarting
            self._timer = self._endpoint.timers.after(RETRY_AFTER, lambda: self._again(expires))

    async def close(self) -> None:
        """Refresh no more."""
        if self._refresh:
            self._refresh.cancel()
            await asyncio.gather(self._refresh, return_exceptions=True)

    def _request(self, expires: int) -> Request:
        host, port = self._server
        self._cseq += 1
        record = f"<sip:{self._credentials.user}@{host}:{port}>"
        request = Request("REGISTER", f"sip:{host}:{port}")
        request.headers = [
            ("Via", self._endpoint.via()),
            ("Max-Forwards", "70"),
            ("From", f"{record};tag={self._tag}"),
            ("To", record),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._cseq} REGISTER"),
            ("Contact", self._contact),
            ("Expires", str(expires)),
            ("User-Agent", "hookswitch"),
        ]
        return request
