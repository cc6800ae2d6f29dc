"""The data directory; the other process is a real one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hookswitch.app.datadir import DataDir, DataDirError, Running

HOLDER = """
import sys
from pathlib import Path
from hookswitch.app.datadir import DataDir
data = DataDir(Path(sys.argv[1]))
with data.lock():
    if len(sys.argv) > 2:
        data.announce(sys.argv[2])
    print("held", flush=True)
    sys.stdin.read()
"""
URL = "http://127.0.0.1:8088"


@contextmanager
def held(path: Path, *url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the directory, and says where it serves."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), *url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def data(tmp_path: Path) -> DataDir:
    return DataDir(tmp_path / "deep" / "data")


def test_everything_is_its_owners_alone(data: DataDir) -> None:
    before = os.umask(0)
    try:
        with data.lock():
            data.token()
            data.announce(URL)
    finally:
        os.umask(before)
    assert mode(data.path) == 0o700
    kept = {file: mode(file) for file in data.path.rglob("*")}
    assert {file.name for file in kept} >= {"lock", "api-token"}
    assert all(bits == (0o700 if file.is_dir() else 0o600) for file, bits in kept.items())


@pytest.mark.parametrize("ours", [True, False])
def test_an_open_directory_of_ours_or_an_empty_one_is_closed(data: DataDir, ours: bool) -> None:
    data.path.mkdir(parents=True)
    if ours:
        (data.path / "lock").touch()
    data.path.chmod(0o755)
    data.make()
    assert mode(data.path) == 0o700


def test_an_open_directory_of_others_is_left_as_it_is(data: DataDir) -> None:
    data.path.mkdir(parents=True)
    (data.path / "somebody's").touch()
    data.path.chmod(0o755)
    with pytest.raises(DataDirError, match="holds other files and others can read it"):
        data.make()
    assert mode(data.path) == 0o755
    data.path.chmod(0o700)
    data.make()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataDirError, match=r"file/data: .* name another with --data-dir"):
        DataDir(tmp_path / "file" / "data").make()


def test_the_token_stays(data: DataDir) -> None:
    data.make()
    token = data.token()
    assert token.startswith("hsk_")
    assert len(token) >= 40
    assert DataDir(data.path).token() == token
    (data.path / "api-token").unlink()
    assert data.token() != token


def test_an_empty_token_file_lets_nobody_in(data: DataDir) -> None:
    """What a full disk leaves of a file."""
    data.make()
    (data.path / "api-token").touch(0o600)
    assert data.token().startswith("hsk_")
    assert data.token() == DataDir(data.path).token()


def test_the_directory_is_for_one_process(data: DataDir) -> None:
    with (
        held(data.path),
        pytest.raises(DataDirError, match="in use by another hookswitch"),
        data.lock(),
    ):
        pass
    with data.lock():
        pass


def test_the_lock_is_free_when_its_holder_is_killed_or_fails(data: DataDir) -> None:
    with held(data.path) as process:
        process.kill()
        process.wait()
        with data.lock():
            pass
    with pytest.raises(ZeroDivisionError), data.lock():
        raise ZeroDivisionError
    with data.lock():
        pass


def test_whoever_serves_is_found(data: DataDir) -> None:
    assert data.running() is None
    with held(data.path, URL) as process:
        assert data.running() == Running(process.pid, URL)
    assert data.running() is None  # killed: what it wrote is stale


def test_who_has_not_announced_himself_is_not_found(data: DataDir) -> None:
    with held(data.path, URL):
        pass
    (data.path / "lock").write_text("")
    with held(data.path):
        assert data.running() is None


def test_an_announcement_replaces_the_one_before(data: DataDir) -> None:
    with data.lock():
        data.announce(URL + "/a/much/longer/one")
        data.announce(URL)
        assert json.loads((data.path / "lock").read_text()) == {"pid": os.getpid(), "url": URL}


def test_a_relative_path_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = DataDir(Path("data"))
    monkeypatch.chdir("/")
    assert data.path == tmp_path / "data"


@pytest.mark.parametrize("torn", [b"", b"half of it"])
def test_the_key_of_links_stays_and_a_torn_one_is_never_used(data: DataDir, torn: bytes) -> None:
    data.make()
    key = data.link_key()
    assert len(key) == 32
    assert data.link_key() == key
    assert mode(data.link_key_file) == 0o600
    data.link_key_file.write_bytes(torn)
    made = data.link_key()
    assert (len(made), data.link_key()) == (32, made)
    assert made not in {key, torn}
