"""Transactions over UDP: retransmission, matching, absorbing (RFC 3261, 17).

Timers are plain loop timers, no task per transaction, so that hundreds of calls stay cheap.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence

from hookswitch.phone.address import Address, parse_address
from hookswitch.phone.message import Request, Response, reason_of

T1 = 0.5
T2 = 4.0
GIVE_UP = 64 * T1

Header = tuple[str, str]


class Timers:
    """The loop's timers of one phone, so that closing it leaves none behind."""

    def __init__(self) -> None:
        self._handles: set[asyncio.TimerHandle] = set()

    def after(self, delay: float, action: Callable[[], object]) -> asyncio.TimerHandle:
        """Call the action once after so many seconds."""

        def fire() -> None:
            self._handles.discard(handle)
            action()

        handle = asyncio.get_running_loop().call_later(delay, fire)
        self._handles.add(handle)
        return handle

    def cancel(self, handle: asyncio.TimerHandle | None) -> None:
        """Forget a timer; fired and absent ones are fine."""
        if handle is not None:
            handle.cancel()
            self._handles.discard(handle)

    def close(self) -> None:
        """Forget all."""
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()


class Retransmission:
    """Sends again at doubling intervals until stopped; gives up after 64 T1."""

    def __init__(
        self,
        timers: Timers,
        send: Callable[[], object],
        give_up: Callable[[], object],
        longest: float = T2,
    ) -> None:
        self._timers = timers
        self._send = send
        self._interval = T1
        self._longest = longest
        self._next: asyncio.TimerHandle | None = timers.after(T1, self._again)
        self._end: asyncio.TimerHandle | None = timers.after(GIVE_UP, lambda: self._over(give_up))

    def _again(self) -> None:
        self._send()
        self._interval = min(2 * self._interval, self._longest)
        self._next = self._timers.after(self._interval, self._again)

    def _over(self, give_up: Callable[[], object]) -> None:
        self.stop()
        give_up()

    def slow_down(self) -> None:
        """Go on at the longest interval: the other side has the request and thinks."""
        self._interval = self._longest

    def stop(self) -> None:
        """Send no more and do not give up either."""
        self._timers.cancel(self._next)
        self._timers.cancel(self._end)


class ClientTransaction:
    """One request of ours and its answers.

    The last answer may be a 408 without headers: nobody answered. Every 2xx to an INVITE is handed
    on, also repeated ones, since only the dialog can acknowledge them.
    """

    def __init__(
        self,
        request: Request,
        timers: Timers,
        send: Callable[[Request], object],
        on_response: Callable[[Response], object],
    ) -> None:
        self.request = request
        self._send = send
        self._on_response = on_response
        self._final: Response | None = None
        self._invite = request.method == "INVITE"
        longest = GIVE_UP if self._invite else T2
        send(request)
        self._repeat = Retransmission(timers, lambda: send(request), self._timed_out, longest)

    @property
    def key(self) -> tuple[str, str]:
        """What its responses carry."""
        return self.request.branch, self.request.method

    def receive(self, response: Response) -> None:
        """Take a response with our branch."""
        if response.status < 200:
            self._provisional(response)
            return
        self._repeat.stop()
        repeated, self._final = self._final is not None, response
        if self._invite and response.status >= 300:
            self._send(self._ack(response))
        if not repeated or (self._invite and response.status < 300):
            self._on_response(response)

    def _provisional(self, response: Response) -> None:
        if self._invite:
            self._repeat.stop()
        else:
            self._repeat.slow_down()
        if self._final is None:
            self._on_response(response)

    def abandon(self) -> None:
        """Wait no longer for a final answer."""
        if self._final is None:
            self._repeat.stop()
            self._timed_out()

    def _timed_out(self) -> None:
        self._final = Response(408, "no answer")
        self._on_response(self._final)

    def _ack(self, response: Response) -> Request:
        """Acknowledge a refusal hop by hop: our own Via, the answer's To."""
        kept = ("Via", "From", "Call-ID", "Max-Forwards", "Route")
        ack = Request("ACK", self.request.uri)
        ack.headers = [h for h in self.request.headers if h[0] in kept]
        number, _ = self.request.cseq
        ack.headers += [("To", response.get("To")), ("CSeq", f"{number} ACK")]
        return ack


class ServerTransaction:
    """One request of the other side and our answers to it."""

    def __init__(
        self,
        request: Request,
        source: Address,
        timers: Timers,
        send: Callable[[Response], object],
    ) -> None:
        self.request = request
        self.source = source
        self.tag = parse_address(request.get("To")).tag or secrets.token_hex(6)
        self.silent = False
        self.on_cancel: Callable[[Request], object] | None = None
        self.on_unacknowledged: Callable[[], object] | None = None
        self._timers = timers
        self._send = send
        self._last: Response | None = None
        self._repeat: Retransmission | None = None

    @property
    def status(self) -> int:
        """The last answer given, 0 before the first."""
        return self._last.status if self._last else 0

    def respond(
        self,
        status: int,
        headers: Sequence[Header] = (),
        body: bytes = b"",
        reason: str = "",
    ) -> None:
        """Answer; a final answer to an INVITE is repeated until it is acknowledged."""
        if self.silent or self.status >= 200:
            return
        self._last = self._response(status, headers, body, reason)
        self._send(self._last)
        if status >= 200 and self.request.method == "INVITE":
            self._repeat = Retransmission(self._timers, self.repeat, self._give_up)

    def _response(
        self, status: int, headers: Sequence[Header], body: bytes, reason: str
    ) -> Response:
        asked = self.request
        to = asked.get("To")
        if status > 100 and not parse_address(to).tag:
            to += f";tag={self.tag}"
        response = Response(status, reason or reason_of(status), body=body)
        response.headers = [("Via", via) for via in asked.all("Via")]
        response.headers += [("Record-Route", route) for route in asked.all("Record-Route")]
        response.headers += [
            ("From", asked.get("From")),
            ("To", to),
            ("Call-ID", asked.get("Call-ID")),
            ("CSeq", asked.get("CSeq")),
            *headers,
        ]
        return response

    def repeat(self) -> None:
        """Send the last answer again: the request came twice, or its ACK is missing."""
        if self._last and not self.silent:
            self._send(self._last)

    def acknowledged(self) -> None:
        """Stop repeating: the ACK is here."""
        if self._repeat:
            self._repeat.stop()

    def _give_up(self) -> None:
        if self.on_unacknowledged:
            self.on_unacknowledged()
