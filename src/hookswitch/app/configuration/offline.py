"""The configuration of a data directory that nobody serves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from hookswitch.app.configuration.apply import Applied, Applier
from hookswitch.app.configuration.configuring import Configuring
from hookswitch.app.configuration.live import Live
from hookswitch.app.configuration.revisions import Revisions
from hookswitch.app.configuration.submission import Submission
from hookswitch.app.datadir import DataDir
from hookswitch.app.equipment import find_engine, speech
from hookswitch.app.settings import Settings
from hookswitch.app.stores import is_shared, open_store
from hookswitch.asterisk.layout import Layout
from hookswitch.media.prompts import Prompts
from hookswitch.vault import Vault
from hookswitch.vault.errors import DamagedSecretError

log = structlog.get_logger(__name__)


@asynccontextmanager
async def offline(settings: Settings) -> AsyncIterator[Configuring]:
    """Hold the directory; what is applied goes live at the next start."""
    data = DataDir(settings.data_dir)
    with data.lock():
        store = await open_store(settings, data)
        try:
            vault = Vault(data.secrets_key, store)
            revisions = Revisions(store, vault)
            await revisions.open(shared=is_shared(settings))
            live = Live()
            try:
                await live.load(store, vault)
            except DamagedSecretError as error:
                # applying a document that gives the secret anew is the mend
                log.warning("live revision not readable", error=str(error))
            layout = Layout(data.path)
            layout.make()

            def applier() -> Applier:
                engine = find_engine(settings)
                prompts = Prompts(data.prompts)
                return Applier(
                    engine,
                    layout,
                    store,
                    vault,
                    live=live,
                    prompts=prompts,
                    speech=speech(settings, data),
                )

            async def submit(given: Submission) -> Applied:
                return await applier().apply(given, None, tuple)

            yield Configuring(revisions, submit, vault.rotate)
        finally:
            await store.close()
