"""Why Apply failed: it can be read, and shows no secret."""

import pytest

from hookswitch.app.configuration.apply_errors import ApplyError, redacted

TEXT = "voicemail.conf, line 12 of 1234: 1001 => 1234,Ada; pin=1234 t0ken-hiddenx call 61212341234"


def test_a_secret_is_masked_wherever_it_stands() -> None:
    assert redacted("auth: pa55word! pa55word!2", ["pa55word!"]) == "auth: [secret] [secret]2"
    assert redacted(TEXT, ["1234", "t0ken-hidden"]) == (
        "voicemail.conf, line 12 of [secret]: 1001 => [secret],Ada; pin=[secret] [secret]x"
        " call 61212341234"
    )


def test_one_that_holds_another_is_masked_whole() -> None:
    assert redacted("it is 12345678", ["1234", "12345678"]) == "it is [secret]"


@pytest.mark.parametrize("short", ["t", "1", "no", "101", "."])
def test_what_guards_nothing_does_not_make_a_text_unreadable(short: str) -> None:
    text = "no such trunk at line 101 of pjsip.conf: mend it."
    error = ApplyError(text, [text]).without([short, "pa55word!"])
    assert (error.message, error.problems) == (text, (text,))


@pytest.mark.parametrize("around", ["{}", "({})", "x={},", "'{}'", "_{}_", "{}\n"])
def test_a_pin_is_masked_in_whatever_the_engine_puts_around_it(around: str) -> None:
    assert redacted(around.format("4711"), ["4711"]) == around.format("[secret]")
