import socket

import pytest

from hookswitch.asterisk import ports
from hookswitch.asterisk.errors import PortInUseError
from hookswitch.asterisk.ports import TCP, UDP, free_port, is_free


def test_a_free_port_is_none_of_those_that_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    found = free_port("127.0.0.1", (UDP, TCP))
    monkeypatch.setattr(ports, "ANY", range(found, found + 2))
    assert free_port("127.0.0.1", (UDP, TCP), [found]) == found + 1


def test_when_every_port_is_in_use_the_error_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        monkeypatch.setattr(ports, "ANY", range(port, port + 1))
        assert not is_free("127.0.0.1", port, (TCP,))
        with pytest.raises(PortInUseError, match=f"from {port} to {port}"):
            free_port("127.0.0.1", (TCP,))
