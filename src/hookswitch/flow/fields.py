"""Field types of the document, each with an error that says the mend."""

import base64
import re
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Final, NoReturn
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr, StrictStr
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from hookswitch.flow.zones import ZONES

GENERATED: Final[JsonDict] = {"generated": True}
"""Marks a secret that is made up where a document never gave one."""
URL_LIMIT: Final = 2048
NAME_LIMIT: Final = 60
SPOKEN_LIMIT: Final = 1000
TEMPLATE_LIMIT: Final = 4000
TEMPLATE_VARIABLES: Final = ("caller_id", "caller_name", "dest_number", "recorded_at")

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_VISIBLE: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?\Z")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_RESERVED_HEADERS: Final = re.compile(
    r"(host|connection|transfer-encoding|content-.*|x-pbx-token|webhook-.*|x-hookswitch-.*"
    r"|user-agent|accept-encoding|expect|upgrade|te|trailer|keep-alive|proxy-.*)\Z",
    re.IGNORECASE,
)


_ENGINES_OWN: Final = frozenset("ehistT")
"""Names of extensions that the engine enters by itself, such as `h` at the end of a call."""


def wrong(message: str, mend: str) -> NoReturn:
    """Refuse a value; both texts reach the user, so neither may hold a secret."""
    raise PydanticCustomError("hookswitch", "{message}", {"message": message, "mend": mend})


