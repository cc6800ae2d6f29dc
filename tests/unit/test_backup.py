"""One file with everything, restored into a fresh installation."""

import asyncio
import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest

from hookswitch.app.datadir import DataDir
from hookswitch.app.upkeep import backup, restoring
from kit.api import WARNED, cli, document, serving
from kit.web import Browser, bearer


async def test_a_backup_restores_accounts_draft_secrets_and_prompts(tmp_path: Path) -> None:
    old, new, file = tmp_path / "old", tmp_path / "new", tmp_path / "it.tar.gz"
    async with serving(old) as up, Browser(up.web.url) as ada:
        await ada.set_up(up.code)
        match = {"If-Match": "live-0", "Content-Type": "application/yaml"}
        saved = await ada.ask("PUT", "/api/draft/text", data=document(9).encode(), headers=match)
        assert saved.status == 200
        (up.data.prompts / "hello.wav16").write_bytes(b"audio")
        (up.data.media / "a.wav").write_bytes(b"private")
        made = await cli("backup", file, "--json", "--data-dir", old)
        assert json.loads(made.stdout) == {"file": str(file), "bytes": file.stat().st_size}
        again = await ada.ask("POST", "/api/backups", {"audio": True})
        [listed] = (await ada.get("/api/backups"))["items"]
        assert listed == again.body
        async with ada._http.get(f"{ada.url}/api/backups/{listed['name']}") as answer:
            content = await answer.read()
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            held = tar.getnames()
        assert {"hookswitch.db", "secrets.key", "media/a.wav"} <= set(held)
        assert (await ada.ask("GET", "/api/backups/..%2fhookswitch.db")).status == 404
        assert (await ada.ask("DELETE", f"/api/backups/{listed['name']}")).status == 204
        assert (await ada.get("/api/backups"))["items"] == []
    assert file.stat().st_mode & 0o077 == 0
    restored = await cli("restore", file, "--json", "--data-dir", new)
    assert json.loads(restored.stdout)["data_dir"] == str(new), restored.output
    async with serving(new) as up, Browser(up.web.url) as ada:
        assert up.code == ""
        assert (await ada.sign_in("ada")).status == 200
        findings = (await ada.get("/api/draft"))["findings"]
        assert [(one["severity"], one["loc"]) for one in findings] == WARNED
        shown = await ada.get("/api/secrets/reveal?ref=webhooks/crm/secret_token")
        assert shown["value"] == "t0ken-hidden"
        assert (up.data.prompts / "hello.wav16").read_bytes() == b"audio"
        assert not (up.data.media / "a.wav").exists()
    twice = await cli("restore", file, "--data-dir", new)
    assert twice.exit_code == 1
    assert "restore into an empty directory" in twice.output


async def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    for name, content in (("a", b"no archive"), ("b", archive({"other": b"x"}))):
        (tmp_path / name).write_bytes(content)
        refused = await cli("restore", tmp_path / name, "--data-dir", tmp_path / "new")
        assert refused.exit_code == 1
        assert "no backup" in refused.output
    empty = await cli("backup", tmp_path / "c", "--data-dir", tmp_path / "nothing")
    assert empty.exit_code == 1
    assert not (tmp_path / "c").exists()


async def test_only_its_own_files_are_unpacked(tmp_path: Path) -> None:
    source, old = tmp_path / "it.tar.gz", tmp_path / "old"
    async with serving(old):
        pass
    await cli("backup", source, "--data-dir", old)
    with tarfile.open(source) as tar:
        kept = {m.name: f.read() for m in tar.getmembers() if (f := tar.extractfile(m))}
    source.write_bytes(archive({**kept, "../outside": b"x", "lock2": b"x", "media/../../y": b"x"}))
    data = DataDir(tmp_path / "new")
    await cli("restore", source, "--data-dir", data.path)
    assert not (tmp_path / "outside").exists()
    assert not (tmp_path / "y").exists()
    assert not (data.path / "lock2").exists()


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


async def test_what_there_is_no_room_for_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk's size alone is made up: 64 MB of zeros are 64 kB in the file."""
    source, old = tmp_path / "it.tar.gz", tmp_path / "old"
    async with serving(old):
        pass
    (old / "media/bomb.wav").write_bytes(bytes(64 << 20))
    await asyncio.to_thread(backup.make, DataDir(old), source, audio=True)
    free = shutil.disk_usage(tmp_path)._replace(free=32 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: free)
    refused = await cli("restore", source, "--data-dir", tmp_path / "new")
    assert refused.exit_code == 1
    assert "64 MB, and 32 MB are free" in refused.output
    assert not (tmp_path / "new/media/bomb.wav").exists()
    assert not (tmp_path / "new/hookswitch.db").exists()


async def test_a_backup_is_not_taken_into_a_disk_that_is_nearly_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "ROOM", 1 << 60)
    async with serving(tmp_path) as up, Browser(up.web.url, bearer(up.data.token())) as ada:
        refused = await ada.ask("POST", "/api/backups/upload", data=b"x" * 100_000)
    assert (refused.status, refused.body["title"]) == (422, "Not a backup")
    assert "nearly full" in refused.body["detail"]
    assert list((tmp_path / "backups").iterdir()) == []


async def test_a_restore_in_place_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    data, file = DataDir(tmp_path / "here"), tmp_path / "it.tar.gz"
    async with serving(data.path) as up, Browser(up.web.url) as ada:
        await ada.set_up(up.code)
    await asyncio.to_thread(backup.make, data, file)
    (data.media / "a.wav").write_bytes(b"since then")
    await restoring.stage(file, data)
    assert (data.media / "a.wav").exists(), "nothing is touched yet"
    (data.path / "media").rename(data.path / "before-restore/media")  # then it was killed
    data.make()
    assert await restoring.finish(data)
    assert not await restoring.finish(data)
    assert (data.path / "before-restore/media/a.wav").read_bytes() == b"since then"
    assert not (data.media / "a.wav").exists()
    async with serving(data.path) as up, Browser(up.web.url) as ada:
        assert (await ada.sign_in("ada")).status == 200


async def test_a_backup_that_cannot_be_used_changes_nothing(tmp_path: Path) -> None:
    data, file = DataDir(tmp_path / "here"), tmp_path / "it.tar.gz"
    async with serving(data.path):
        pass
    await asyncio.to_thread(backup.make, data, file)
    with tarfile.open(file) as tar:
        kept = {m.name: f.read() for m in tar.getmembers() if (f := tar.extractfile(m))}
    file.write_bytes(archive({**kept, "hookswitch.db": b"no database" * 1000}))
    with pytest.raises(backup.BackupError):
        await restoring.stage(file, data)
    assert not await restoring.finish(data)
    assert not (data.path / "restored").exists()


async def test_only_a_process_that_starts_itself_again_restores(tmp_path: Path) -> None:
    async with serving(tmp_path) as up, Browser(up.web.url) as ada:
        refused = await ada.ask("POST", "/api/setup/restore", headers={"X-Setup-Code": "wrong"})
        assert refused.status == 401
        await ada.set_up(up.code)
        late = await ada.ask("POST", "/api/setup/restore", headers={"X-Setup-Code": up.code})
        assert late.status == 409
        made = await ada.ask("POST", "/api/backups")
        here = await ada.ask("POST", f"/api/backups/{made.body['name']}/restore")
        assert (here.status, here.body["title"]) == (409, "Not here")
        bad = await ada.ask("POST", "/api/backups/upload", data=b"\x1f\x8bno")
        assert (bad.status, bad.body["title"]) == (422, "Not a backup")
        assert len((await ada.get("/api/backups"))["items"]) == 1
