"""Installing, with the system's own mirror and a package of 30 KB that needs no other.

The oracle is apt's signed index: what lies on the disk must have the hashes it names.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hookswitch.asterisk.configuration.files import lock
from hookswitch.asterisk.engine import engine_from_path, engine_from_prefix, loader_argv
from hookswitch.asterisk.errors import (
    AptMissingError,
    ArchitectureError,
    DiskFullError,
    InstallError,
    KeyringMissingError,
    MirrorError,
    NetworkError,
    PackageMissingError,
    SignatureError,
    UnsuitableEngineError,
)
from hookswitch.asterisk.install import apt, apt_errors, installer, manifest
from hookswitch.asterisk.install.apt import Apt, Deb
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import PackageSet
from hookswitch.asterisk.install.progress import Step

TINY = PackageSet(name="tiny", packages=("media-types",), links=(("etc/mime.alias", "mime.types"),))

KILLED_WHILE_UNPACKING = """
import asyncio, os, signal, sys
from pathlib import Path
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import PackageSet

def progress(step):
    if step.name == "unpack":
        os.kill(os.getpid(), signal.SIGKILL)

tiny = PackageSet(name="tiny", packages=("media-types",))
asyncio.run(install(tiny, Path(sys.argv[1]), progress=progress))
"""


@pytest.fixture(scope="module")
def killed_prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prefix whose install was killed while it unpacked."""
    prefix = tmp_path_factory.mktemp("install") / "tiny"
    code = subprocess.run([sys.executable, "-c", KILLED_WHILE_UNPACKING, prefix], check=False)
    assert code.returncode == -signal.SIGKILL
    return prefix


