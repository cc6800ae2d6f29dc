"""Whether an address is this machine's, asked of the real kernel."""

from ipaddress import ip_address

import pytest

from hookswitch.delivery.errors import Blocked
from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.local import is_local


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "0.0.0.0", "::"])
def test_loopback_is_local(address: str) -> None:
    assert is_local(ip_address(address))


@pytest.mark.parametrize("address", ["198.51.100.77", "2001:db8::77", "255.255.255.255"])
def test_others_are_not(address: str) -> None:
    assert not is_local(ip_address(address))


def test_a_listener_on_every_address_is_closed_to_webhooks() -> None:
    guard = Guard([AllowedNetwork("127.0.0.0/8", (8080,))], [("0.0.0.0", 8080)], is_local)
    with pytest.raises(Blocked, match="our own"):
        guard.check("127.0.0.1", 8080)
