"""REGISTER requests from an address of one's own, with any account name."""

import asyncio
import secrets
import socket

from hookswitch.phone.address import Address
from hookswitch.phone.message import Response, parse


async def attempt(host: str, sip: Address, account: str = "nobody") -> int:
    """Try to register, without a password; the status, 0 for no answer. `account` goes as it is."""
    return await asyncio.to_thread(_attempt, host, sip, account)


def _attempt(host: str, sip: Address, account: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        sock.settimeout(2)
        via = f"{host}:{sock.getsockname()[1]}"
        lines = (
            f"REGISTER sip:{sip[0]}:{sip[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {via};branch=z9hG4bK{secrets.token_hex(8)}",
            "Max-Forwards: 70",
            f"From: <sip:{account}@{sip[0]}>;tag={secrets.token_hex(4)}",
            f"To: <sip:{account}@{sip[0]}>",
            f"Call-ID: {secrets.token_hex(8)}",
            "CSeq: 1 REGISTER",
            f"Contact: <sip:x@{via}>",
            "Expires: 60",
            "Content-Length: 0",
        )
        sock.sendto("\r\n".join((*lines, "", "")).encode(), sip)
        try:
            answer = parse(sock.recv(65_535))
        except TimeoutError:
            return 0
    assert isinstance(answer, Response)
    return answer.status
