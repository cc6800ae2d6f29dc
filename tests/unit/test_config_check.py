"""Every field's errors: where they are, what is wrong, and the mend."""

from typing import Any

import pytest

from hookswitch.config.check import parse, parse_text
from hookswitch.config.document import Document
from hookswitch.config.problems import InvalidDocument, Problem
from hookswitch.config.site import endpoints_of
from kit.documents import DOCUMENTS, FULL, SIGNING_SECRET, changed, text_of


def problems(raw: Any) -> list[Problem]:
    with pytest.raises(InvalidDocument) as refused:
        parse_text(text_of(raw))
    return list(refused.value.problems)


def only(raw: Any) -> Problem:
    (problem,) = problems(raw)
    return problem


U, D, T = "users.0", "users.0.devices.0", "trunks.0"
N, H, A = "flows.0.objects.0", "flows.0.objects.1", "flows.0.objects.2"
W, G = "webhooks.0", "allowed_networks.0"
USER = "users[1] (Alice)"
DEVICE = "users[1] (Alice).devices[1]"
TRUNK = "trunks[1] (carrier)"
OBJECT = "flows[1] (Main).objects[{}] ({})"
NUMBER, HOOK = OBJECT.format(1, "Main number"), OBJECT.format(2, "CRM, lookup; (100%)")
ALICE = OBJECT.format(3, "Alice")
CRM = "webhooks[1] (crm)"
LONG = "x" * 61


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_good_document_is_taken(name: str) -> None:
    assert isinstance(parse_text(text_of(DOCUMENTS[name])), Document)


