"""Routes, trunks and limits in the document: what may be written, and what it becomes."""

from typing import Any

import pytest

from hookswitch.config.check import parse, warnings
from hookswitch.config.problems import InvalidDocument
from hookswitch.flow.outside import dialplan_pattern, fits
from hookswitch.flow.overlaps import covers, shared
from kit.dialplan import read_config, read_dialplan
from kit.documents import OUTSIDE, changed, document, files_of, plan_of


def problems(path: str, value: Any) -> list[str]:
    with pytest.raises(InvalidDocument) as refused:
        parse(changed(path, value, OUTSIDE))
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("routes.0.trunks", ["t", "v"], "routes[1] (national): trunks: there is no trunk v: name"),
        ("routes.0.trunks", ["t", "t"], "routes[1] (national): trunks: t is there twice"),
        ("routes.0.trunks", [], "routes[1] (national): trunks: it is empty: use at least 1 entry"),
        ("routes.0.patterns", ["0XX-XX"], "it is not a pattern of numbers: write digits, X (0-9)"),
        ("routes.0.patterns", ["."], "it is not a pattern"),
        ("routes.0.patterns", ["_X."], "it is not a pattern"),
        ("routes.0.patterns", ["0x"], "it is not a pattern"),
        ("routes.0.prepend", "a", "prepend: it is not digits"),
        ("routes.1.users", ["99"], "routes[2] (abroad): users: there is no user 99"),
        ("routes.1.name", "national", "another route already has national"),
        ("emergency.trunks", ["v"], "emergency.trunks: there is no trunk v"),
        ("emergency.numbers", ["10"], "10 is also an emergency number: choose another extension"),
        ("emergency.numbers", ["+112"], "it is not an emergency number: write 2 to 6 digits"),
        ("trunks.0.password", ..., "username is of no use without password: give both or none"),
        ("trunks.1.inbound_username", ..., "inbound_password is of no use without"),
        ("trunks.1.registers", True, "trunks[2] (u): username: a trunk that registers needs an"),
        ("trunks.0.transport", "sctp", "transport: it is none of the allowed values"),
        ("trunks.0.username", "a b", "username: it is not an account name"),
        ("users.0.limits.per_minute", 61, "limits.per_minute: it is out of range"),
        ("users.0.outbound_caller_id", "Ann", "outbound_caller_id: it is not a phone number"),
        ("outside.blocked", ["+88."], "it is not the beginning of numbers"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(path: str, value: Any, said: str) -> None:
    assert any(said in problem for problem in problems(path, value))


@pytest.mark.parametrize(
    ("pattern", "written"),
    [("0XXX", "_0XXX"), ("+.", "_+."), ("112", "112"), ("+613", "+613"), ("[1-5]!", "_[1-5]!")],
)
def test_a_pattern_is_the_engines_own(pattern: str, written: str) -> None:
    assert dialplan_pattern(pattern) == written


def test_nothing_outside_is_reached_from_a_trunk() -> None:
    entry = read_dialplan(files_of(document("outside"))["entry.conf"])
    assert entry["hs-from-trunk"] == {}
    assert {"_0XXXXXXXXX", "_+.", "000", "112"} <= set(entry["hs-from-user"])


def test_everything_dialled_is_filtered() -> None:
    entry = read_dialplan(files_of(document("outside"))["entry.conf"])
    for match, steps in entry["hs-from-user"].items():
        if match.startswith("_"):
            assert any("FILTER(0-9" in args for app, args in steps if app == "Set")
            assert not [args for app, args in steps if app == "Set" and args.endswith("=${EXTEN}")]


def test_emergency_calls_pass_no_limit_and_try_every_trunk() -> None:
    contexts = read_dialplan(files_of(document("outside"))["revision.conf"])
    steps = contexts["hs-r7-all-emergency"]["s"]
    assert [args.partition(",")[0] for app, args in steps if app == "Dial"] == [
        "PJSIP/${HS_DEST}@trunk-u", "PJSIP/${HS_DEST}@trunk-t",
    ]  # fmt: skip
    assert not any("hs-limits" in args or "blocked" in args for _, args in steps)
    entry = read_dialplan(files_of(document("outside"))["entry.conf"])
    assert entry["hs-from-user"]["000"][0] == ("Set", "HS_DEST=000")


def test_a_trunk_that_registers_knows_its_calls_by_the_line() -> None:
    files = files_of(document("outside"))
    blocks = [b for name, text in files.items() if "pjsip" in name for b in read_config(text)]
    (registration,) = (dict(b.options) for b in blocks if ("type", "registration") in b.options)
    assert registration["client_uri"] == "sip:acc@192.0.2.1:5060"
    assert (registration["line"], registration["endpoint"]) == ("yes", "trunk-t")
    (endpoint,) = (
        dict(b.options) for b in blocks
        if b.name == "trunk-u" and ("type", "endpoint") in b.options
    )  # fmt: skip
    assert (endpoint["auth"], endpoint["send_pai"], endpoint["transport"]) == (
        "trunk-u-in", "yes", "tcp",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "number", "does"),
    [
        ("0XXX", "0123", True),
        ("0XXX", "01234", False),
        ("+.", "+1", True),
        ("+.", "1", False),
        ("[2-4]Z!", "39", True),
        ("[2-4]Z!", "30", False),
        ("N", "1", False),
    ],
)
def test_a_pattern_fits_as_the_engine_says(pattern: str, number: str, does: bool) -> None:
    assert fits(pattern, number) is does


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [
        ("04XXXXXXXX", "0.", "0400000000"),
        ("0[1-3]X", "02.", "020"),
        ("+.", "0.", None),
        ("0XX", "0XXX", None),
        ("N!", "1.", None),
        ("[2-46]!", "6", "6"),
    ],
)
def test_patterns_share_numbers(one: str, other: str, number: str | None) -> None:
    assert shared(one, other) == shared(other, one) == number
    assert number is None or (fits(one, number) and fits(other, number))


