"""SIP text: what is read, what is written, and that hostile bytes survive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookswitch.phone.address import NameAddr, Uri, parse_address, parse_uri, quote
from hookswitch.phone.errors import ParseError
from hookswitch.phone.message import Request, Response, parse, reason_of, split_values, text
from hookswitch.phone.sdp import Description, parse_sdp

INVITE = (
    b"INVITE sip:200@127.0.0.1:5080 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.2:5090;rport;branch=z9hG4bKab1\r\n"
    b'From: "Ev\\"il \xff\xfe" <sip:614@127.0.0.2>;tag=f1\r\n'
    b"To: <sip:200@127.0.0.1>\r\n"
    b"Call-ID: c1\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"Content-Length: 4\r\n"
    b"\r\n"
    b"v=0\n"
)


def test_a_message_comes_back_byte_for_byte() -> None:
    assert bytes(parse(INVITE)) == INVITE


def test_the_parts_of_a_request() -> None:
    message = parse(INVITE)
    assert isinstance(message, Request)
    assert (message.method, message.uri) == ("INVITE", "sip:200@127.0.0.1:5080")
    assert message.cseq == (7, "INVITE")
    assert message.branch == "z9hG4bKab1"
    assert message.body == b"v=0\n"


def test_compact_folded_and_oddly_cased_headers() -> None:
    message = parse(
        b"SIP/2.0 180 Ringing\r\nv: SIP/2.0/UDP a;branch=z1, SIP/2.0/UDP b;branch=z2\r\n"
        b"VIA: SIP/2.0/UDP c\r\nf: <sip:a@b>;tag=1\r\nt: x\r\n\t<sip:c@d>\r\ni: c1\r\n"
        b"cseq: 1 INVITE\r\n\r\n"
    )
    assert isinstance(message, Response)
    assert (message.status, message.reason) == (180, "Ringing")
    assert message.get("To") == "x <sip:c@d>"
    assert [via[-1] for via in message.values("Via")] == ["1", "2", "c"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"INVITE sip:a SIP/3.0\r\n\r\n",
        INVITE.replace(b"CSeq: 7", b"CSeq: x"),
        INVITE.replace(b"Call-ID: c1\r\n", b""),
        INVITE.replace(b"Length: 4", b"Length: 5"),
        INVITE.replace(b"Length: 4", b"Length: -1"),
        INVITE.replace(b"To: ", b"To "),
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        parse(data)


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for candidate in (data, INVITE[:90] + data, INVITE.replace(b"c1", data)):
        try:
            message = parse(candidate)
        except ParseError:
            continue
        assert parse(bytes(message)).headers == message.headers


@given(st.binary(max_size=200))
def test_reading_addresses_never_fails(data: bytes) -> None:
    value = text(data)
    parse_uri(parse_address(value).uri)
    split_values(value)
    assert text(value.encode("utf-8", "surrogateescape")) == value


@given(st.binary(max_size=200))
def test_reading_a_session_description_raises_only_parse_errors(data: bytes) -> None:
    for body in (data, b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 9 RTP/AVP 0\r\n" + data):
        try:
            parse_sdp(body)
        except ParseError:
            continue


@given(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])))
def test_a_quoted_name_is_read_as_it_was(name: str) -> None:
    assert parse_address(f"{quote(name)} <sip:a@b>;tag=t").name == name


def test_addresses() -> None:
    assert parse_address('"A, B" <sip:1@h;x=y>;tag=9;q=0.5') == NameAddr(
        "A, B", "sip:1@h;x=y", {"tag": "9", "q": "0.5"}
    )
    assert parse_address("sip:1@h;tag=9").tag == "9"
    assert parse_uri("sip:a;b@c:70000") == Uri("a;b", "c", None)
    assert parse_uri("sips:1:secret@10.0.0.1:5071;lr").address == ("10.0.0.1", 5071)
    assert parse_uri("sip:10.0.0.1").address == ("10.0.0.1", 5060)
    assert parse_uri("sip:1@example.com").address is None
    assert split_values('"a,b" <sip:c,d@e>, <sip:f>') == ['"a,b" <sip:c,d@e>', "<sip:f>"]


def test_reasons() -> None:
    assert reason_of(603) == "Decline"
    assert reason_of(404) == "Not Found"
    assert reason_of(699) == "Status"


def test_a_session_description_comes_back() -> None:
    ours = Description("127.0.0.2", 4000, events=96, direction="sendonly")
    assert parse_sdp(ours.write(1)) == ours
    without = Description("127.0.0.2", 0, events=None)
    assert parse_sdp(without.write(2)).address is None
    assert parse_sdp(without.write(2)).events is None
