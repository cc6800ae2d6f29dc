"""Every error of the network has a class of ours and a text that gives nothing away."""

import errno
import ssl
from typing import Any

import pytest

from hookswitch.delivery.failures import TIMEOUT, NameUnknownError, translate

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TimeoutError(), "timeout"),
        (TimeoutError(errno.ETIMEDOUT, SECRET), "connect"),
        (NameUnknownError(SECRET), "dns"),
        (ConnectionRefusedError(errno.ECONNREFUSED, SECRET), "connect"),
        (ConnectionResetError(errno.ECONNRESET, SECRET), "connect"),
        (ConnectionAbortedError(SECRET), "connect"),
        (ssl.SSLError(1, SECRET), "tls"),
        (ssl.SSLZeroReturnError(6, SECRET), "tls"),
        (ssl.SSLCertVerificationError(1, SECRET), "tls"),
        (OSError(SECRET), "connect"),
    ],
)
def test_the_class_of_an_error(error: OSError, expected: str) -> None:
    failure = translate(error)
    assert failure.error == expected
    assert SECRET not in failure.detail
    assert failure.detail


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_every_error_of_the_system_is_a_failed_connection(number: int) -> None:
    failure = translate(OSError(number, SECRET))
    assert failure.error == "connect"
    assert SECRET not in failure.detail


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.ECONNREFUSED, "refused"),
        (errno.ECONNRESET, "reset"),
        (errno.EHOSTUNREACH, "route"),
        (errno.EMFILE, "file descriptor"),
    ],
)
def test_a_failed_connection_says_how(number: int, text: str) -> None:
    assert text in translate(OSError(number, SECRET)).detail


def test_a_deadline_is_told_as_such() -> None:
    assert translate(TimeoutError()) is TIMEOUT


@pytest.mark.parametrize(
    ("code", "text"),
    [(10, "has expired"), (18, "self-signed"), (20, "issuer"), (62, "another host name"), (99, "")],
)
def test_certificate_errors_are_told_apart(code: int, text: str) -> None:
    error: Any = ssl.SSLCertVerificationError(1, SECRET)
    error.verify_code = code
    failure = translate(error)
    assert failure.error == "tls"
    assert text in failure.detail
    assert SECRET not in failure.detail
