"""A real Chromium on the real server with the real engine, shared by all tests of the console.

No doubles: calls are real SIP, webhooks real HTTP. A missing browser fails the suite.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk.office import Caller, Office, flow, opened, sections, signed_in
from desk.pages import Desk
from playwright.async_api import Browser

from kit.browser import launched


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where they are kept: HOOKSWITCH_SCREENSHOTS, or a temporary directory."""
    named = os.environ.get("HOOKSWITCH_SCREENSHOTS")
    place = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    place.mkdir(parents=True, exist_ok=True)
    return place


@pytest.fixture(scope="session")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """One installation with its administrator."""
    async with opened(tmp_path_factory.mktemp("office")) as up, signed_in(up, first=True):
        yield up


@pytest.fixture
async def api(office: Office) -> AsyncIterator[Caller]:
    """The office as every test finds it: the flow is live, the draft is what is live."""
    async with signed_in(office) as caller:
        await caller.apply(**sections(office), flows=[flow(office)])
        office.received.clear()
        yield caller


@pytest.fixture
async def desk(browser: Browser, office: Office, api: Caller) -> AsyncIterator[Desk]:
    """A page of an administrator who is signed in; no error may show in its console."""
    async with Desk.opened(browser, office, api) as opened_desk:
        yield opened_desk
