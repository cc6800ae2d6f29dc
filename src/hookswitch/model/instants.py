"""Instants on the wire: ISO 8601, UTC, with milliseconds."""

from datetime import UTC, datetime

from hookswitch.model.ids import Ms


def iso(at: Ms) -> str:
    """`2026-10-01T15:31:15.000Z`."""
    seconds, ms = divmod(at, 1000)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}.{ms:03}Z"


def ms_of(at: datetime) -> Ms:
    """One without a zone is taken as UTC."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)
