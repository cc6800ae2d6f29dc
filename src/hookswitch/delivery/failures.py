"""Foreign errors of the network as our error classes, with texts that give nothing away."""

import errno
import ssl
from typing import Final

from msgspec import Struct

from hookswitch.model.delivery import ErrorClass


class Failure(Struct, frozen=True):
    """Why no complete answer came, fit to be stored and shown."""

    error: ErrorClass
    detail: str


class NameUnknownError(OSError):
    """A host name that could not be resolved."""


BLOCKED: Final = Failure(
    "blocked",
    "the address is not open for webhooks: add its network and port to `allowed_networks`",
)
TIMEOUT: Final = Failure("timeout", "no complete answer within the deadline")
BAD_URL: Final = Failure("config", "the URL cannot be used; it must be http:// or https://")
UNSENDABLE: Final = Failure("config", "the URL or a header cannot be sent")
BAD_TLS: Final = Failure("config", "the endpoint's CA or client certificate cannot be used")
CLOSED: Final = Failure("protocol", "the connection was closed without an answer")
BROKEN: Final = Failure("protocol", "the answer broke off")
NOT_HTTP: Final = Failure("protocol", "the answer is not HTTP or exceeds its limits")
_DNS: Final = Failure("dns", "the host name could not be resolved")
_TLS: Final = Failure("tls", "the TLS handshake failed")
_CONNECT: Final = Failure("connect", "the connection failed")

_CERTIFICATE: Final = {
    10: "the certificate has expired",
    18: "the certificate is self-signed",
    19: "the certificate's issuer is not trusted",
    20: "the certificate's issuer is not trusted",
    21: "the certificate's issuer is not trusted",
    62: "the certificate is for another host name",
    64: "the certificate is for another address",
}
"""By OpenSSL's verification codes; its own texts may repeat the host name."""

_ERRNO: Final = {
    errno.ECONNREFUSED: "the connection was refused",
    errno.ECONNRESET: "the connection was reset",
    errno.EPIPE: "the connection was reset",
    errno.ECONNABORTED: "the connection was reset",
    errno.ENETUNREACH: "no route to the host",
    errno.EHOSTUNREACH: "no route to the host",
    errno.ETIMEDOUT: "nothing answered at the address",
    errno.EMFILE: "this machine has no file descriptor left for it",
    errno.ENFILE: "this machine has no file descriptor left for it",
}


def translate(error: OSError) -> Failure:
    """Give the failure for what connecting, TLS and sockets raise; all of it is an `OSError`."""
    if isinstance(error, TimeoutError) and error.errno is None:
        return TIMEOUT
    if isinstance(error, ssl.SSLCertVerificationError):
        text = _CERTIFICATE.get(_verify_code(error), "the certificate could not be verified")
        return Failure("tls", text)
    if isinstance(error, ssl.SSLError):
        return _TLS
    if isinstance(error, NameUnknownError):
        return _DNS
    if error.errno is None:
        return _CONNECT
    return Failure("connect", _ERRNO.get(error.errno, _CONNECT.detail))


def _verify_code(error: ssl.SSLCertVerificationError) -> int:
    # Only OpenSSL's own findings carry the code.
    return int(getattr(error, "verify_code", 0))
