"""Every error the HTTP client can raise has a class of ours and a text that gives nothing away."""

import errno
import ssl
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from hookswitch.delivery.failures import TIMEOUT, TRANSLATED, translate

SECRET = "hunter2"
KEY = ConnectionKey(
    host=f"{SECRET}.example",
    port=443,
    is_ssl=True,
    ssl=True,
    proxy=None,
    proxy_auth=None,
    proxy_headers_hash=None,
)


def subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def make(kind: type[Exception]) -> Exception:
    """Raise-able without the client's own constructors, which differ from class to class."""
    error = kind.__new__(kind)
    error.args = (SECRET,)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        error._certificate_error = ssl.CertificateError(SECRET)
    return error


@pytest.mark.parametrize("kind", sorted(set(subclasses(aiohttp.ClientError)), key=str))
def test_every_client_error_is_mapped(kind: type[Exception]) -> None:
    failure = translate(make(kind))
    assert failure.error in {"dns", "connect", "tls", "timeout", "protocol", "config"}
    assert SECRET not in failure.detail
    assert failure.detail


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TimeoutError(), "timeout"),
        (aiohttp.SocketTimeoutError(), "timeout"),
        (aiohttp.ClientConnectorDNSError(KEY, OSError(-2, SECRET)), "dns"),
        (aiohttp.ClientConnectorError(KEY, OSError(errno.ECONNREFUSED, SECRET)), "connect"),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, SECRET)), "tls"),
        (aiohttp.ClientOSError(errno.ECONNRESET, SECRET), "connect"),
        (aiohttp.ServerDisconnectedError(SECRET), "protocol"),
        (aiohttp.ClientPayloadError(SECRET), "protocol"),
        (aiohttp.InvalidUrlClientError(SECRET), "config"),
        (aiohttp.NonHttpUrlClientError(SECRET), "config"),
        (ConnectionResetError(errno.ECONNRESET, SECRET), "connect"),
        (ValueError(SECRET), "config"),
    ],
)
def test_the_class_of_an_error(error: Exception, expected: str) -> None:
    failure = translate(error)
    assert failure.error == expected
    assert SECRET not in failure.detail


@pytest.mark.parametrize(
    ("number", "text"),
    [(errno.ECONNREFUSED, "refused"), (errno.ECONNRESET, "reset"), (errno.EHOSTUNREACH, "route")],
)
def test_a_failed_connection_says_how(number: int, text: str) -> None:
    error = aiohttp.ClientConnectorError(KEY, OSError(number, SECRET))
    assert text in translate(error).detail


def test_a_fault_of_ours_is_not_taken_for_the_networks() -> None:
    assert not issubclass(RuntimeError, TRANSLATED)
    assert not issubclass(TypeError, TRANSLATED)
    assert issubclass(TimeoutError, TRANSLATED)
    assert translate(TimeoutError()) is TIMEOUT


def test_certificate_errors_are_told_apart() -> None:
    error: Any = ssl.SSLCertVerificationError(1, SECRET)
    error.verify_code = 10
    failure = translate(aiohttp.ClientConnectorCertificateError(KEY, error))
    assert (failure.error, failure.detail) == ("tls", "the certificate has expired")
