"""No setting does nothing: each is changed, and what it is for changes with it.

Most are seen in what the engine is given. The others are listed with the test in which the running
product (or the check of documents, or the console) is seen to do what they say. The schema itself
tells which settings there are; objects, users, trunks, routes, webhooks and all the rest.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from hookswitch.app.settings import Settings
from hookswitch.app.upkeep.limits import limits_of
from hookswitch.config.check import parse
from hookswitch.config.document import Document
from hookswitch.config.problems import InvalidDocument
from hookswitch.config.schema import classes_of
from hookswitch.config.site import endpoints_of, message_settings_of, questions_of
from hookswitch.flow.node import Node
from kit.documents import plan_of
from kit.every_setting import (
    Place,
    choices,
    everything,
    name_of,
    others,
    places,
    raw_of,
    with_other,
)

TESTS = Path(__file__).parents[1]
OPTIONS = "engine/test_endpoint_options.py"
FILTERED = f"{OPTIONS}::test_an_endpoint_is_sent_what_its_filter_means"
MAILED = "engine/test_recording_calls.py::test_it_is_mailed"
MESSAGE = "engine/test_voicemail.py::test_a_message_gives_its_event_its_audio_and_its_email"
ANSWERED = "engine/test_waiting.py::test_the_answer_chooses_the_way"
ROW = "engine/test_scenarios.py::test_row"
FORGETTING = "conformance/test_forgetting.py"
AGEING = "unit/test_media.py::test_messages_are_kept_for_a_time_of_their_own"
PRIVATE = "faults/test_private_tls.py"
ELSEWHERE: Mapping[str, str] = {
    "Node.notes": "e2e/test_console_canvas.py::test_settings_show_on_the_object_as_they_are_typed",
    "Node.position": "e2e/test_console_canvas.py::test_moving_an_object_is_kept_but_is_no_change",
    "graph.Flow.name": "e2e/test_console_canvas.py::test_search_finds_an_object_in_another_flow",
    "document.NumberConfig.number": "unit/test_config_check.py"
    "::test_with_a_list_of_numbers_objects_take_theirs_from_it",
    "document.NumberConfig.name": "e2e/test_console_canvas.py"
    "::test_an_inbound_number_is_chosen_from_the_accounts",
    "document.AllowedNetworkConfig.network": "docs/test_troubleshooting.py"
    "::test_webhooks_that_do_not_arrive",
    "document.AllowedNetworkConfig.ports": "docs/test_troubleshooting.py"
    "::test_webhooks_that_do_not_arrive",
    "document.RetentionConfig.history_days": f"{FORGETTING}::test_the_job_forgets_in_pieces",
    "document.RetentionConfig.deliveries_days": f"{FORGETTING}"
    "::test_the_job_forgets_deliveries_as_the_limits_say",
    "document.RetentionConfig.recordings_days": AGEING,
    "document.RetentionConfig.voicemail_days": AGEING,
    "document.RetentionConfig.audio_mb": "unit/test_media.py"
    "::test_the_oldest_go_until_the_rest_fits",
    "condition.Case.output": "engine/test_every_branch.py"
    "::test_each_output_of_each_kind_is_walked_by_a_call",
    "webhook.Case.output": ANSWERED,
    "webhook.Case.values": ANSWERED,
    "webhook.Branch.field": ANSWERED,
    "webhook.WebhookNode.url": ROW,
    "webhook.WebhookNode.secret_token": ROW,
    "webhook.WebhookNode.signing_secret": ROW,
    "webhook.WebhookNode.previous_signing_secret": "unit/test_config_check.py"
    "::test_during_a_rotation_both_secrets_sign_the_newest_first",
    "webhook.WebhookNode.headers": ROW,
    "webhook.WebhookConfig.name": "e2e/test_console_webhooks.py"
    "::test_an_endpoint_is_added_ticked_applied_and_tested",
    "webhook.WebhookConfig.url": ROW,
    "webhook.WebhookConfig.secret_token": ROW,
    "webhook.WebhookConfig.signing_secret": ROW,
    "webhook.WebhookConfig.previous_signing_secret": "unit/test_delivery_request.py"
    "::test_during_a_rotation_both_secrets_verify",
    "webhook.WebhookConfig.triggers": "engine/test_line_apply.py"
    "::test_an_unticked_trigger_makes_no_delivery",
    "webhook.WebhookConfig.headers": ROW,
    "webhook.WebhookConfig.only": FILTERED,
    "webhook.OnlyConfig.numbers": FILTERED,
    "webhook.OnlyConfig.queues": FILTERED,
    "webhook.OnlyConfig.users": FILTERED,
    "webhook.WebhookConfig.mask": f"{OPTIONS}"
    "::test_masked_fields_are_hidden_and_the_rest_is_the_same",
    "webhook.WebhookConfig.strict_order": f"{OPTIONS}"
    "::test_a_strict_endpoint_is_sent_nothing_past_what_failed",
    "webhook.WebhookConfig.max_per_second": "faults/test_workers_together.py"
    "::test_a_rate_is_that_of_all_workers_together",
    "webhook.WebhookConfig.ca_certificate": f"{PRIVATE}"
    "::test_only_the_endpoints_own_authority_is_trusted",
    "webhook.WebhookConfig.client_certificate": f"{PRIVATE}::test_the_receiver_sees_who_we_are",
    "recording.Record.emails": MAILED,
    "recording.Record.subject": MAILED,
    "recording.Record.message": MAILED,
    "recording.Record.attach_audio": MAILED,
    "document.UserConfig.email": "engine/test_voicemail.py"
    "::test_a_message_is_sent_to_the_boxs_owner_and_deleted",
    "voicemail.VoicemailNode.emails": MESSAGE,
    "voicemail.VoicemailNode.subject": MESSAGE,
    "voicemail.VoicemailNode.message": MESSAGE,
    "voicemail.VoicemailNode.attach_audio": MESSAGE,
    "voicemail.VoicemailNode.delete_after_sending": "engine/test_voicemail.py"
    "::test_a_message_is_sent_to_the_boxs_owner_and_deleted",
}
"""What the engine is not told, with the test of who is."""
LOOKED_AT = (
    *("webhook.", "recording.", "voicemail.", "document.RetentionConfig."),
    "document.UserConfig.email",
)
USED = sorted(
    name for name in ELSEWHERE if name.startswith(LOOKED_AT) and name != "webhook.Case.output"
)
SERVERS = Settings()
NO_SETTING = {"hang_up.HangUpNode.outputs"}
"""It has none."""


@pytest.fixture(scope="module")
def document() -> Document:
    return parse(everything())


@pytest.fixture(scope="module")
def found(document: Document) -> Mapping[str, Sequence[Place]]:
    """Every place of each field that has a value in the document."""
    by_name = defaultdict(list)
    for place in places(document):
        by_name[place.name].append(place)
    return by_name


def settings() -> Sequence[str]:
    """All but the document's own, which are parts: those are looked at field by field."""
    names = {
        name_of(part, field)
        for part in set(classes_of(Document))
        for field in part.model_fields
        if field != "kind" or not issubclass(part, Node)
    }
    return sorted(name for name in names - NO_SETTING if ".Document." not in name)


