"""A receiver may send back what it was sent, secrets too: they are cut out of what is kept."""

from typing import Final

from msgspec.structs import replace

from hookswitch.delivery.transport import Answer
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.secret import MASK

SHORTEST: Final = 8
"""Characters: a shorter one guards nothing, and would be found in any text."""


def without_echoes(answer: Answer, endpoint: Endpoint) -> Answer:
    """The answer without the token and the values of the endpoint's own headers."""
    if not answer.body:
        return answer
    body = answer.body
    for secret in (endpoint.token, *(value for _, value in endpoint.headers)):
        if len(text := secret.reveal()) >= SHORTEST:
            body = body.replace(text.encode(), MASK.encode())
    return answer if body == answer.body else replace(answer, body=body)
