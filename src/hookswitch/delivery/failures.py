"""Foreign errors of the HTTP client as our error classes, with texts that give nothing away."""

import errno
import ssl
from typing import Final

import aiohttp
from msgspec import Struct

from hookswitch.model.delivery import ErrorClass


class Failure(Struct, frozen=True):
    """Why no complete answer came, fit to be stored and shown."""

    error: ErrorClass
    detail: str


BLOCKED: Final = Failure(
    "blocked",
    "the address is not open for webhooks; an administrator can allow its network and port",
)
TIMEOUT: Final = Failure("timeout", "no complete answer within the deadline")
BAD_URL: Final = Failure("config", "the URL cannot be used; it must be http:// or https://")
_UNSENDABLE: Final = Failure("config", "the URL or a header cannot be sent")
_DNS: Final = Failure("dns", "the host name could not be resolved")
_TLS: Final = Failure("tls", "the TLS handshake failed")
_CONNECT: Final = Failure("connect", "the connection failed")
_CLOSED: Final = Failure("protocol", "the connection was closed without an answer")
_BROKEN: Final = Failure("protocol", "the answer broke off")
_NOT_HTTP: Final = Failure("protocol", "the answer is not HTTP or exceeds its limits")

_TABLE: Final[tuple[tuple[type[Exception], Failure], ...]] = (
    (aiohttp.InvalidURL, BAD_URL),
    (aiohttp.NonHttpUrlClientError, BAD_URL),
    (aiohttp.ClientConnectorDNSError, _DNS),
    (aiohttp.ClientSSLError, _TLS),
    (aiohttp.ServerFingerprintMismatch, _TLS),
    (ssl.SSLError, _TLS),
    (aiohttp.ServerDisconnectedError, _CLOSED),
    (aiohttp.ClientPayloadError, _BROKEN),
    (aiohttp.UploadAbortedError, _BROKEN),
    (aiohttp.ClientResponseError, _NOT_HTTP),
    (aiohttp.ClientConnectionError, _CONNECT),
    (aiohttp.RedirectClientError, _NOT_HTTP),
    (OSError, _CONNECT),
    (ValueError, _UNSENDABLE),
)
"""The first match counts: a class stands before its bases."""

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
}

TRANSLATED: Final = (aiohttp.ClientError, OSError, ValueError)
"""What `translate` takes; anything else is a fault of ours and must not be hidden."""


def translate(error: Exception) -> Failure:
    """Give the failure for one of `TRANSLATED`."""
    if isinstance(error, TimeoutError):
        return TIMEOUT
    certificate = _certificate_error(error)
    if certificate is not None:
        text = _CERTIFICATE.get(_verify_code(certificate), "the certificate could not be verified")
        return Failure("tls", text)
    for kind, failure in _TABLE:
        if isinstance(error, kind):
            return _with_errno(failure, error)
    return _NOT_HTTP


def _certificate_error(error: Exception) -> ssl.SSLCertVerificationError | None:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause = error.certificate_error
        return cause if isinstance(cause, ssl.SSLCertVerificationError) else None
    return error if isinstance(error, ssl.SSLCertVerificationError) else None


def _verify_code(error: ssl.SSLCertVerificationError) -> int:
    # Only OpenSSL's own findings carry the code.
    return int(getattr(error, "verify_code", 0))


def _with_errno(failure: Failure, error: Exception) -> Failure:
    if failure is not _CONNECT or not isinstance(error, OSError) or error.errno is None:
        return failure
    return Failure("connect", _ERRNO.get(error.errno, failure.detail))
