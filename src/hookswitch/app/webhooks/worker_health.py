"""`/healthz` and `/metrics` of a worker: all it has of the web."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hookswitch.app.webhooks.delivery_metrics import DeliveryMetrics
from hookswitch.store.port import StoreError

if TYPE_CHECKING:
    from hookswitch.app.deliverer import Deliverer

NO_ANSWER: Final = "the database does not answer"


class WorkerHealth:
    """Answers for a worker; `app` is what to serve."""

    def __init__(self, deliverer: "Deliverer") -> None:
        self._deliverer = deliverer
        self._registry = CollectorRegistry()
        self._metrics = DeliveryMetrics(self._registry)
        self.attempted = self._metrics.attempted
        in_flight = Gauge(
            "hookswitch_worker_in_flight",
            "Deliveries claimed here whose outcome is not stored yet",
            registry=self._registry,
        )
        in_flight.set_function(lambda: deliverer.worker.in_flight)
        workers = Gauge(
            "hookswitch_workers",
            "Processes that deliver from this database, as this one knows",
            registry=self._registry,
        )
        workers.set_function(lambda: deliverer.worker.gates.workers)
        self.app = Starlette(
            routes=[Route("/healthz", self._healthz), Route("/metrics", self._render)]
        )

    async def parts(self) -> Mapping[str, str]:
        made = self._deliverer
        return {
            "store": await self._store(),
            "configuration": made.following.health,
            "running": "ok" if not made.tasks.failed.done() else "a part has ended",
        }

    async def _store(self) -> str:
        try:
            await self._deliverer.store.oldest_pending()
        except StoreError:
            return NO_ANSWER
        if self._deliverer.worker.trouble:
            return "the database takes nothing: outcomes wait, see the log"
        return "ok"

    async def _healthz(self, _request: Request) -> Response:
        """200 while it delivers; a configuration it cannot take is told, but the rest goes on."""
        parts = await self.parts()
        ok = parts["store"] == parts["running"] == "ok"
        headers = {"Cache-Control": "no-store"}
        return JSONResponse({"ok": ok, "parts": parts}, 200 if ok else 503, headers)

    async def _render(self, _request: Request) -> Response:
        made = self._deliverer
        budget_ms = round(made.settings.delivery_failing_hours * 3_600_000)
        try:
            await self._metrics.read(made.store, made.worker.gates.failing(), budget_ms)
        except StoreError:
            return Response(NO_ANSWER, 503, media_type="text/plain")
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)
