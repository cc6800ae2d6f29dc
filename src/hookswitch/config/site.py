"""The document as the compiler and the delivery see it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydantic import SecretStr

from hookswitch.config.document import Document, TrunkConfig, UserConfig
from hookswitch.config.webhook import OnlyConfig, WebhookConfig
from hookswitch.flow.node import Node
from hookswitch.flow.nodes.voicemail import VoicemailNode
from hookswitch.flow.nodes.webhook import WebhookNode, question
from hookswitch.flow.nodes.webhook.reply import Question
from hookswitch.flow.recording import Record, recorded_by
from hookswitch.flow.site import Device, Login, Mailbox, Network, Site, SiteUser, Trunk
from hookswitch.model.endpoints import (
    NO_SECRET,
    Endpoint,
    Only,
    PrivateTls,
    object_endpoint,
)
from hookswitch.model.ids import EndpointId
from hookswitch.model.media import MessageSettings
from hookswitch.model.secret import Secret

NOTHING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


def site_of(
    document: Document,
    prompts: frozenset[str] | None = None,
    prompt_dir: str = "prompts",
    missing: Mapping[str, tuple[str, ...]] = NOTHING,
) -> Site:
    """`prompts` are the uploaded ones, None if that is not known; `missing` are the hosts that
    cannot be looked up, with what addresses are known of them.
    """
    users = {user.extension: _user(user) for user in document.users}
    trunks = (_trunk(trunk, missing.get(trunk.host)) for trunk in document.trunks)
    mailboxes = {m.box: Mailbox(m.box, m.name, _secret(m.pin)) for m in document.mailboxes}
    return Site(
        users,
        tuple(trunks),
        mailboxes,
        prompts,
        prompt_dir,
        _network(document),
        document.recordings.format,
        document.feature_codes,
        document.parking,
        document.transfers,
        {music.name: music.prompts for music in document.music},
        document.routes,
        document.emergency,
        document.outside,
        document.blocked_callers,
    )


def endpoints_of(document: Document) -> tuple[Endpoint, ...]:
    """Give the webhook endpoints, then one for each Webhook object."""
    objects = (node for flow in document.flows for node in flow.objects)
    return (
        *map(_endpoint, document.webhooks),
        *(_object(node) for node in objects if isinstance(node, WebhookNode)),
    )


def questions_of(document: Document) -> dict[str, Question]:
    """What each Webhook object that waits asks, by its id."""
    nodes = (node for flow in document.flows for node in flow.objects)
    asked = {node.id: question(node) for node in nodes if isinstance(node, WebhookNode)}
    return {identifier: found for identifier, found in asked.items() if found is not None}


def message_settings_of(document: Document) -> dict[str, MessageSettings]:
    """What is said about telling of messages and recordings: by object, or by `recorded_by`."""
    nodes = [node for flow in document.flows for node in flow.objects]
    records = [
        *((node.id, record) for node in nodes if (record := record_of(node))),
        *(
            (recorded_by(user.extension, way), record)
            for user in document.users
            for way, record in (("in", user.record_inbound), ("out", user.record_outbound))
            if record
        ),
    ]
    site = site_of(document)
    boxes = (node for node in nodes if isinstance(node, VoicemailNode))
    return {node.id: _box(node, site) for node in boxes} | {by: _record(r) for by, r in records}


def record_of(node: Node) -> Record | None:
    """How an object records, if it does."""
    record = getattr(node, "record", None)
    return record if isinstance(record, Record) else None


def _box(node: VoicemailNode, site: Site) -> MessageSettings:
    return MessageSettings(
        box=node.box,
        emails=node.emails or site.owners(node.box),
        subject=node.subject,
        message=node.message,
        attach_audio=node.attach_audio,
        delete_after_sending=node.delete_after_sending,
    )


def _record(record: Record) -> MessageSettings:
    return MessageSettings(
        emails=record.emails,
        subject=record.subject,
        message=record.message,
        attach_audio=record.attach_audio,
    )


def _network(document: Document) -> Network | None:
    network = document.network
    if network.external_address is None:
        return None
    return Network(network.external_address, network.local_networks)


def _user(user: UserConfig) -> SiteUser:
    devices = tuple(
        Device(d.username, _secret(d.password), d.kind == "browser", d.transport, d.srtp)
        for d in user.devices
    )
    record, out = user.record_inbound, user.record_outbound
    return SiteUser(
        name=user.name,
        extension=user.extension,
        ring_time=user.ring_time,
        devices=devices,
        mailbox=user.mailbox,
        email=user.email,
        records_inbound=record is not None,
        records_outbound=out is not None,
        announcement=record.announcement if record else None,
        announces=out.announcement if out else None,
        pickup_groups=user.pickup_groups,
        shown=user.outbound_caller_id,
        hides=user.withhold_caller_id,
        limits=user.limits,
        forward=user.forward,
    )


def _trunk(trunk: TrunkConfig, places: tuple[str, ...] | None) -> Trunk:
    return Trunk(
        name=trunk.name,
        host=trunk.host,
        port=trunk.port,
        codecs=trunk.codecs,
        transport=trunk.transport,
        srtp=trunk.srtp,
        login=_login(trunk.username, trunk.password),
        registers=trunk.registers,
        registered_as=trunk.registered_number,
        inbound_login=_login(trunk.inbound_username, trunk.inbound_password),
        addresses=trunk.addresses,
        places=places,
        caller_id=trunk.caller_id,
        asserts=trunk.caller_id_in == "pai",
        max_channels=trunk.max_channels,
        is_watched=trunk.watch,
        verifies=trunk.verify_server,
        limits=trunk.limits,
    )


def _login(username: str | None, password: SecretStr | None) -> Login | None:
    return Login(username, _secret(password)) if username and password else None


def _endpoint(webhook: WebhookConfig) -> Endpoint:
    return Endpoint(
        id=EndpointId(webhook.name),
        name=webhook.name,
        url=webhook.url,
        token=_secret(webhook.secret_token),
        signing_secrets=_signing(webhook),
        triggers=frozenset(webhook.triggers),
        headers=_headers(webhook.headers),
        tls=_tls(webhook),
        only=_only(webhook.only),
        masks=tuple(webhook.mask.items()),
        rate=webhook.max_per_second,
        strict_ms=webhook.strict_order * 1000 if webhook.strict_order else None,
    )


def _tls(webhook: WebhookConfig) -> PrivateTls | None:
    ca, client = webhook.ca_certificate, webhook.client_certificate
    if ca is None and client is None:
        return None
    return PrivateTls(ca or "", _secret(client) if client else NO_SECRET)


def _only(only: OnlyConfig) -> Only:
    return Only(frozenset(only.numbers), frozenset(only.queues), frozenset(only.users))


def _object(node: WebhookNode) -> Endpoint:
    return Endpoint(
        id=object_endpoint(node.id),
        name=node.name,
        url=node.url,
        token=_secret(node.secret_token),
        signing_secrets=_signing(node),
        headers=_headers(node.headers),
    )


def _signing(of: WebhookConfig | WebhookNode) -> tuple[Secret, ...]:
    """The newest first."""
    both = (of.signing_secret, of.previous_signing_secret)
    return tuple(_secret(secret) for secret in both if secret is not None)


def _headers(headers: dict[str, SecretStr]) -> tuple[tuple[str, Secret], ...]:
    return tuple((name, _secret(value)) for name, value in headers.items())


def _secret(value: SecretStr) -> Secret:
    return Secret(value.get_secret_value())
