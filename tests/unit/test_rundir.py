"""Directories in /tmp, of installations whose path is too long for a socket: none is left."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookswitch.asterisk import rundir
from hookswitch.asterisk.layout import Layout

FILES = (rundir.CONTROL, rundir.PID, rundir.INSTALLATION)


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    """Of an engine that was started, and killed: what it had is still there."""
    made = Layout(tmp_path / ("long" * 20))
    made.make()
    assert not made.run.exists(), "who starts no engine needs none"
    made.make_run()
    (made.run / rundir.CONTROL).touch()
    (made.run / rundir.PID).write_text(f"{ended()}\n")
    yield made
    shutil.rmtree(made.run, ignore_errors=True)


def ended() -> int:
    """The number of a process that is gone."""
    done = subprocess.Popen(["true"])
    done.wait()
    return done.pid


def test_what_a_killed_engine_had_goes(layout: Layout) -> None:
    assert layout.run.parent == rundir.SHORT
    assert (layout.run / rundir.INSTALLATION).read_text() == str(layout.data)
    layout.leave()
    assert not layout.run.exists()
    layout.leave()


def test_that_of_an_engine_that_runs_stays(layout: Layout) -> None:
    (layout.run / rundir.PID).write_text(f"{os.getpid()}\n")
    layout.leave()
    shutil.rmtree(layout.data)
    rundir.remove_orphans()
    assert sorted(path.name for path in layout.run.iterdir()) == sorted(FILES)


def test_what_is_not_ours_stays(layout: Layout) -> None:
    (layout.run / "letter").write_text("mine")
    layout.leave()
    assert [path.name for path in layout.run.iterdir()] == ["letter"]


def test_a_start_removes_those_whose_installation_is_gone(layout: Layout) -> None:
    rundir.remove_orphans()
    assert layout.run.exists(), "it is there, and may start again"
    shutil.rmtree(layout.data)
    rundir.remove_orphans()
    assert not layout.run.exists()


def test_a_link_is_not_followed(layout: Layout, tmp_path: Path) -> None:
    other = tmp_path / "other"
    layout.run.rename(other)
    layout.run.symlink_to(other)
    try:
        layout.leave()
        assert sorted(path.name for path in other.iterdir()) == sorted(FILES)
    finally:
        layout.run.unlink()


def test_one_inside_is_left_as_it_is(tmp_path: Path) -> None:
    near = Layout(Path("/tmp") / f"hs-{tmp_path.name[-20:]}")
    assert near.run.is_relative_to(near.data)
    rundir.make(tmp_path / "run", tmp_path)
    rundir.leave(tmp_path / "run")
    assert (tmp_path / "run").is_dir()
