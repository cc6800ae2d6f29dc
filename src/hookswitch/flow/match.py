"""Comparing what a caller sent, without ever putting it into an expression of the engine.

The text is first made harmless (a number filtered, any other URL-encoded), then compared with a
regular expression that is made from the document's text in the same form.
"""

import re
from typing import Final, Literal
from urllib.parse import quote

from hookswitch.model.plan import Step

How = Literal["exact", "prefix", "pattern", "empty"]

NUMBER_CHARACTERS: Final = "0-9A-Za-z+*#_"
WITHHELD: Final = "([Aa]nonymous|[Rr]estricted|[Uu]navailable|[Pp]rivate|[Ww]ithheld)?"
_SHIELD: Final = "(" * 80
"""Before a name, which has at most 79 bytes: text after its closing bracket, such as `):0:4`,
would be taken for the engine's own."""
_ENGINE_KEEPS: Final = "-_.!~*'()"
"""What the engine's URIENCODE leaves as it is, beside letters and digits."""
_CHARACTER: Final = "(%[C-F].(%[89AB].)+|%[0-7].|[^%])"
"""One character of URL-encoded UTF-8."""
_ESCAPED: Final = {
    ".": "[.]", "*": "[*]", "+": "[+]",
    # the engine counts brackets, so one alone is written as what lies between ' and *
    "(": "['-*]", ")": "['-*]",
    # the engine leaves SIP's quoted pairs in a name
    "%22": "(%5C)?%22", "%5C": "(%5C)?%5C",
}  # fmt: skip


def number(expression: str) -> tuple[Step, ...]:
    """Put a number into `HS_V` for `matches`; who withholds it has none."""
    return (Step("Set", f"HS_V=${{FILTER({NUMBER_CHARACTERS},${{{expression}}})}}"),)


def caller_number() -> tuple[Step, ...]:
    withheld = '$["${CALLERID(pres):0:6}" = "prohib"]'
    return (*number("CALLERID(num)"), Step("Set", f"HS_V=${{IF({withheld}?:${{HS_V}})}}"))


def text(expression: str) -> tuple[Step, ...]:
    """Put any text into `HS_V` for `matches`."""
    return (
        Step("Set", f"HS_V=${{URIENCODE({_SHIELD}${{{expression}}})}}"),
        Step("Set", f"HS_V=${{HS_V:{len(_SHIELD)}}}"),
    )


def matches(how: How, value: str = "", *, is_number: bool) -> str:
    """A condition of the engine: `HS_V` is, begins with, or is like the value."""
    return f'${{REGEX("^_{_regex(how, value, is_number=is_number)}" _${{HS_V}})}}'


def _regex(how: How, value: str, *, is_number: bool) -> str:
    if how == "empty":
        return f"{WITHHELD}$" if is_number else "$"
    lead, value = ("[+]?", value.removeprefix("+")) if is_number else ("", value)
    wild = {"*": ".*", "?": "." if is_number else f"(%5C)?{_CHARACTER}"} if how == "pattern" else {}
    body = "".join(wild.get(sign) or _literal(sign, is_number=is_number) for sign in value)
    return f"{lead}{body}{'' if how == 'prefix' else '$'}"


def _literal(sign: str, *, is_number: bool) -> str:
    if sign.isascii() and sign.isalpha():
        return f"[{sign.upper()}{sign.lower()}]"
    encoded = sign if is_number else quote(sign, safe=_ENGINE_KEEPS)
    return _ESCAPED.get(encoded, encoded)


def fits(how: How, value: str, subject: str, *, is_number: bool) -> bool:
    """The same comparison on plain text."""
    if is_number:
        value, subject = value.removeprefix("+"), subject.removeprefix("+")
    if how == "empty":
        return not subject
    wild = {"*": ".*", "?": "."} if how == "pattern" else {}
    body = "".join(wild.get(sign) or re.escape(sign) for sign in value)
    pattern = re.compile(
        f"{body}{'' if how == 'prefix' else chr(92) + 'Z'}", re.IGNORECASE | re.ASCII | re.DOTALL
    )
    return pattern.match(subject) is not None