class Part(BaseModel):
    """A piece of the document: unknown fields are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    identity: ClassVar[str] = ""
    """The field that tells it from its neighbours in a list: references and diffs name it so."""
    root: ClassVar[str] = ""
    """Where its references begin, if its identity is unique in the whole document."""


def _text(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        wrong("YAML reads it as a number", f'write it in quotes: "{value}"')
    if isinstance(value, str) and _SURROGATE.search(value):
        wrong("it holds half of a character", "write the character itself")
    return value


def _secret(value: Any) -> Any:
    if value is None:
        wrong("it is missing", "add it")
    if isinstance(value, int | float) and not isinstance(value, bool):
        wrong("YAML reads it as a number", "write it in quotes")
    return value


def _matching(pattern: str, message: str, mend: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            wrong(message if value else "it is empty", mend)
        return value

    return AfterValidator(check)


def _name(value: str) -> str:
    value = value.strip()
    if not value:
        wrong("it is empty", "give it a name")
    if len(value) > NAME_LIMIT:
        wrong(f"it has {len(value)} characters", f"use at most {NAME_LIMIT}")
    if _CONTROL.search(value):
        wrong("it holds a line break or control character", "remove it")
    return value


def _dialled(value: str) -> str:
    number = re.sub(r"[\s().\-]", "", value)
    if not re.fullmatch(r"\+?[0-9]{3,15}", number):
        wrong("it is not a phone number", "write 3 to 15 digits, with a leading + if you like")
    return number


def _url(value: str) -> str:
    if len(value) > URL_LIMIT:
        wrong(f"it has {len(value)} characters", f"use at most {URL_LIMIT}")
    if not value.isascii() or re.search(r"[\s\x00-\x1f\x7f\\]", value):
        wrong("it holds a space or a character no URL has", "percent-encode it")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        wrong("it is not a URL", "write it like https://crm.example.com/hooks")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        wrong(
            "it is not a web address" if value else "it is empty",
            "write it like https://crm.example.com/hooks",
        )
    if parts.username is not None or parts.password is not None:
        wrong("it holds a user name or password", "send them in a header instead")
    if parts.fragment or port == 0:
        wrong("it has a fragment or port 0", "remove it")
    return value


def _unreserved(username: str) -> str:
    if username in _ENGINES_OWN:
        wrong("the engine has a meaning of its own for it", "use at least two characters")
    return username


def _header_value(secret: SecretStr) -> SecretStr:
    if not _VISIBLE.match(secret.get_secret_value()):
        wrong("it is empty or not plain ASCII text", "use visible ASCII characters only")
    return secret


def _header_names(headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
    seen: set[str] = set()
    for name in headers:
        if not _TOKEN.match(name):
            wrong(f"{name!r} is not a header name", "use letters, digits and hyphens")
        if _RESERVED_HEADERS.match(name):
            wrong(f"{name} is set by Hookswitch itself", "choose another header name")
        if name.lower() in seen:
            wrong(f"{name} is there twice", "remove one")
        seen.add(name.lower())
    return headers


def _signing_secret(secret: SecretStr) -> SecretStr:
    prefix, _, encoded = secret.get_secret_value().partition("_")
    try:
        size = len(base64.b64decode(encoded, validate=True)) if prefix == "whsec" else 0
    except ValueError:  # not base64, or not even ASCII
        size = 0
    if not 24 <= size <= 64:
        wrong(
            "it is not a Standard Webhooks secret",
            "write whsec_ and the base64 of 32 random bytes"
            ' (echo "whsec_$(openssl rand -base64 32)")',
        )
    return secret


def _sip_password(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-:<-~]{8,80}", secret.get_secret_value()):
        wrong(
            "it is too short or holds a character phones cannot send",
            "use 8 to 80 visible ASCII characters without spaces and semicolons",
        )
    return secret


def _pin(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9]{4,10}", secret.get_secret_value()):
        wrong("it is not a PIN", "use 4 to 10 digits, in quotes")
    return secret


def _time_zone(value: str) -> str:
    if value not in ZONES:
        near = get_close_matches(value, sorted(ZONES), 1) or ["Europe/Berlin"]
        wrong(f"there is no time zone {value!r}", f"write an IANA name, such as {near[0]}")
    return value


def _spoken(value: str) -> str:
    value = " ".join(value.split())
    if not any(sign.isalnum() for sign in value):
        wrong("there is nothing to speak", "write a sentence")
    if len(value) > SPOKEN_LIMIT:
        wrong(f"it has {len(value)} characters", f"use at most {SPOKEN_LIMIT}")
    if _CONTROL.search(value):
        wrong("it holds a control character", "remove it")
    return value


def _template(*more: str) -> AfterValidator:
    """Only the known variables, in braces; a text for people, so line breaks are welcome."""
    known = (*TEMPLATE_VARIABLES, *more)

    def check(value: str) -> str:
        if len(value) > TEMPLATE_LIMIT:
            wrong(f"it has {len(value)} characters", f"use at most {TEMPLATE_LIMIT}")
        for name in re.findall(r"\{([^{}]*)\}", value):
            if name not in known:
                wrong(f"there is no variable {{{name}}}", f"use {', '.join(known)}")
        return value

    return AfterValidator(check)


Text = Annotated[StrictStr, BeforeValidator(_text)]
SecretText = Annotated[SecretStr, BeforeValidator(_secret)]
Name = Annotated[Text, AfterValidator(_name)]
ObjectId = Annotated[
    Text,
    _matching(
        r"[a-z][a-z0-9_]{0,39}",
        "it is not an id",
        "use at most 40 of a-z, 0-9 and _, beginning with a letter",
    ),
]
ExtensionNumber = Annotated[
    Text, _matching(r"[0-9]{2,8}", "it is not an extension", "write 2 to 8 digits")
]
DialledNumber = Annotated[Text, AfterValidator(_dialled)]
SipUsername = Annotated[
    Text,
    _matching(
        r"(?!trunk-)[A-Za-z0-9][A-Za-z0-9_.-]{0,39}",
        "it is not a SIP user name",
        "use at most 40 of A-Z, a-z, 0-9, _ . and -, not beginning with trunk-",
    ),
    AfterValidator(_unreserved),
]
TrunkUsername = Annotated[
    Text,
    _matching(
        r"[A-Za-z0-9+][A-Za-z0-9_.+-]{0,63}",
        "it is not an account name",
        "use at most 64 of A-Z, a-z, 0-9, _ . + and -",
    ),
]
PromptName = Annotated[
    Text,
    _matching(
        r"[a-z0-9][a-z0-9_-]{0,39}",
        "it is not a prompt's name",
        "use at most 40 of a-z, 0-9, _ and -",
    ),
]
SpokenText = Annotated[Text, AfterValidator(_spoken)]
Voice = Annotated[
    Text,
    _matching(
        r"[a-z]{2,3}(-[a-z0-9-]{1,20})?",
        "it is not a voice",
        "write a language, such as en, en-us or de",
    ),
]
MailboxPin = Annotated[SecretText, AfterValidator(_pin)]
TimeZone = Annotated[Text, AfterValidator(_time_zone)]
EmailAddress = Annotated[
    Text,
    _matching(
        r"[^\s@,;<>\"\x00-\x20\x7f]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?",
        "it is not an email address",
        "write it like office@example.com",
    ),
]
Template = Annotated[Text, _template("box")]
RecordingTemplate = Annotated[Text, _template("link")]
Host = Annotated[
    Text,
    _matching(
        r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?",
        "it is not a host",
        "write a host name or an address, without a port",
    ),
]
WebUrl = Annotated[Text, AfterValidator(_url)]
HeaderSecret = Annotated[SecretText, AfterValidator(_header_value)]
Headers = Annotated[dict[str, HeaderSecret], AfterValidator(_header_names)]
SigningSecret = Annotated[SecretText, AfterValidator(_signing_secret)]
SipPassword = Annotated[SecretText, AfterValidator(_sip_password)]
