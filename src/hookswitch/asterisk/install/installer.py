"""Installs packages and their libraries into a private prefix, without root.

A prefix holds `apt/` (private state and the fetched packages, which are kept), `roots/` (unpacked
trees) and `manifest.json`, written last: until then nothing is installed, and a second run goes on
where the first one stopped. An unpacked tree that does not pass its proof is not installed.
"""

import asyncio
import contextlib
import datetime as dt
import hashlib
import itertools
import os
import platform
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from hookswitch.asterisk import process
from hookswitch.asterisk.configuration.files import private_dir, sync_dir, try_lock
from hookswitch.asterisk.engine import Engine, engine_from_root
from hookswitch.asterisk.errors import (
    ArchitectureError,
    DiskFullError,
    EngineError,
    OlderPackageError,
    PackageMissingError,
    SignatureError,
    UnprovenEngineError,
)
from hookswitch.asterisk.install import apt, manifest
from hookswitch.asterisk.install.apt import Apt, Deb
from hookswitch.asterisk.install.manifest import Manifest, Package
from hookswitch.asterisk.install.packages import PackageSet
from hookswitch.asterisk.install.progress import Progress, Step, silent

log = structlog.get_logger(__name__)

ARCHITECTURES = ("amd64",)
UNPACKED_RATIO = 4
"""Space to have per byte of package: the engine's tree takes 3.3 times its packages."""
UNPACK_AT_ONCE = 2
KEPT_ROOTS = 2
"""The live tree and the one before it, besides any that a running engine still uses."""

Prove = Callable[[Engine], Awaitable[None]]
"""Tries an engine before it is installed; raises an EngineError that says what it lacks."""


async def install(
    wanted: PackageSet,
    prefix: Path,
    *,
    mirror: str | None = None,
    upgrade: bool = False,
    prove: Prove | None = None,
    progress: Progress = silent,
) -> Manifest:
    """Install `wanted` into `prefix`, or give what is installed there unless `upgrade` is set.

    With `prove` a tree that is not the installed one takes its place only if it passes.
    """
    prefix = _made(prefix)
    while True:
        with try_lock(prefix / "lock") as ours:
            if ours:
                return await _install(
                    wanted,
                    prefix,
                    mirror=mirror,
                    upgrade=upgrade,
                    prove=prove,
                    progress=progress,
                )
        progress(Step("wait", "another install works in this prefix: waiting for it"))
        await asyncio.sleep(0.5)


def _made(prefix: Path) -> Path:
    return private_dir(prefix.absolute())


async def _install(
    wanted: PackageSet,
    prefix: Path,
    *,
    mirror: str | None,
    upgrade: bool,
    prove: Prove | None,
    progress: Progress,
) -> Manifest:
    present = manifest.read(prefix)
    if present and present.wanted == wanted.packages and not upgrade:
        progress(Step("done", f"{present.name} {present.version} is installed"))
        return present
    apt.require_tools()
    source = await _source(wanted, prefix, mirror)
    progress(Step("index", f"reading the package index of {source.suite}"))
    await source.prepare()
    await source.update()
    debs = await source.resolve(wanted.packages)
    main = _main_package(wanted, source, debs)
    if present:
        await _require_not_older(main, present)
    files = await _fetch(source, wanted, debs, progress)
    root = prefix / "roots" / _digest(debs)
    if not await asyncio.to_thread(root.is_dir):
        await _unpack(files, root, wanted, progress)
    if prove and not (present and prefix / present.root == root):
        progress(Step("prove", f"placing a test call through {main.name} {main.upstream}"))
        await _proven(engine_from_root(root, main.upstream), root, present, prove)
    done = Manifest(
        name=wanted.name,
        version=main.upstream,
        suite=source.suite,
        root=str(root.relative_to(prefix)),
        installed_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        wanted=wanted.packages,
        packages=tuple(_package(deb) for deb in debs),
        complete=True,
    )
    manifest.write(prefix, done)
    _prune(prefix, root)
    log.info("installed", name=done.name, version=done.version, packages=len(debs))
    progress(Step("done", f"{done.name} {done.version} is installed"))
    return done


async def _source(wanted: PackageSet, prefix: Path, mirror: str | None) -> Apt:
    architecture = (await apt.run("dpkg", "--print-architecture")).strip()
    if architecture not in ARCHITECTURES:
        raise ArchitectureError(
            f"the engine is fetched for {', '.join(ARCHITECTURES)} only, this is {architecture}",
            "install Asterisk 22.7 or later by other means and pass --engine PATH",
        )
    suite = wanted.suite or platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")
    url = apt.checked_mirror(mirror) if mirror else await apt.system_mirror()
    return Apt(home=prefix / "apt", mirror=url, suite=suite, architecture=architecture)


def _main_package(wanted: PackageSet, source: Apt, debs: tuple[Deb, ...]) -> Deb:
    found = {deb.name: deb for deb in debs}.get(wanted.packages[0])
    if found is None or not found.upstream.startswith(wanted.series):
        what = f"{wanted.packages[0]} {wanted.series}".strip()
        has = f" but {found.upstream}" if found else ""
        raise PackageMissingError(
            f"the suite {source.suite} has no {what}{has}", "pass --mirror URL of another mirror"
        )
    return found


