"""docs/errors.md: what keeps `hookswitch serve` from starting."""

import asyncio
import contextlib
import os
import resource
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from errors_page import as_the_page_says

from hookswitch.store.sqlite import SqliteStore
from kit.command import HOOKSWITCH, Ended, environment, run, run_here, serve
from kit.disk import mounted

LARGEST_FILE = 16 * 1024


async def started(data: Path, *args: str | Path, **env: str) -> Ended:
    return await run("serve", "--data-dir", data, "--port", "0", "--sip-port", "0", *args, **env)


def with_settings(row: str, place: Path, text: str) -> None:
    file = place / "hookswitch.toml"
    file.write_text(text)
    as_the_page_says(row, run_here("serve", "--settings", file))


def test_settings_unknown__(tmp_path: Path) -> None:
    with_settings("settings-unknown", tmp_path, "prot = 8088\n")


def test_settings_value__(tmp_path: Path) -> None:
    with_settings("settings-value", tmp_path, 'port = "eighty"\n')


def test_settings_syntax__(tmp_path: Path) -> None:
    with_settings("settings-syntax", tmp_path, "port = \n")


def test_settings_missing__(tmp_path: Path) -> None:
    ended = run_here("serve", "--settings", tmp_path / "none.toml")
    as_the_page_says("settings-missing", ended)


async def test_second_serve__(tmp_path: Path) -> None:
    async with serve(tmp_path / "data") as first:
        as_the_page_says("second-serve", await started(tmp_path / "data"))
        assert (await first.parts())["engine"] == "ok"


async def test_api_port_taken__(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        as_the_page_says("api-port-taken", await started(tmp_path / "data", "--port", port))


async def test_sip_port_taken__(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        as_the_page_says("sip-port-taken", await started(tmp_path / "data", "--sip-port", port))


async def test_engine_missing__(tmp_path: Path) -> None:
    ended = await started(tmp_path / "data", "--engine-prefix", tmp_path / "none")
    as_the_page_says("engine-missing", ended)


async def test_engine_too_old__(tmp_path: Path) -> None:
    old = tmp_path / "asterisk"
    old.write_text("#!/bin/sh\necho Asterisk 20.1.0\n")
    old.chmod(0o755)
    as_the_page_says("engine-too-old", await started(tmp_path / "data", "--engine", old))


@contextlib.contextmanager
def read_only(data: Path) -> Iterator[None]:
    """As root by a file system that is: modes do not hold root up."""
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        with mounted(data, "ro"):
            yield
        return
    data.chmod(0o500)
    try:
        yield
    finally:
        data.chmod(0o700)


async def test_directory_read_only__(tmp_path: Path) -> None:
    with read_only(tmp_path / "data"):
        as_the_page_says("directory-read-only", await started(tmp_path / "data"))


async def test_directory_a_file__(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    as_the_page_says("directory-a-file", await started(tmp_path / "data"))


async def test_directory_too_long__(tmp_path: Path) -> None:
    as_the_page_says("directory-too-long", await started(tmp_path / ("a" * 200)))


async def test_disk_full_at_start__(tmp_path: Path) -> None:
    """No file may grow: what the kernel then says is said by a full disk too."""

    def limited() -> Ended:
        command = [HOOKSWITCH, "serve", "--data-dir", tmp_path / "data", "--port", "0"]
        limit = (LARGEST_FILE, LARGEST_FILE)
        done = subprocess.run(
            command,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    as_the_page_says("disk-full-at-start", await asyncio.to_thread(limited))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
@pytest.mark.parametrize("size", ["64k", "200k"])
async def test_a_disk_that_is_really_full_is_one_line_too(tmp_path: Path, size: str) -> None:
    """The smaller one is full at the database, the other as the engine is started."""
    data = tmp_path / "data"
    with mounted(data, f"size={size},mode=700"):
        ended = await started(data)
    assert ended.code == 1
    last = ended.err.splitlines()[-1]
    assert last.startswith("hookswitch: ")
    assert "free some space" in last
    assert "Traceback" not in ended.err


async def test_database_locked__(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    await (await SqliteStore.open(data / "hookswitch.db")).close()
    other = sqlite3.connect(data / "hookswitch.db", isolation_level=None)
    try:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        (data / "lock").touch()
        as_the_page_says("database-locked", await started(data))
    finally:
        other.close()


async def test_database_corrupt__(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "hookswitch.db").write_bytes(os.urandom(8192))
    (data / "lock").touch()
    as_the_page_says("database-corrupt", await started(data))


async def test_key_missing__(tmp_path: Path) -> None:
    """The secrets cannot be read, and no new key is made in place of the old one."""
    data, file = tmp_path / "data", tmp_path / "office.yaml"
    file.write_text(
        "hookswitch: 1\nusers:\n  - name: Alice\n    extension: '1001'\n    devices:\n"
        "      - {username: alice, password: a-password-of-tests}\n"
    )
    applied = await run("apply", file, "--data-dir", data)
    assert applied.code == 0, applied.err
    (key,) = [path for path in data.iterdir() if path.name.startswith("secret")]
    key.unlink()
    as_the_page_says("key-missing", await started(data))
    assert not key.exists()