@pytest.mark.parametrize(
    ("wide", "narrow", "does"),
    [
        ("0.", "04XXXXXXXX", True),
        ("04XXXXXXXX", "0.", False),
        ("0!", "0.", True),
        ("0.", "0!", False),
        ("X.", "0X.", True),
        ("+.", "0X", False),
        ("NXX", "[2-4]XX", True),
        ("[2-4]XX", "NXX", False),
    ],
)
def test_a_pattern_covers_another(wide: str, narrow: str, does: bool) -> None:
    assert covers(wide, narrow) is does


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({"patterns": ["0."]}, {"patterns": ["04XX"]},
         [("routes[2] (b): patterns: 04XX and 0. of the route a both fit 0400, which goes by a:"
          " make one narrower, or put the narrower route first")]),
        ({"patterns": ["04XX"]}, {"patterns": ["0."]}, []),  # narrower ones come first
        ({"patterns": ["04XX"]}, {"patterns": ["04XX"]}, 1),
        ({"patterns": ["04XX"], "users": ["10"]}, {"patterns": ["04XX"]}, []),
        ({"patterns": ["04XX"]}, {"patterns": ["04XX"], "users": ["10"]}, 1),
        ({"patterns": ["0[1-4]X"]}, {"patterns": ["0[4-6]X", "05X"]}, 1),
    ],
)  # fmt: skip
def test_routes_that_overlap_are_warned_of(
    first: dict[str, Any], second: dict[str, Any], said: Any
) -> None:
    routes = [
        {"name": name, "trunks": ["t"], **more} for name, more in (("a", first), ("b", second))
    ]
    found = warnings(parse(changed("routes", routes, OUTSIDE)))
    assert [each.severity for each in found] == ["warning"] * len(found)
    assert len(found) == said if isinstance(said, int) else [str(each) for each in found] == said


@pytest.mark.parametrize(
    ("forward", "said"),
    [
        ({"always": "10"}, "forward.always: it is the user's own extension"),
        ({"busy": "99"}, "forward.busy: 99 is no extension, and no route of this user fits it"),
        ({"offline": "Ann"}, "forward.offline: it is neither an extension nor a number"),
    ],
)
def test_a_forward_needs_somebody(forward: dict[str, str], said: str) -> None:
    assert any(said in problem for problem in problems("users.0.forward", forward))


def test_a_forward_over_a_route_of_others_is_refused() -> None:
    abroad = {"always": "+4420000000"}
    assert "no route of this user fits it" in problems("users.1.forward", abroad)[0]
    parse(changed("users.0.forward", abroad, OUTSIDE))


EXTERNAL = {"id": "x", "kind": "external_number", "name": "Mobile", "number": "0400000000"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"route": "none"}, "route: there is no route none: name one of abroad, national"),
        ({"trunk": "none"}, "trunk: there is no trunk none: name one of t, u"),
        ({"trunk": "t", "route": "national"}, "trunk: there is a route too: remove one"),
        ({"number": "+4420000000"}, "number: no route that everybody may use fits +4420000000"),
        ({"number": "Ann"}, "number: it is not a phone number"),
    ],
)
def test_an_external_number_needs_a_way_out(more: dict[str, Any], said: str) -> None:
    flows = [{"name": "F", "objects": [{**EXTERNAL, **more}]}]
    assert any(said in problem for problem in problems("flows", flows))


def test_an_external_number_goes_by_the_route_or_trunk_it_names() -> None:
    flows = [{"name": "F", "objects": [{**EXTERNAL, "trunk": "u"}]}]
    plan = plan_of(parse(changed("flows", flows, OUTSIDE)))
    (found,) = (context for context in plan.contexts if context.name == "hs-r7-x")
    steps = [(step.app, step.args) for step in found.extensions[0].steps]
    assert ("Gosub", "hs-r7-route-via-u,s,1") in steps


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("trunks.0.host", "127.0.0.1", ["trunks[1] (t): host: browser phones come from 127.0.0.1"]),
        (
            "trunks.1.addresses",
            ["127.0.0.0/8"],
            ["browser phones come from", "127.0.0.0/8 is taken"],
        ),
        ("trunks.1.addresses", ["0.0.0.0/0"], ["browser phones", "0.0.0.0/0 is taken"]),
        ("trunks.1.addresses", ["10.0.0.0/8"], ["10.0.0.0/8 is taken for the trunk"]),
        ("trunks.1.addresses", ["2001::/16"], ["2001::/16 is taken for the trunk"]),
        ("trunks.1.addresses", ["10.1.0.0/16", "2001:db8::/32", "127.0.0.2/32"], []),
        ("trunks.0.host", "127.0.0.2", []),
    ],
)
def test_phones_that_would_be_taken_for_a_trunk(path: str, value: Any, said: list[str]) -> None:
    raw = changed(path, value, OUTSIDE)
    device = {"username": "web", "password": "12345678", "kind": "browser"}
    raw = changed("users.0.devices", [device], changed("routes", [], raw))
    found = list(map(str, warnings(parse(raw))))
    assert len(found) == len(said)
    assert all(part in warning for part, warning in zip(said, found, strict=True))
