"""Who logs in over SIP and who fails to, as the engine's security events tell.

Whoever registers chooses the account's name, line ends included, so an event counts only if its
headers are exactly those the engine writes: nobody can have another's address counted.
"""

from collections.abc import Callable
from typing import Final

from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.ami_wire import EVENT_HEAD, Message

COMMON_KEYS: Final = (
    *EVENT_HEAD, "EventTV", "Severity", "Service", "EventVersion", "AccountID", "SessionID",
    "LocalAddress", "RemoteAddress",
)  # fmt: skip
MORE_KEYS: Final = {
    "InvalidAccountID": (),
    "InvalidPassword": ("Challenge", "ReceivedChallenge", "ReceivedHash"),
    "ChallengeResponseFailed": ("Challenge", "Response", "ExpectedResponse"),
    "SuccessfulAuth": ("UsingPassword",),
}
"""Not ChallengeSent: every login begins with one."""
SERVICE: Final = "PJSIP"

OnLogin = Callable[[str, str, bool], None]
"""`(address, account, succeeded)`."""


class LoginWatch:
    """Calls `on_login` for each login over SIP that succeeded or failed."""

    def __init__(self, ami: Ami, on_login: OnLogin) -> None:
        self._on_login = on_login
        self._stop = ami.listen(self._take, *MORE_KEYS)

    def close(self) -> None:
        self._stop()

    def _take(self, message: Message) -> None:
        if message.keys != (*COMMON_KEYS, *MORE_KEYS[message.event]):
            return
        address = message.get("RemoteAddress").split("/")
        if message.get("Service") == SERVICE and len(address) == 4:
            succeeded = message.event == "SuccessfulAuth"
            self._on_login(address[2], message.get("AccountID"), succeeded)
