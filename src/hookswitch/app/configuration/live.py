"""What is live: the revision in force, and what those still in use say of their objects."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from hookswitch.config import archive
from hookswitch.config.document import Document
from hookswitch.config.site import endpoints_of, message_settings_of, questions_of
from hookswitch.flow.nodes.webhook.reply import Question
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import EndpointId
from hookswitch.model.media import MessageSettings
from hookswitch.store.port import AdminStore
from hookswitch.store.rows import RevisionRow
from hookswitch.vault import Vault

EMPTY = Document(hookswitch=1)


class Revision(Struct, frozen=True):
    """What a revision's calls need while they last."""

    endpoints: Mapping[EndpointId, Endpoint]
    messages: Mapping[str, MessageSettings]
    questions: Mapping[str, Question]
    listed: Sequence[Endpoint]


class Live:
    """Endpoints as they are now; a removed Webhook object keeps those of its own revision.

    A call finishes on the flow it began with, so an object that Apply has just removed may
    still be passed; its event then goes where that flow said.
    """

    def __init__(self) -> None:
        self.revision = 0
        self.document = EMPTY
        self._revisions: dict[int, Revision] = {0: _of(EMPTY)}

    def set(self, revision: int, document: Document) -> None:
        self.revision, self.document = revision, document
        self._revisions[revision] = _of(document)

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The same object as long as the revision is."""
        return self._revisions[self.revision].listed

    def resolve(self, endpoint: EndpointId, revision: int) -> Endpoint | None:
        """The settings to send with, or None when the endpoint was removed."""
        live = self._revisions[self.revision].endpoints.get(endpoint)
        if live is not None or not endpoint.startswith("object:"):
            return live
        own = self._revisions.get(revision)
        return own.endpoints.get(endpoint) if own else None

    def is_gone(self, endpoint: EndpointId) -> bool:
        """Whether nothing can be sent to it, whatever revision it belongs to."""
        return all(self.resolve(endpoint, revision) is None for revision in self._revisions)

    def message_settings(self, revision: int, node: str) -> MessageSettings | None:
        """What a Voicemail object of a call's own revision says."""
        own = self._revisions.get(revision)
        return own.messages.get(node) if own else None

    def question(self, revision: int, node: str) -> Question | None:
        """What a Webhook object of a call's own revision waits for."""
        own = self._revisions.get(revision)
        return own.questions.get(node) if own else None

    async def load(self, store: AdminStore, vault: Vault) -> None:
        """Take up the live revision of the store."""
        row = await store.live_revision()
        if row is not None:
            self.set(row.number, await document_of(row, vault))

    async def load_earlier(self, store: AdminStore, vault: Vault, numbers: Sequence[int]) -> None:
        """Take up those that open calls began under."""
        for number in numbers:
            if number in self._revisions:
                continue
            earlier = await store.revision(number)
            if earlier is not None:
                self._revisions[number] = _of(await document_of(earlier, vault))


async def document_of(row: RevisionRow, vault: Vault) -> Document:
    """Give a revision's document with the secrets as they are now."""
    kept = await vault.read(archive.kept(row.document))
    return archive.restore(row.document, kept.reveal())


def _of(document: Document) -> Revision:
    endpoints = {endpoint.id: endpoint for endpoint in endpoints_of(document)}
    return Revision(
        endpoints,
        message_settings_of(document),
        questions_of(document),
        tuple(endpoints.values()),
    )
