"""What is live: the revision in force and the webhook endpoints of those still in use."""

from collections.abc import Mapping, Sequence

from hookswitch.config import archive
from hookswitch.config.document import Document
from hookswitch.config.site import endpoints_of
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import EndpointId
from hookswitch.store.port import AdminStore

EMPTY = Document(hookswitch=1)


class Live:
    """Endpoints as they are now; a removed Webhook object keeps those of its own revision.

    A call finishes on the flow it began with, so an object that Apply has just removed may
    still be passed; its event then goes where that flow said.
    """

    def __init__(self) -> None:
        self.revision = 0
        self.document = EMPTY
        self._endpoints: Mapping[EndpointId, Endpoint] = {}
        self._earlier: dict[int, Mapping[EndpointId, Endpoint]] = {}

    def set(self, revision: int, document: Document) -> None:
        if self.revision:
            self._earlier[self.revision] = self._endpoints
        self.revision, self.document = revision, document
        self._endpoints = _by_id(document)

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        return tuple(self._endpoints.values())

    def resolve(self, endpoint: EndpointId, revision: int) -> Endpoint | None:
        """The settings to send with, or None when the endpoint was removed."""
        live = self._endpoints.get(endpoint)
        if live is not None or not endpoint.startswith("object:"):
            return live
        return self._earlier.get(revision, {}).get(endpoint)

    async def load(self, store: AdminStore, also: Sequence[int] = ()) -> None:
        """Take up the live revision of the store, and those that open calls began under."""
        row = await store.live_revision()
        if row is not None:
            self.set(row.number, archive.restore(row.document))
        for number in also:
            earlier = await store.revision(number)
            if earlier is not None and number != self.revision:
                self._earlier[number] = _by_id(archive.restore(earlier.document))


def _by_id(document: Document) -> Mapping[EndpointId, Endpoint]:
    return {endpoint.id: endpoint for endpoint in endpoints_of(document)}
