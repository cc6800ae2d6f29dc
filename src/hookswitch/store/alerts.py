"""The port of what people were told: several processes tell an endpoint's trouble once."""

from typing import Protocol

from msgspec import Struct

from hookswitch.model.ids import EndpointId, Ms


class Alert(Struct, frozen=True):
    """Trouble of an endpoint: since when, and how bad, of 1."""

    endpoint: EndpointId
    trouble: Ms
    stage: float


class AlertStore(Protocol):
    """Who tells it."""

    async def claim_alert(self, alert: Alert, now: Ms, until: Ms) -> bool:
        """Take it upon oneself to tell it by `until`; False if that or worse is told or claimed.

        What was claimed and not ended by then, as of a killed process, is claimed once more.
        """
        ...

    async def end_alert(self, alert: Alert, *, told: bool) -> None:
        """Never tell it again, or, if it could not be told, let anybody claim it at once."""
        ...
