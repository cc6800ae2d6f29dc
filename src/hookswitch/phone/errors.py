"""Everything a phone can raise."""


class PhoneError(Exception):
    """Something went wrong on the phone's side of the line."""


class ParseError(PhoneError):
    """A datagram or a part of it is not what its standard says."""


class PhoneTimeoutError(PhoneError, TimeoutError):
    """What was waited for did not happen in time."""


class CallFailed(PhoneError):  # noqa: N818  (a busy line is an outcome)
    """The other side refused the call or a request inside it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


class RegistrationFailed(PhoneError):  # noqa: N818
    """The registrar refused, or did not answer (status 408)."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"registration failed: {status} {reason}")
        self.status = status
        self.reason = reason
