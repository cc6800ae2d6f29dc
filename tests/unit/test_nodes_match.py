"""Comparisons as the engine makes them: its URL encoding, and a regular expression of ours."""

import re
from fnmatch import fnmatchcase
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookswitch.flow.match import How, matches

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=40)
PLAIN = st.text(st.sampled_from("abAB 1.()!'*?~_-+%&é山\"$[]{}:;,|^"), min_size=1, max_size=8)
DIGITS = st.text(st.sampled_from("0123456789*#"), min_size=1, max_size=15)


def engine_says(condition: str, value: str) -> bool:
    """REGEX, whose arguments the engine splits at quotes outside of brackets."""
    found = re.fullmatch(r'\$\{REGEX\("(.*)" _\$\{HS_V\}\)\}', condition)
    assert found is not None
    regex = found[1]
    assert not re.search(r'["\\\s{}:,;]|\$[\[{]', regex)
    assert regex.count("(") == regex.count(")")
    assert regex.count("[") == regex.count("]")
    return bool(re.search(regex, f"_{value}"))


def name_is(how: How, value: str, name: str) -> bool:
    encoded = quote(name, safe="-_.!~*'()")
    return engine_says(matches(how, value, is_number=False), encoded)


def number_is(how: How, value: str, number: str) -> bool:
    sent = re.sub("[^0-9A-Za-z+*#_]", "", number)
    return engine_says(matches(how, value, is_number=True), sent)


def folded(text: str) -> str:
    """Small letters a to z; the engine cannot tell brackets and stars apart."""
    lower = "".join(sign.lower() if sign.isascii() else sign for sign in text)
    return lower.replace("(", "*").replace(")", "*").replace("'", "*")


@given(NAMES.filter(bool))
def test_a_name_is_itself(name: str) -> None:
    assert name_is("exact", name, name)
    assert name_is("prefix", name, f"{name}x")
    assert not name_is("exact", name, f"{name}x")
    assert not name_is("exact", name, f"x{name}")


@given(PLAIN, PLAIN)
def test_no_other_name_is_it(one: str, other: str) -> None:
    if folded(one) != folded(other):
        assert not name_is("exact", one, other)
    assert name_is("prefix", one, one + other)


@given(PLAIN.filter(lambda text: not set("[]") & set(text)), PLAIN)
def test_a_pattern_is_as_a_shell_has_it(pattern: str, name: str) -> None:
    wanted = fnmatchcase(name.lower(), pattern.lower())
    if not set("()'*") & set(name):
        assert name_is("pattern", pattern, name) == wanted


@given(DIGITS, DIGITS, st.sampled_from(["", "+"]), st.sampled_from(["", "+"]))
def test_a_number_is_the_same_with_and_without_its_plus(
    one: str, other: str, plus: str, also: str
) -> None:
    assert number_is("exact", plus + one, also + one)
    assert number_is("exact", plus + one, also + other) == (one == other)
    assert number_is("prefix", plus + one, also + one + other)


@pytest.mark.parametrize(
    ("value", "number", "wanted"),
    [
        ("614*", "61400000001", True),
        ("614*", "+61400000001", True),
        ("*001", "61400000001", True),
        ("61?00000001", "61400000001", True),
        ("61?0000001", "61400000001", False),
        ("614*", "5614", False),
        ("a?ice", "Alice", True),
    ],
)
def test_patterns_of_numbers(value: str, number: str, wanted: bool) -> None:
    assert number_is("pattern", value, number) is wanted


@pytest.mark.parametrize("number", ["", "anonymous", "Anonymous", "restricted"])
def test_who_withholds_the_number_has_none(number: str) -> None:
    assert number_is("empty", "", number)
    assert not number_is("empty", "", number + "1")
    assert name_is("empty", "", "") and not name_is("empty", "", "x")  # noqa: PT018


@pytest.mark.parametrize("sent", ['Ev\\"il \\\\', 'Ev"il \\'])
def test_a_name_with_quoted_pairs_is_known(sent: str) -> None:
    """SIP's own quoting stays in the name that the engine has."""
    assert name_is("exact", 'Ev"il \\', sent)
    assert name_is("pattern", "Ev?il ?", sent)