@pytest.fixture
def same_index(killed_prefix: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The prefix, whose index is there already: reading it again takes 1.5 s."""

    async def keep(_: Apt) -> None:
        pass

    async def mirror() -> str:
        sources = (killed_prefix / "apt" / "sources.list").read_text(encoding="utf-8")
        return sources.split()[2]

    monkeypatch.setattr(Apt, "update", keep)
    monkeypatch.setattr(apt, "system_mirror", mirror)
    return killed_prefix


def fetched(prefix: Path) -> Path:
    (deb,) = prefix.glob("apt/cache/archives/*.deb")
    return deb


def partial_roots(prefix: Path) -> list[Path]:
    return list(prefix.glob("roots/*.partial"))


async def test_a_killed_install_goes_on_where_it_stopped(same_index: Path) -> None:
    assert manifest.read(same_index) is None
    assert partial_roots(same_index)
    deb = fetched(same_index)
    before = deb.stat()
    steps: list[Step] = []

    done = await install(TINY, same_index, progress=steps.append)

    assert deb.stat().st_mtime_ns == before.st_mtime_ns, "the kept package was fetched again"
    assert manifest.read(same_index) == done
    assert (same_index / done.root / "etc/mime.types").is_file()
    assert (same_index / done.root / "etc/mime.alias").is_file()
    assert not partial_roots(same_index)
    (package,) = done.packages
    assert package.sha256 == hashlib.sha256(deb.read_bytes()).hexdigest()
    assert [step.name for step in steps][-1] == "done"
    assert {"index", "download", "verify", "unpack"} <= {step.name for step in steps}


async def test_an_installed_prefix_is_left_alone(killed_prefix: Path) -> None:
    await install(TINY, killed_prefix)
    steps: list[Step] = []
    await install(TINY, killed_prefix, mirror="not even a mirror", progress=steps.append)
    assert [step.name for step in steps] == ["done"]


async def test_a_package_with_a_wrong_hash_is_fetched_again(same_index: Path) -> None:
    await install(TINY, same_index)
    deb = fetched(same_index)
    right = deb.read_bytes()
    deb.write_bytes(bytes(len(right)))
    await install(TINY, same_index, upgrade=True)
    assert deb.read_bytes() == right


async def test_a_package_the_suite_lacks(same_index: Path) -> None:
    lacking = PackageSet(name="tiny", packages=("hookswitch-no-such-package",))
    with pytest.raises(PackageMissingError, match="Unable to locate package hookswitch-no-such"):
        await install(lacking, same_index)


def test_a_version_the_suite_lacks(tmp_path: Path) -> None:
    newer = PackageSet(name="tiny", packages=("media-types",), series="99.")
    source = Apt(home=tmp_path, mirror="", suite="forky", architecture="amd64")
    debs = (Deb("media-types", "1:14.0.0", "all", 1, "0"),)
    with pytest.raises(PackageMissingError, match=r"forky has no media-types 99\. but 14\.0\.0"):
        installer._main_package(newer, source, debs)


async def test_a_mirror_that_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apt, "RETRIES", "0")
    with pytest.raises(NetworkError, match="check the network or pass --mirror"):
        await install(TINY, tmp_path, mirror="http://127.0.0.1:1/debian")


@pytest.mark.parametrize("url", ["debian", "http://a b/", "http://a/\ndeb x", "ftp://a/debian"])
async def test_a_mirror_that_is_none(tmp_path: Path, url: str) -> None:
    with pytest.raises(MirrorError):
        await install(TINY, tmp_path, mirror=url)


def test_not_enough_space(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError, match="free some space or pass --prefix"):
        installer._require_space(tmp_path, 0, shutil.disk_usage(tmp_path).free)


async def test_another_architecture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer, "ARCHITECTURES", ("pdp11",))
    with pytest.raises(ArchitectureError, match="pass --engine PATH"):
        await install(TINY, tmp_path)


async def test_no_apt_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AptMissingError, match="apt-get"):
        await install(TINY, tmp_path)


async def test_no_keyring_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "KEYRINGS", ())
    with pytest.raises(KeyringMissingError, match="apt-get install debian-archive-keyring"):
        await install(TINY, tmp_path)


async def test_a_second_install_waits_for_the_first(killed_prefix: Path) -> None:
    await install(TINY, killed_prefix)
    held = lock(killed_prefix / "lock")
    assert held is not None
    steps: list[Step] = []

    def release(step: Step) -> None:
        steps.append(step)
        if step.name == "wait":
            os.close(held)

    await install(TINY, killed_prefix, progress=release)
    assert [step.name for step in steps] == ["wait", "done"]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("E: Write error - write (28: No space left on device)", DiskFullError),
        ("E: You don't have enough free space in /x/.", DiskFullError),
        ("W: GPG error: http://x InRelease: NO_PUBKEY 0E98404D386FA1D9", SignatureError),
        ("E: Failed to fetch http://x/y.deb  Hash Sum mismatch", SignatureError),
        ("E: The repository 'http://x InRelease' is not signed.", SignatureError),
        ("E: The repository 'http://x' does not have a Release file.", MirrorError),
        ("E: Release file for http://x/InRelease is expired (invalid since 1d).", MirrorError),
        ("W: Failed to fetch http://x/InRelease  Temporary failure resolving 'x'", NetworkError),
        ("E: Could not get lock /x/lock. It is held by process 1 (apt-get)", InstallError),
        ("E: something new", InstallError),
        ("", InstallError),
    ],
)
def test_what_apt_says_becomes_one_line_of_ours(said: str, error: type[InstallError]) -> None:
    found = apt_errors.translate("apt-get", f"Reading...\n{said}\n")
    assert type(found) is error
    assert "\n" not in str(found)
    assert found.mend


class TestEngineOfTheSystem:
    def fake(self, place: Path, says: str) -> Path:
        path = place / "asterisk"
        path.write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    @pytest.mark.parametrize(
        ("says", "version"),
        [
            ("Asterisk 22.7.0", "22.7.0"),
            ("Asterisk 23.1.0-rc1", "23.1.0-rc1"),
            ("Asterisk certified-22.8-cert1", "22.8-cert1"),
        ],
    )
    def test_new_enough(self, tmp_path: Path, says: str, version: str) -> None:
        path = self.fake(tmp_path, says)
        found = engine_from_path(path)
        assert found.version == version
        assert found.argv == (str(path),)

    @pytest.mark.parametrize("version", ["22.6.9", "20.17.0", "1.8.0"])
    def test_too_old(self, tmp_path: Path, version: str) -> None:
        path = self.fake(tmp_path, f"Asterisk {version}")
        with pytest.raises(UnsuitableEngineError, match=rf"{version}, older than 22\.7"):
            engine_from_path(path)

    @pytest.mark.parametrize("path", ["/nowhere", "/etc/hostname", "/bin/true"])
    def test_no_engine(self, path: str) -> None:
        with pytest.raises(UnsuitableEngineError):
            engine_from_path(Path(path))

    def test_nothing_installed(self, tmp_path: Path) -> None:
        with pytest.raises(UnsuitableEngineError, match="hookswitch engine install"):
            engine_from_prefix(tmp_path)
        with pytest.raises(UnsuitableEngineError, match="no program loader"):
            loader_argv(tmp_path, "usr/bin/sipp")
