"""The dialplan's own journal records: values are URL-encoded, so no text can break out."""

from urllib.parse import quote

from hookswitch.model.plan import Step


def record(event: str, **values: str) -> Step:
    """`values` are literal text; see `live` for what the engine fills in."""
    pairs = "&".join(f"{key}={value}" for key, value in values.items())
    return Step("CELGenUserEvent", f"hs.{event},{pairs}")


def literal(text: str) -> str:
    return quote(text, safe="")


def live(expression: str) -> str:
    """A value the engine encodes when the call passes, for instance `CALLERID(name)`."""
    return f"${{URIENCODE(${{{expression}}})}}"
