"""The example configuration: one number, two users, a Webhook object where nobody answers."""

import base64
import secrets
from collections.abc import Mapping

from msgspec import Struct

NUMBER = "61300000000"
CALLER = "61400000001"
CALLER_NAME = "Jane Citizen"
RING_SECONDS = 4
CARRIER_HOST = "127.0.0.2"
"""The demo's provider has a loopback address of its own: trunks are told apart by address."""


class Accounts(Struct, frozen=True, kw_only=True):
    """What is made anew for each start of the demo."""

    alice_password: str
    bob_password: str
    crm_token: str
    object_token: str
    signing_secret: str

    def __repr__(self) -> str:
        return "Accounts(...)"


def make_accounts() -> Accounts:
    return Accounts(
        alice_password=secrets.token_urlsafe(12),
        bob_password=secrets.token_urlsafe(9),
        crm_token=secrets.token_urlsafe(12),
        object_token=secrets.token_urlsafe(12),
        signing_secret="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
    )


def document(accounts: Accounts, *, carrier_port: int, receiver_port: int) -> str:
    """The YAML an administrator would have drawn."""
    return f"""\
# Made by `hookswitch demo`. Change it and apply it while the demo runs.
hookswitch: 1

users:
  - name: Alice
    extension: "1001"
    devices:
      - username: "1001"
        password: "{accounts.alice_password}"
  - name: Bob
    extension: "1002"
    devices:
      - username: "1002"
        password: "{accounts.bob_password}"
      - username: "1002-browser"   # the phone in the console's corner
        kind: browser

trunks:
  - name: carrier
    host: {CARRIER_HOST}
    port: {carrier_port}

flows:
  - name: Example
    objects:
      - id: main_number
        kind: number
        name: Main number
        numbers: ["{NUMBER}"]
        outputs:
          next: alice
      - id: alice
        kind: user
        name: Alice
        user: "1001"
        ring_time: {RING_SECONDS}
        outputs:
          no_answer: missed_call
          busy: missed_call
          offline: missed_call
      - id: missed_call
        kind: webhook
        name: Missed call
        url: http://127.0.0.1:{receiver_port}/missed-call
        secret_token: "{accounts.object_token}"
        signing_secret: "{accounts.signing_secret}"
        outputs:
          next: goodbye
      - id: goodbye
        kind: hang_up
        name: Goodbye
        cause: no_answer

webhooks:
  - name: crm
    url: http://127.0.0.1:{receiver_port}/crm
    secret_token: "{accounts.crm_token}"
    signing_secret: "{accounts.signing_secret}"
    triggers: [user_inbound, user_inbound_answered, user_inbound_completed]
    headers:
      X-Team: demo

# Private addresses are closed to webhooks unless they are allowed here.
allowed_networks:
  - network: 127.0.0.1/32
    ports: [{receiver_port}]
"""


EXPECTED: Mapping[str, tuple[str, ...]] = {
    "answered": ("user_inbound", "user_inbound_answered", "user_inbound_completed"),
    "given up": ("user_inbound", "user_inbound_completed"),
    "unanswered": ("user_inbound", "user_inbound_completed", "webhook_component_event"),
}
"""The webhooks each of the demo's calls must give, in order."""
