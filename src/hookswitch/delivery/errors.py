"""What delivery itself refuses. Errors of the network never leave `http_transport`."""


class DeliveryError(Exception):
    """Base of this package's errors; its text is safe to show and to store."""


class Blocked(DeliveryError):  # noqa: N818  (a verdict)
    """The address guard refuses a target; `reason` is for the log, not for the endpoint's owner."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unsendable(DeliveryError):  # noqa: N818  (a verdict)
    """The endpoint's settings cannot be turned into a request."""
