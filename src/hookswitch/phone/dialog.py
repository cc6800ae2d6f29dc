"""A dialog: what two phones keep to tell their requests apart (RFC 3261, 12)."""

import secrets
from dataclasses import dataclass, field

from hookswitch.phone.address import Address, parse_address, parse_uri
from hookswitch.phone.message import Request, Response
from hookswitch.phone.transaction import ServerTransaction

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REFER, INFO, UPDATE"


@dataclass(slots=True, kw_only=True)
class Dialog:
    """Addresses stand as in From and To, tags included; `peer` is where datagrams came from."""

    call_id: str
    local: str
    local_tag: str
    remote: str
    target: str
    contact: str
    peer: Address
    routes: list[str] = field(default_factory=list)
    cseq: int = 0

    @property
    def remote_tag(self) -> str:
        """The other side's tag, empty before its first answer."""
        return parse_address(self.remote).tag

    @property
    def next_hop(self) -> Address:
        """Where the next request goes."""
        first = parse_address(self.routes[0]).uri if self.routes else self.target
        return parse_uri(first).address or self.peer

    def request(self, method: str, via: str, cseq: int | None = None) -> Request:
        """Write a request; without a number given it takes the next one."""
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        request = Request(method, self.target)
        request.headers = [
            ("Via", via),
            *(("Route", route) for route in self.routes),
            ("Max-Forwards", "70"),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
            ("Contact", self.contact),
            ("User-Agent", "hookswitch"),
        ]
        return request

    def learn(self, response: Response) -> None:
        """Take tag, target and route from an answer to our INVITE; the last answer is right."""
        if parse_address(response.get("To")).tag:
            self.remote = response.get("To")
        if contact := response.values("Contact"):
            self.target = parse_address(contact[0]).uri
        self.routes = response.values("Record-Route")[::-1]

    def refresh(self, request: Request) -> None:
        """Take a new target from a re-INVITE or UPDATE."""
        if contact := request.values("Contact"):
            self.target = parse_address(contact[0]).uri


def calling(*, local: str, uri: str, contact: str, peer: Address) -> Dialog:
    """Begin a dialog of our own; `local` has no tag yet."""
    tag = secrets.token_hex(6)
    return Dialog(
        call_id=f"{secrets.token_hex(10)}@{peer[0]}",
        local=f"{local};tag={tag}",
        local_tag=tag,
        remote=f"<{uri}>",
        target=uri,
        contact=contact,
        peer=peer,
    )


def called(transaction: ServerTransaction, contact: str) -> Dialog:
    """Begin a dialog from an INVITE we received."""
    request = transaction.request
    sender = request.get("From")
    from_uri = parse_address(sender).uri
    contacts = request.values("Contact")
    return Dialog(
        call_id=request.get("Call-ID"),
        local=f"{request.get('To')};tag={transaction.tag}",
        local_tag=transaction.tag,
        remote=sender,
        target=parse_address(contacts[0]).uri if contacts else from_uri,
        contact=contact,
        peer=transaction.source,
        routes=request.values("Record-Route"),
    )
