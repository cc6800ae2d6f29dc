"""Documents nobody would write: what is secret stays so, what is applied comes back the same."""

import traceback
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hookswitch.config import archive, secrets
from hookswitch.config.check import parse, parse_text
from hookswitch.config.problems import InvalidDocument
from hookswitch.config.site import endpoints_of, site_of
from kit.documents import changed, text_of, through_archive
from kit.strategies import documents

FEW = settings(max_examples=40, deadline=None)
MARK = "s3kr3tMARK"

SECRETS = [
    "users.0.devices.0.password",
    "webhooks.0.secret_token",
    "webhooks.0.signing_secret",
    "webhooks.0.headers.X-Team",
    "flows.0.objects.1.secret_token",
    "flows.0.objects.1.signing_secret",
    "flows.0.objects.1.headers.X-Key",
]
FAULTS = {
    "users.0.extension": "x", "users.0.devices.0.username": "",
    "webhooks.0.url": "x", "webhooks.0.triggers": ["x"], "webhooks.0.headers": {"Host": "x"},
    "webhooks.0.nonsense": 1, "flows.0.objects.1.kind": "x", "flows.0.objects.1.url": "",
    "flows.0.objects.0.outputs": {"next": "x"}, "hookswitch": 2, "trunks": [],
}  # fmt: skip
marked = st.sampled_from(
    [MARK, f"whsec_{MARK}", f"{MARK} \r\n", f"\u00e9{MARK}", f'"{MARK}"', f"!{MARK}", f"*{MARK}",
     f"{MARK};", MARK * 30, [MARK], {MARK: MARK}, {"kind": MARK}]
)  # fmt: skip
numbers = st.just(55_501_444_333)


def shown(error: BaseException) -> str:
    return "".join([str(error), repr(error), *traceback.format_exception(error)])


def outcome(text: str) -> str:
    """All that a log, an answer or a terminal could show of it."""
    try:
        document = parse_text(text)
    except InvalidDocument as error:
        return shown(error) + repr(error.problems)
    return "".join([repr(document), str(document), repr(site_of(document)),
                    repr(endpoints_of(document)), repr(document.model_dump())])  # fmt: skip


@FEW
@given(st.sampled_from(SECRETS), marked, st.sets(st.sampled_from(sorted(FAULTS))))
def test_a_secret_is_never_shown_whatever_is_wrong(
    path: str, secret: object, faults: set[str]
) -> None:
    raw = changed(path, secret)
    for fault in sorted(faults):
        if not fault.startswith(path) and not path.startswith(fault):
            raw = changed(fault, FAULTS[fault], raw)
    assert MARK not in outcome(text_of(raw))


@FEW
@given(st.sampled_from(SECRETS), numbers)
def test_a_secret_that_looks_like_a_number_is_not_quoted_back(path: str, number: int) -> None:
    assert str(number) not in outcome(text_of(changed(path, number)))


@FEW
@given(
    st.sampled_from(
        [
            "!",
            "&",
            "*",
            "!!",
            "!a!",
            "%",
            "@",
            "`",
            "'",
            '"',
            '"\\q',
            "|\n          ",
            "{",
            "[",
            "? ",
        ]
    ),
    st.sampled_from(["", "\n", " x\n", ": y\n", "\n        password: z\n", "'\n", '"\n', "\t\n"]),
)
def test_a_secret_that_breaks_the_yaml_is_not_shown(before: str, after: str) -> None:
    text = (
        "hookswitch: 1\nusers:\n  - name: A\n    extension: '10'\n    devices:\n"
        f"      - username: a\n        password: {before}{MARK}{after}"
    )
    assert MARK not in outcome(text)


def test_a_secret_given_twice_is_not_shown() -> None:
    text = f"hookswitch: 1\nwebhooks:\n- secret_token: {MARK}\n  secret_token: {MARK}2\n"
    assert MARK not in outcome(text)


@FEW
@given(documents())
def test_the_archive_gives_back_what_was_applied(raw: dict[str, Any]) -> None:
    document = parse(raw)
    restored = through_archive(document)
    assert restored == document
    assert endpoints_of(restored) == endpoints_of(document)
    assert site_of(restored) == site_of(document)


@FEW
@given(documents())
def test_the_archive_holds_no_secret(raw: dict[str, Any]) -> None:
    document = parse(raw)
    values = secrets.values_of(document)
    text = archive.dump(document, dict.fromkeys(values, 1))
    public = text_of(secrets.masked(document))  # a name may happen to be some password
    assert not [value for value in values.values() if value in text and value not in public]
    assert set(archive.kept(text)) == set(values)