@pytest.mark.parametrize(
    ("path", "value", "where", "field", "said"),
    [
        ("hookswitch", 2, "", "hookswitch", "none of the allowed values: use 1"),
        ("hookswitch", ..., "", "hookswitch", "missing: add it"),
        ("nonsense", 1, "", "nonsense", "no such field: remove it"),
        ("users", {"a": 1}, "", "users", "not a list"),
        ("users", "alice", "", "users", "not a list"),
        (U, "alice", "users[1]", "", "not a mapping"),
        (f"{U}.name", "", "users[1]", "name", "empty: give it a name"),
        (f"{U}.name", "  ", "users[1] (  )", "name", "empty"),
        (f"{U}.name", 7, "users[1]", "name", 'as a number: write it in quotes: "7"'),
        (f"{U}.name", LONG, "users[1]", "name", "61 characters: use at most 60"),
        (f"{U}.name", "a\nb", "users[1]", "name", "line break or control character: remove"),
        (f"{U}.name", None, "users[1]", "name", "not text"),
        (f"{U}.extension", 1001, USER, "extension", 'write it in quotes: "1001"'),
        (f"{U}.extension", "1", USER, "extension", "not an extension: write 2 to 8 digits"),
        (f"{U}.extension", "\u0661\u0662", USER, "extension", "not an extension"),
        (f"{U}.ring_time", 0, USER, "ring_time", "out of range: use at least 1"),
        (f"{U}.ring_time", 601, USER, "ring_time", "out of range: use at most 600"),
        (f"{U}.ring_time", "20", USER, "ring_time", "not a whole number"),
        (f"{U}.ring_time", 2.5, USER, "ring_time", "not a whole number"),
        (f"{U}.ring_time", True, USER, "ring_time", "not a whole number"),
        (f"{D}.username", "a b", DEVICE, "username", "not a SIP user name: use at most 40"),
        (f"{D}.username", "trunk-carrier", DEVICE, "username", "not beginning with trunk-"),
        (f"{D}.username", "h", DEVICE, "username", "the engine has a meaning of its own for it"),
        (f"{D}.username", "a;b", DEVICE, "username", "not a SIP user name"),
        (f"{D}.password", "short", DEVICE, "password", "too short or holds a character"),
        (f"{D}.password", "with space", DEVICE, "password", "use 8 to 80 visible ASCII"),
        (f"{D}.password", "semi;colon", DEVICE, "password", "without spaces and semicolons"),
        (f"{D}.password", 1234567890, DEVICE, "password", "as a number: write it in quotes"),
        (f"{D}.transport", "sctp", DEVICE, "transport", "none of the allowed values: use 'udp'"),
        (f"{D}.srtp", True, DEVICE, "srtp", "none of the allowed values: use 'off'"),
        (f"{D}.password", "[secret]", DEVICE, "password", "missing"),
        (f"{T}.name", "Carrier", "trunks[1] (Carrier)", "name", "not an id: use at most 40"),
        (f"{T}.host", "a b", TRUNK, "host", "not a host: write a host name"),
        (f"{T}.host", "a\nb", TRUNK, "host", "not a host"),
        (f"{T}.port", 70_000, TRUNK, "port", "use at most 65535"),
        (f"{T}.codecs", [], TRUNK, "codecs", "use at least 1 entry"),
        (f"{T}.codecs", ["mp3"], "trunks[1] (carrier).codecs[1]", "", "use 'ulaw', 'alaw'"),
        ("flows.0.objects", [], "flows[1] (Main)", "objects", "use at least 1 entry"),
        (f"{N}.kind", "nowhere", NUMBER, "", "no object kind 'nowhere': use one of"),
        (f"{N}.kind", ..., NUMBER, "", "it has no kind: use one of"),
        (f"{N}.kind", ["user"], NUMBER, "", "it has no kind"),
        (f"{N}.id", "Main", NUMBER, "id", "not an id"),
        (f"{N}.extra", 1, NUMBER, "extra", "no such field"),
        (f"{N}.notes", "x" * 2001, NUMBER, "notes", "at most 2000 characters"),
        (f"{N}.numbers", [], NUMBER, "numbers", "use at least 1 entry"),
        (f"{N}.numbers", ["12"], f"{NUMBER}.numbers[1]", "", "not a phone number: write 3 to 15"),
        (f"{N}.numbers", ["1-800-FLOWERS"], f"{NUMBER}.numbers[1]", "", "not a phone number"),
        (f"{N}.numbers", [61300000000], f"{NUMBER}.numbers[1]", "", "write it in quotes"),
        (f"{N}.numbers", ["61300000002", "+61300000002"], NUMBER, "numbers", "already enters"),
        (f"{N}.numbers", ["+1001"], NUMBER, "numbers", "1001 is also a user's extension"),
        (f"{N}.outputs", {}, NUMBER, "outputs", "no object follows: connect the output"),
        (f"{N}.outputs.next", "nobody", NUMBER, "outputs.next", "no object 'nobody' in this flow"),
        (f"{A}.user", "9999", ALICE, "user", "no user 9999: add that user, or name one of"),
        (f"{A}.user", 1001, ALICE, "user", "write it in quotes"),
        (f"{A}.ring_time", 0, ALICE, "ring_time", "use at least 1"),
        (f"{A}.outputs.next", "bob", ALICE, "outputs.next", "its outputs are no_answer, busy"),
        ("flows.0.objects.4.cause", "shy", OBJECT.format(5, "Sorry"), "cause", "use 'normal'"),
        (f"{W}.name", "CRM", "webhooks[1] (CRM)", "name", "not an id"),
        (f"{W}.url", "ftp://x/", CRM, "url", "not a web address: write it like https://"),
        (f"{W}.url", "crm.example", CRM, "url", "not a web address"),
        (f"{W}.url", "http://", CRM, "url", "not a web address"),
        (f"{W}.url", "http://x:0/", CRM, "url", "a fragment or port 0"),
        (f"{W}.url", "http://x:99999/", CRM, "url", "not a URL"),
        (f"{W}.url", "http://[::1/", CRM, "url", "not a URL"),
        (f"{W}.url", "http://x/#a", CRM, "url", "a fragment or port 0: remove it"),
        (f"{W}.url", "http://me:pw@x/", CRM, "url", "user name or password: send them in a header"),
        (f"{W}.url", "http://x/a b", CRM, "url", "no URL has: percent-encode it"),
        (f"{W}.url", "http://x/\\a", CRM, "url", "no URL has"),
        (f"{W}.url", "http://x/\r\nHost: y", CRM, "url", "no URL has"),
        (f"{W}.url", "http://\u00fc/", CRM, "url", "no URL has"),
        (f"{W}.url", "http://x/" + "a" * 2048, CRM, "url", "2057 characters: use at most 2048"),
        (f"{W}.secret_token", "", CRM, "secret_token", "empty or not plain ASCII"),
        (f"{W}.secret_token", "a\r\nb", CRM, "secret_token", "use visible ASCII"),
        (f"{W}.secret_token", 12345, CRM, "secret_token", "write it in quotes"),
        (f"{W}.signing_secret", "whsec_", CRM, "signing_secret", "not a Standard Webhooks secret"),
        (f"{W}.signing_secret", "whsec_!!!!", CRM, "signing_secret", "write whsec_ and the base64"),
        (f"{W}.signing_secret", "whsec_\u00e9", CRM, "signing_secret", "not a Standard Webhooks"),
        (f"{W}.signing_secret", "c2hvcnQ=", CRM, "signing_secret", "not a Standard Webhooks"),
        (f"{W}.signing_secret", "whsec_c2hvcnQ=", CRM, "signing_secret", "not a Standard Webhooks"),
        (f"{W}.triggers", ["user_out"], f"{CRM}.triggers[1]", "", "no trigger 'user_out': tick"),
        (f"{W}.triggers", ["webhook_component_event"], f"{CRM}.triggers[1]", "", "no trigger"),
        (f"{W}.headers", {"Host": "x"}, CRM, "headers", "Host is set by Hookswitch itself"),
        (f"{W}.headers", {"x-PBX-token": "x"}, CRM, "headers", "is set by Hookswitch"),
        (f"{W}.headers", {"Content-Type": "x"}, CRM, "headers", "is set by Hookswitch"),
        (f"{W}.headers", {"webhook-id": "x"}, CRM, "headers", "is set by Hookswitch"),
        (f"{W}.headers", {"X-Hookswitch-Y": "x"}, CRM, "headers", "is set by Hookswitch"),
        (f"{W}.headers", {"Transfer-Encoding": "x"}, CRM, "headers", "is set by Hookswitch"),
        (f"{W}.headers", {"Connection": "x"}, CRM, "headers", "is set by Hookswitch"),
        (f"{W}.headers", {"X-A": "1", "x-a": "2"}, CRM, "headers", "x-a is there twice"),
        (f"{W}.headers", {"X A": "x"}, CRM, "headers", "'X A' is not a header name"),
        (f"{W}.headers", {"X\r\nY": "x"}, CRM, "headers", r"'X\r\nY' is not a header name"),
        (f"{W}.headers", {"X-A": "a\r\nb"}, CRM, "headers.X-A", "not plain ASCII"),
        (f"{W}.headers", {"X-A": 5}, CRM, "headers.X-A", "write it in quotes"),
        (f"{W}.headers", ["X-A"], CRM, "headers", "not a mapping: write name: value pairs"),
        (f"{G}.network", "10.0.0.1/8", "allowed_networks[1]", "network", "not a network"),
        (f"{G}.network", "lan", "allowed_networks[1]", "network", "such as 192.168.1.0/24"),
        (f"{G}.ports", [], "allowed_networks[1]", "ports", "at least 1 entry"),
        (f"{G}.ports", [0], "allowed_networks[1].ports[1]", "", "at least 1"),
        ("trunks.1", {"name": "carrier", "host": "x"}, "trunks[2] (carrier)", "name", "another"),
        (f"{D}.username", "1001.mobile", f"{USER}.devices[2]", "username", "another device"),
        ("webhooks.1", FULL["webhooks"][0], "webhooks[2] (crm)", "name", "another webhook"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_mend(
    path: str, value: object, where: str, field: str, said: str
) -> None:
    problem = only(changed(path, value))
    assert (problem.where, problem.field) == (where, field)
    assert said in str(problem)
    assert problem.message
    assert problem.mend
    assert problem.line is not None
    assert "\n" not in str(problem)


def test_a_list_that_is_too_long_is_told_in_entries() -> None:
    music = {"name": "long", "prompts": [f"piece{number}" for number in range(101)]}
    problem = only({**FULL, "music": [music]})
    assert problem.message == "it has too many entries"
    assert problem.mend == "use at most 100 entries"


def test_deliveries_are_not_kept_longer_than_their_calls() -> None:
    kept = {"history_days": 30, "deliveries_days": 31}
    problem = only({**FULL, "retention": kept})
    assert problem.loc == ("retention", "deliveries_days")
    assert problem.mend == "write at most 30, or leave it out"
    for good in ({"history_days": 0, "deliveries_days": 31}, {"deliveries_days": 31}):
        assert parse({**FULL, "retention": good}).retention.deliveries_days == 31


def test_a_number_needs_a_trunk_to_come_in_by() -> None:
    (problem,) = problems(changed("trunks", []))
    assert "add a trunk to `trunks`" in str(problem)


@pytest.mark.parametrize(
    ("path", "value", "where", "said"),
    [
        (
            f"{N}.outputs",
            {"nxt": "alice"},
            NUMBER,
            "outputs.nxt: Inbound number has no such output",
        ),
        (f"{H}.id", "main", HOOK, "id: 'main' is already the id of 'Main number': choose another"),
        ("users.1.extension", "1001", "users[2] (Bob; O'Neil)", "another user already has 1001"),
    ],
)
def test_what_breaks_other_objects_too_is_named_itself(
    path: str, value: object, where: str, said: str
) -> None:
    assert [said in str(p) for p in problems(changed(path, value)) if p.where == where].count(True)


def test_all_that_is_wrong_is_told_at_once() -> None:
    raw = changed("users.0.extension", "1", changed("webhooks.0.url", "x", changed("trunks", 1)))
    assert {problem.field for problem in problems(raw)} == {"extension", "url", "trunks"}


def test_the_line_is_that_of_the_value_or_of_what_it_is_missing_in() -> None:
    text = (
        'hookswitch: 1\nusers:\n  - name: A\n    extension: "10"\n  - name: B\n    extension: x\n'
    )
    with pytest.raises(InvalidDocument) as refused:
        parse_text(text)
    assert [problem.line for problem in refused.value.problems] == [6]
    with pytest.raises(InvalidDocument) as refused:
        parse_text('hookswitch: 1\nusers:\n  - name: A\n    extension: "10"\n\n  - name: B\n')
    assert [problem.line for problem in refused.value.problems] == [6]


def test_half_of_a_character_is_refused_before_it_reaches_a_file() -> None:
    raw = changed("users.0.name", "half \ud800")
    with pytest.raises(InvalidDocument, match="half of a character"):
        parse(raw)


def test_names_may_hold_any_script_and_joined_emoji() -> None:
    name = "\u674e\u00a0\U0001f468\u200d\U0001f469\u200d\U0001f467 \u05d0\u200f"
    assert parse(changed("users.0.name", name)).users[0].name == name


def test_endpoints_are_the_webhooks_and_then_the_objects() -> None:
    crm, hook = endpoints_of(parse(FULL))
    assert (crm.id, crm.url, crm.triggers) == (
        "crm", "https://crm.example/hooks", {"user_inbound", "voicemail"},
    )  # fmt: skip
    assert (hook.id, hook.name, hook.triggers) == ("object:first", "CRM, lookup; (100%)", set())
    assert (crm.token.reveal(), hook.token.reveal()) == ("crm-token", "object-token")
    assert [(name, value.reveal()) for name, value in hook.headers] == [("X-Key", "object-key")]


@pytest.mark.parametrize(("owner", "place"), [("webhooks.0", 0), ("flows.0.objects.1", 1)])
def test_during_a_rotation_both_secrets_sign_the_newest_first(owner: str, place: int) -> None:
    new = "whsec_" + "A" * 43 + "="
    raw = changed(f"{owner}.previous_signing_secret", SIGNING_SECRET)
    raw = changed(f"{owner}.signing_secret", new, raw)
    endpoint = endpoints_of(parse(raw))[place]
    assert [secret.reveal() for secret in endpoint.signing_secrets] == [new, SIGNING_SECRET]


def test_an_object_with_a_wrong_field_hides_nothing_of_the_others() -> None:
    objects = [
        {"id": "main", "kind": "number", "name": "Main", "numbers": ["61300000000"]},
        {"id": "hook", "kind": "webhook", "name": "Hook", "url": "", "secret_token": "t",
         "signing_secret": SIGNING_SECRET, "outputs": {"next": "away"}},
        {"id": "queue", "kind": "queue", "name": "Queue", "members": [],
         "outputs": {"timeout": "hook", "full": "gone"}},
        {"id": "box", "kind": "voicemail", "name": "Box", "box": ""},
    ]  # fmt: skip
    found = [(p.where, p.field) for p in problems(changed("flows.0.objects", objects))]
    assert found == [
        (OBJECT.format(2, "Hook"), "url"),
        (OBJECT.format(4, "Box"), "box"),
        (OBJECT.format(1, "Main"), "outputs"),
        (OBJECT.format(3, "Queue"), "outputs.full"),
        (OBJECT.format(3, "Queue"), "members"),
    ]
    broken = changed("users.0.extension", "x", changed("flows.0.objects", objects))
    assert {p.field for p in problems(broken)} == {"url", "box", "extension"}


def test_a_browser_phone_has_no_transport_of_its_own() -> None:
    browser = {"username": "web", "kind": "browser", "srtp": "required", "transport": "tls"}
    found = problems(changed("users.0.devices.0", browser))
    assert [(p.field, p.mend) for p in found] == [("transport", "remove it"), ("srtp", "remove it")]


def test_with_a_list_of_numbers_objects_take_theirs_from_it() -> None:
    both = [{"number": "+61 3 0000 0000", "name": "Sales"}, {"number": "61300000001"}]
    parse(changed("numbers", both))
    (found,) = problems(changed("numbers", both[:1]))
    assert found.field == "numbers"
    assert found.message == "61300000001 is none of the account's numbers"
    (found,) = problems(changed("numbers", [*both, both[1]]))
    assert found.message == "61300000001 is there twice"