def told(document: Document) -> tuple[Any, ...]:
    """What the engine is given."""
    plan = plan_of(document)
    return (plan.contexts, plan.shared, plan.entry, plan.sections)


def used(document: Document) -> tuple[Any, ...]:
    """What the running product looks at while there are calls."""
    messages = message_settings_of(document)
    return endpoints_of(document), questions_of(document), messages, limits_of(SERVERS, document)


def changed(
    document: Document, found: Mapping[str, Sequence[Place]], name: str
) -> Iterator[tuple[Place, Any, Document]]:
    """Valid documents that differ in this field alone, with where and to what."""
    raw = raw_of(document)
    elsewhere = [place.value for place in found[name]]
    for place in found[name]:
        for other in others(place, elsewhere):
            if other != place.value:
                try:
                    yield place, other, parse(with_other(raw, place.way, other))
                except InvalidDocument:
                    continue


def test_every_setting_has_a_value_somewhere(found: Mapping[str, Sequence[Place]]) -> None:
    assert [name for name in settings() if name not in found] == []


@pytest.mark.parametrize("name", settings())
def test_a_setting_does_something(
    name: str, document: Document, found: Mapping[str, Sequence[Place]]
) -> None:
    others = changed(document, found, name)
    if name in ELSEWHERE:
        file, _, test = ELSEWHERE[name].partition("::")
        assert f"def {test}(" in (TESTS / file).read_text("utf-8")
        _, _, other = next(others)
        assert told(other) == told(document), "the engine is told: it needs no other test"
    elif choices(found[name][0]):
        words = defaultdict(dict[Any, Any])
        for place in found[name]:
            words[place.way][place.value] = told(document)
        for place, word, other in others:
            words[place.way][word] = told(other)
        for said in words.values():
            seen = list(said.values())
            assert all(one not in seen[n:] for n, one in enumerate(seen, 1)), "two mean the same"
        assert {word for said in words.values() for word in said} == set(choices(found[name][0]))
    else:
        assert any(told(other) != told(document) for _, _, other in others)


@pytest.mark.parametrize("name", USED)
def test_what_calls_are_handled_by_changes(
    name: str, document: Document, found: Mapping[str, Sequence[Place]]
) -> None:
    """Beside the test that is named for it."""
    others = changed(document, found, name)
    assert any(used(other) != used(document) for _, _, other in others)


def test_the_list_holds_settings_only() -> None:
    assert set(ELSEWHERE) <= set(settings())