async def _require_not_older(main: Deb, present: Manifest) -> None:
    installed = {package.name: package.version for package in present.packages}.get(main.name)
    if installed and await apt.is_older(main.version, installed):
        raise OlderPackageError(
            f"the mirror has {main.name} {main.upstream}, older than the installed"
            f" {present.version}, which stays",
            "pass --mirror URL of another mirror",
        )


async def _proven(engine: Engine, root: Path, present: Manifest | None, prove: Prove) -> None:
    """Try the tree; one that fails is removed, so that the next try unpacks it anew."""
    try:
        await prove(engine)
    except EngineError as error:
        await asyncio.to_thread(shutil.rmtree, root, ignore_errors=True)
        stays = f"{present.version} stays" if present else "nothing was installed"
        raise UnprovenEngineError(
            f"Asterisk {engine.version} did not pass its test call ({error.problem}): {stays}",
            "run the same command again, or wait for the mirror's next version",
        ) from error


async def _fetch(
    source: Apt, wanted: PackageSet, debs: tuple[Deb, ...], progress: Progress
) -> list[Path]:
    """Give the verified file of each package; kept ones are not fetched again."""
    # First without those that do not verify: apt takes a kept file by its size alone.
    await _verified(source.archives, debs, progress)
    total = sum(deb.size for deb in debs)
    _require_space(source.home, total - _fetched(source.archives), total)
    ticker = asyncio.create_task(_tick(source.archives, total, progress))
    try:
        await source.download(wanted.packages)
    finally:
        ticker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticker
    progress(Step("download", "downloaded", total, total, "bytes"))
    files = await _verified(source.archives, debs, progress)
    missing = [deb.name for deb in debs if deb.sha256 not in files]
    if missing:
        raise SignatureError(
            f"the package {missing[0]} does not have the hash of the signed index",
            "run the same command again or pass --mirror URL of another mirror",
        )
    return [files[deb.sha256] for deb in debs]


async def _tick(archives: Path, total: int, progress: Progress) -> None:
    while True:
        done = min(_fetched(archives), total)
        progress(Step("download", "downloading packages", done, total, "bytes"))
        await asyncio.sleep(0.2)


def _fetched(archives: Path) -> int:
    size = 0
    for path in [*archives.glob("*.deb"), *archives.glob("partial/*.deb")]:
        with contextlib.suppress(FileNotFoundError):
            size += path.stat().st_size
    return size


def _require_space(place: Path, fetch: int, total: int) -> None:
    need = max(fetch, 0) + UNPACKED_RATIO * total
    free = shutil.disk_usage(place).free
    if free < need:
        raise DiskFullError(
            f"{place} has {free >> 20} MB free and the install needs {need >> 20} MB",
            "free some space or pass --prefix on another disk",
        )


async def _verified(archives: Path, debs: tuple[Deb, ...], progress: Progress) -> dict[str, Path]:
    """Give the kept files by their true hash; what is not of this install is removed."""
    wanted = {deb.sha256 for deb in debs}
    kept = _debs(archives)
    files: dict[str, Path] = {}
    for number, path in enumerate(kept, 1):
        digest = await asyncio.to_thread(_sha256, path)
        if digest in wanted:
            files[digest] = path
        else:
            path.unlink()
        progress(Step("verify", "checking packages", number, len(kept), "packages"))
    return files


def _debs(archives: Path) -> list[Path]:
    return sorted(archives.glob("*.deb"))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(debs: tuple[Deb, ...]) -> str:
    return hashlib.sha256("".join(sorted(deb.sha256 for deb in debs)).encode()).hexdigest()[:12]


async def _unpack(files: list[Path], root: Path, wanted: PackageSet, progress: Progress) -> None:
    """Unpack into a directory beside `root` and rename it when it is whole."""
    partial = root.with_name(f"{root.name}.partial")
    await asyncio.to_thread(shutil.rmtree, partial, ignore_errors=True)
    private_dir(partial)
    done, gate = itertools.count(1), asyncio.Semaphore(UNPACK_AT_ONCE)

    async def unpack(file: Path) -> None:
        async with gate:
            await apt.run("dpkg-deb", "-x", str(file), str(partial))
        progress(Step("unpack", "unpacking packages", next(done), len(files), "packages"))

    async with asyncio.TaskGroup() as group:
        for file in files:
            group.create_task(unpack(file))
    await asyncio.to_thread(_finish, partial, root, wanted)


def _finish(partial: Path, root: Path, wanted: PackageSet) -> None:
    for path, target in wanted.links:
        if not os.path.lexists(partial / path):
            (partial / path).symlink_to(target)
    partial.rename(root)
    sync_dir(root.parent)


def _package(deb: Deb) -> Package:
    return Package(
        name=deb.name,
        version=deb.version,
        architecture=deb.architecture,
        sha256=deb.sha256,
        size=deb.size,
    )


def _prune(prefix: Path, live: Path) -> None:
    roots = sorted((prefix / "roots").iterdir(), key=lambda path: path.stat().st_mtime)
    others = [path for path in roots if path != live]
    for path in others[: max(len(others) - (KEPT_ROOTS - 1), 0)]:
        if not any(process.having_argument(f"{path}/")):
            shutil.rmtree(path, ignore_errors=True)
