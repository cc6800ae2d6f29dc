"""What is live, and what earlier revisions still say of Webhook objects."""

from hookswitch.app.configuration.live import Live
from hookswitch.config.check import parse
from hookswitch.model.ids import EndpointId
from kit.documents import FULL, MINIMAL


def test_a_removed_webhook_object_is_gone_only_when_no_revision_knows_it() -> None:
    crm, first = EndpointId("crm"), EndpointId("object:first")
    live = Live()
    live.set(1, parse(FULL))
    assert not live.is_gone(crm)
    live.set(2, parse(MINIMAL))
    assert live.is_gone(crm), "its settings are those of now"
    assert not live.is_gone(first), "a call of revision 1 may still pass it"
    after_a_restart = Live()
    after_a_restart.set(2, parse(MINIMAL))
    assert after_a_restart.is_gone(first)
