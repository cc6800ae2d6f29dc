"""The request of one attempt. Oracle for signatures: the `standardwebhooks` package."""

import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from hookswitch import __version__
from hookswitch.delivery.errors import Unsendable
from hookswitch.delivery.request import build_headers, is_reserved
from hookswitch.delivery.sign import signature, signing_key
from hookswitch.model.delivery import Claim
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId
from hookswitch.model.secret import Secret

NEW = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OLD = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
BODY = '{"type":"queue_call","caller_name":"Zoë \\"Z\\""}'.encode()


def claim(**changes: object) -> Claim:
    values: dict[str, object] = {
        "id": DeliveryId(1),
        "event": EventId("evt_1"),
        "type": "queue_call",
        "call": CallId("n1-1.1"),
        "revision": 1,
        "endpoint": EndpointId("crm"),
        "body": BODY,
        "attempt": 3,
        "failures": 2,
        "sequence": 7,
    }
    return Claim(**{**values, **changes})  # type: ignore[arg-type]


def endpoint(**changes: object) -> Endpoint:
    values: dict[str, object] = {
        "id": EndpointId("crm"),
        "name": "CRM",
        "url": "https://crm.example/hook",
        "token": Secret("t0ken"),
        "signing_secrets": (Secret(NEW),),
    }
    return Endpoint(**{**values, **changes})  # type: ignore[arg-type]


def now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def headers(
    of: Claim | None = None, to: Endpoint | None = None, now: int | None = None
) -> dict[str, str]:
    built = build_headers(of or claim(), to or endpoint(), now_ms() if now is None else now)
    assert len({name.lower() for name, _ in built}) == len(built)
    return dict(built)


def test_the_headers_of_the_contract() -> None:
    sent = headers(now=1_790_868_675_999)
    assert sent.pop("webhook-signature").startswith("v1,")
    assert sent == {
        "Content-Type": "application/json",
        "User-Agent": f"Hookswitch/{__version__}",
        "Accept-Encoding": "identity",
        "X-Pbx-Token": "t0ken",
        "webhook-id": "evt_1",
        "webhook-timestamp": "1790868675",
        "X-Hookswitch-Attempt": "3",
        "X-Hookswitch-Call-Sequence": "7",
    }


def test_facts_that_are_not_always_there() -> None:
    sent = headers(claim(final=True, linked_call=CallId("n1-2.2"), client_ref="order 12"))
    assert sent["X-Hookswitch-Final"] == "true"
    assert sent["X-Hookswitch-Linked-Call"] == "n1-2.2"
    assert sent["X-Hookswitch-Client-Ref"] == "order 12"


def test_a_test_event_has_no_sequence() -> None:
    sent = headers(claim(test=True, sequence=None))
    assert sent["X-Hookswitch-Test"] == "true"
    assert "X-Hookswitch-Call-Sequence" not in sent


def test_the_standards_own_library_accepts_the_signature() -> None:
    assert Webhook(NEW).verify(BODY, headers())["type"] == "queue_call"


def test_the_standards_own_library_refuses_a_changed_body() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(BODY + b" ", headers())


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_during_a_rotation_both_secrets_verify(secret: str) -> None:
    rotating = endpoint(signing_secrets=(Secret(NEW), Secret(OLD)))
    sent = headers(to=rotating)
    assert len(sent["webhook-signature"].split(" ")) == 2
    Webhook(secret).verify(BODY, sent)


def test_a_signature_that_others_have_computed() -> None:
    # The example of the Standard Webhooks specification.
    secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(
        signing_key(secret), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


RESERVED = [
    "host",
    "Content-Length",
    "content-type",
    "Transfer-Encoding",
    "CONNECTION",
    "User-Agent",
    "accept-encoding",
    "x-pbx-token",
    "Webhook-Id",
    "webhook-anything",
    "X-HOOKSWITCH-Attempt",
    "x-hookswitch-new",
    "Expect",
    "Upgrade",
    "Proxy-Authorization",
]


@pytest.mark.parametrize("name", RESERVED)
def test_a_custom_header_never_replaces_one_of_the_contract(name: str) -> None:
    assert is_reserved(name)
    sent = headers(to=endpoint(headers=((name, Secret("forged")),)))
    assert "forged" not in sent.values()


def test_custom_headers_are_sent() -> None:
    custom = (("Authorization", Secret("Bearer abc")), ("X-Tenant", Secret("7")))
    sent = headers(to=endpoint(headers=custom))
    assert sent["Authorization"] == "Bearer abc"
    assert sent["X-Tenant"] == "7"


@pytest.mark.parametrize(
    "bad",
    [
        {"headers": (("X-A", Secret("hidden\r\nX-B: 1")),)},
        {"headers": (("X-A", Secret("hidden\x00")),)},
        {"headers": (("X A", Secret("hidden")),)},
        {"headers": (("", Secret("hidden")),)},
        {"headers": (("X-A:", Secret("hidden")),)},
        {"token": Secret("hidden\n")},
        {"signing_secrets": ()},
        {"signing_secrets": (Secret("hidden"),)},
        {"signing_secrets": (Secret("whsec_hidden!"),)},
        {"signing_secrets": (Secret("whsec_hiddené"),)},
        {"signing_secrets": (Secret("whsec_"),)},
        {"signing_secrets": (Secret("whsec_aGlkZGVu"),)},
    ],
)
def test_what_cannot_be_sent_is_refused_without_telling_the_secret(bad: dict[str, object]) -> None:
    with pytest.raises(Unsendable) as refused:
        headers(to=endpoint(**bad))
    assert "hidden" not in str(refused.value)
    assert "aGlkZGVu" not in str(refused.value)
