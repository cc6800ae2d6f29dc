"""Digest access authentication (RFC 7616 with RFC 3261, 22)."""

import hashlib
import re
import secrets
from dataclasses import dataclass, replace

from hookswitch.phone.errors import ParseError
from hookswitch.phone.message import Request, Response

ALGORITHMS = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
CHALLENGES = {401: ("WWW-Authenticate", "Authorization")}
CHALLENGES[407] = ("Proxy-Authenticate", "Proxy-Authorization")

_PAIR = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a server asks the client to prove its password with."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: bool = True
    opaque: str | None = None
    stale: bool = False


def parse_challenge(value: str) -> Challenge:
    """Read a WWW-Authenticate value; raises ParseError on what we cannot answer."""
    scheme, _, rest = value.strip().partition(" ")
    pairs = {name.lower(): quoted or bare for name, quoted, bare in _PAIR.findall(rest)}
    algorithm = pairs.get("algorithm", "MD5").upper()
    qops = [qop.strip() for qop in pairs.get("qop", "").split(",")]
    if scheme.lower() != "digest" or "nonce" not in pairs or algorithm not in ALGORITHMS:
        raise ParseError(f"cannot answer the challenge {value[:80]!r}")
    if "qop" in pairs and "auth" not in qops:
        raise ParseError(f"cannot answer qop {pairs['qop']!r}")
    return Challenge(
        realm=pairs.get("realm", ""),
        nonce=pairs["nonce"],
        algorithm=algorithm,
        qop="qop" in pairs,
        opaque=pairs.get("opaque"),
        stale=pairs.get("stale", "").lower() == "true",
    )


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user's name and password; `retry` turns a challenged request into one that answers."""

    user: str
    password: str | None

    def __repr__(self) -> str:
        return f"Credentials({self.user!r})"

    def retry(self, request: Request, response: Response, via: str) -> Request | None:
        """Give the request to send next, or None when there is no use in trying again."""
        if response.status not in CHALLENGES or self.password is None:
            return None
        ask, tell = CHALLENGES[response.status]
        challenge = first_usable(response.all(ask))
        if challenge is None or (request.get(tell) and not challenge.stale):
            return None
        number, method = request.cseq
        again = replace(request, headers=[*request.headers])
        again.headers = [("Via", via), *(h for h in again.headers if h[0] != "Via")]
        again.set("CSeq", f"{number + 1} {method}")
        again.set(tell, self.answer(challenge, method, request.uri))
        return again

    def answer(
        self,
        challenge: Challenge,
        method: str,
        uri: str,
        cnonce: str | None = None,
    ) -> str:
        """Write the Authorization value."""
        cnonce = cnonce or secrets.token_hex(8)
        count = "00000001"
        secret = _digest(challenge, f"{self.user}:{challenge.realm}:{self.password}")
        what = _digest(challenge, f"{method}:{uri}")
        middle = f"{challenge.nonce}:{count}:{cnonce}:auth" if challenge.qop else challenge.nonce
        fields = [
            f'Digest username="{self.user}"',
            f'realm="{challenge.realm}"',
            f'nonce="{challenge.nonce}"',
            f'uri="{uri}"',
            f'response="{_digest(challenge, f"{secret}:{middle}:{what}")}"',
            f"algorithm={challenge.algorithm}",
        ]
        if challenge.opaque is not None:
            fields.append(f'opaque="{challenge.opaque}"')
        if challenge.qop:
            fields += ["qop=auth", f"nc={count}", f'cnonce="{cnonce}"']
        return ", ".join(fields)


def first_usable(values: list[str]) -> Challenge | None:
    """Give the first challenge we can answer: servers list the one they like best first."""
    for value in values:
        try:
            return parse_challenge(value)
        except ParseError:
            continue
    return None


def _digest(challenge: Challenge, text: str) -> str:
    return ALGORITHMS[challenge.algorithm](text.encode("utf-8", "surrogateescape")).hexdigest()
