"""Trunks as SIP endpoints of the engine: who they are, how we log in, how they do."""

from collections.abc import Iterable
from typing import Final

from hookswitch.flow.site import Login, Trunk
from hookswitch.flow.srtp import SRTP
from hookswitch.model.plan import Section

OWN_FILES: Final = ("aor", "auth", "endpoint")
"""Types of section that phones have too: they are in the files of those."""
LOOK_S: Final = "10"
VERIFYING: Final = "tls-verify"
"""The transport that trusts only who shows a good certificate; made in the base configuration."""
Options = Iterable[tuple[str, str]]


def trunk_sections(trunk: Trunk) -> Iterable[Section]:
    name = f"trunk-{trunk.name}"
    yield _section(name, ("type", "endpoint"), *_endpoint(trunk, name))
    yield _section(
        name,
        ("type", "aor"),
        ("contact", _uri(trunk)),
        ("qualify_frequency", LOOK_S if trunk.is_watched else "0"),
    )
    host = (trunk.host,) if trunk.places is None else trunk.places
    if places := dict.fromkeys((*host, *trunk.addresses)):
        matches = (("match", place) for place in places)
        yield _section(name, ("type", "identify"), ("endpoint", name), *matches)
    if trunk.login:
        yield _auth(f"{name}-out", trunk.login)
    if trunk.inbound_login:
        yield _auth(f"{name}-in", trunk.inbound_login)
    if trunk.login and trunk.registers:
        yield _section(name, *_registration(trunk, trunk.login, name))


def _endpoint(trunk: Trunk, name: str) -> Options:
    yield from (
        # by its name in From it would be anybody who writes it there
        ("identify_by", "ip"),
        ("context", "hs-from-trunk"),
        ("transport", _transport(trunk)),
        ("aors", name),
        ("disallow", "all"),
        ("allow", ",".join(trunk.codecs)),
        ("direct_media", "no"),
        # a REFER from outside could dial whatever the trunk's context reaches
        ("allow_transfer", "no"),
        ("allow_overlap", "no"),
    )
    yield from SRTP[trunk.srtp].items()
    if trunk.login:
        yield "outbound_auth", f"{name}-out"
    if trunk.inbound_login:
        yield "auth", f"{name}-in"
    if trunk.asserts:
        yield from (("send_pai", "yes"), ("trust_id_outbound", "yes"), ("trust_id_inbound", "yes"))


def _registration(trunk: Trunk, login: Login, name: str) -> Options:
    """The provider's calls are told by the address that we register, wherever they come from."""
    return (
        ("type", "registration"),
        ("transport", _transport(trunk)),
        ("outbound_auth", f"{name}-out"),
        ("server_uri", _uri(trunk)),
        ("client_uri", _uri(trunk, login.username)),
        ("contact_user", trunk.registered_as or login.username),
        ("expiration", "600"),
        ("retry_interval", "30"),
        ("forbidden_retry_interval", "300"),
        ("max_retries", "1000000"),
        ("line", "yes"),
        ("endpoint", name),
    )


def _transport(trunk: Trunk) -> str:
    return VERIFYING if trunk.transport == "tls" and trunk.verifies else trunk.transport


def _auth(name: str, login: Login) -> Section:
    return _section(
        name,
        ("type", "auth"),
        ("auth_type", "userpass"),
        ("username", login.username),
        ("password", login.password.reveal()),
    )


def _uri(trunk: Trunk, user: str = "") -> str:
    host = f"[{trunk.host}]" if ":" in trunk.host else trunk.host
    transport = "" if trunk.transport == "udp" else f";transport={trunk.transport}"
    return f"sip:{user}{'@' if user else ''}{host}:{trunk.port}{transport}"


def _section(name: str, *options: tuple[str, str]) -> Section:
    kind = options[0][1]
    return Section(f"pjsip_{kind}.conf" if kind in OWN_FILES else "pjsip.conf", name, options)
