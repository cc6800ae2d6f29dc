"""A real Chromium from the system's own suite, in a private prefix beside the engine's tools."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from hookswitch.asterisk.install import manifest
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import PackageSet, tool_prefix

CHROMIUM = PackageSet(name="chromium", packages=("chromium", "fonts-dejavu-core"), suite=None)
SHORT = Path("/tmp")
"""A socket's path holds 107 characters, whatever TMPDIR is."""
LIBRARIES = Path("usr/lib/x86_64-linux-gnu")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser that leaves nothing: it makes directories for itself and keeps some."""
    root = await chromium()
    with tempfile.TemporaryDirectory(prefix="hs-browser-", dir=SHORT) as place:
        own = {**environment(root), "TMPDIR": place}
        async with async_playwright() as playwright:
            started = await playwright.chromium.launch(
                executable_path=executable(root), env=own, args=arguments()
            )
            yield started
            await started.close()


async def chromium() -> Path:
    """Install it if it is not there and give its unpacked tree."""
    prefix = tool_prefix("chromium")
    return prefix / (await install(CHROMIUM, prefix)).root


def installed() -> Path | None:
    prefix = tool_prefix("chromium")
    found = manifest.read(prefix)
    return prefix / found.root if found else None


def executable(root: Path) -> Path:
    return root / "usr/lib/chromium/chromium"


def environment(root: Path) -> dict[str, str | float | bool]:
    """Not through the loader: Chromium starts itself again for each of its processes."""
    own = (root / LIBRARIES, root / LIBRARIES / "pulseaudio")
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, own))}


def arguments() -> list[str]:
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
