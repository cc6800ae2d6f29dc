"""Users' devices and trunks as SIP endpoints of the engine."""

import re
from collections.abc import Iterable, Mapping

from hookswitch.flow.members import HINT_CONTEXT
from hookswitch.flow.site import Device, Network, Site, SiteUser
from hookswitch.flow.srtp import SRTP
from hookswitch.flow.trunks import VERIFYING, trunk_sections
from hookswitch.model.plan import Section

FILE = "pjsip.conf"
TRANSPORTS = ("udp", "tcp", "tls", VERIFYING)
CODECS = "ulaw,alaw,g722,opus"
BROWSER = {
    "transport": "ws",
    # SAVPF, DTLS-SRTP with a fingerprint, ICE, one port for RTP and RTCP
    "webrtc": "yes",
    "dtls_auto_generate_cert": "yes",
    "allow": "opus,ulaw",
}


def sip_sections(site: Site) -> tuple[Section, ...]:
    users = [site.users[extension] for extension in sorted(site.users)]
    return (
        _audio(any(device.is_browser for user in users for device in user.devices)),
        *(_outside(transport, site.network) for transport in TRANSPORTS if site.network),
        *(section for user in users for d in user.devices for section in _device(user, d)),
        *(section for trunk in site.trunks for section in trunk_sections(trunk)),
    )


def _device(user: SiteUser, device: Device) -> Iterable[Section]:
    name = device.username
    mailbox = {} if user.mailbox is None else {"mailboxes": f"{user.mailbox}@default"}
    groups = ",".join(user.pickup_groups)
    pickup = {"named_call_group": groups, "named_pickup_group": groups} if groups else {}
    yield _section(
        name,
        type="endpoint",
        context="hs-from-user",
        subscribe_context=HINT_CONTEXT,
        disallow="all",  # taken in order: before what is allowed
        **(BROWSER if device.is_browser else _phone(device)),
        aors=name,
        auth=name,
        callerid=f'"{_caller_name(user.name)}" <{user.extension}>',
        direct_media="no",
        allow_overlap="no",
        rtp_symmetric="yes",
        force_rport="yes",
        rewrite_contact="yes",
        **mailbox,
        **pickup,
    )
    yield _section(
        name,
        type="auth",
        auth_type="userpass",
        username=name,
        password=device.password.reveal(),
    )
    yield _section(
        name,
        type="aor",
        # one device, one contact: a phone that moved replaces its old address
        max_contacts="1",
        remove_existing="yes",
        qualify_frequency="60",
    )


def _phone(device: Device) -> Mapping[str, str]:
    return {"transport": device.transport, "allow": CODECS, **SRTP[device.srtp]}


def _audio(browsers: bool) -> Section:
    """ICE is for browsers, and made ready for every call where it is on: addresses are gathered."""
    options = (("icesupport", "yes" if browsers else "no"),)
    return Section("rtp.conf", "general", options, adds=True)


def _outside(transport: str, network: Network) -> Section:
    """Taken on a reload without closing the socket, as long as the transport is not reloadable."""
    options = {
        "external_media_address": network.external_address,
        "external_signaling_address": network.external_address,
    }
    local = (("local_net", net) for net in network.local_networks)
    return Section(FILE, transport, (*options.items(), *local), adds=True)


def _section(name: str, **options: str) -> Section:
    """A file for each type: the engine reads a whole file for each type of object in it."""
    return Section(f"pjsip_{options['type']}.conf", name, tuple(options.items()))


def _caller_name(name: str) -> str:
    """The option's own syntax has quotes and angle brackets; a name goes without."""
    return re.sub(r'["<>\\]', "", name)
