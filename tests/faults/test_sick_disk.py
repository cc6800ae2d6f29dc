"""A disk that takes no more, and one whose fsync fails, under a real store and worker.

Each runs in a process of its own. The full disk is the kernel's own limit on the size of files;
the failing fsync is a double: a library in front of the system's, as no test can break a disk.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parent / "support" / "sick_disk.py"
COMPILER = shutil.which("cc")
LIBRARY = """\
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int refuse(void) {
  const char *sick = getenv("SICK_DISK");
  return sick != NULL && access(sick, F_OK) == 0;
}

int fsync(int file) {
  if (refuse()) { errno = EIO; return -1; }
  return ((int (*)(int)) dlsym(RTLD_NEXT, "fsync"))(file);
}

int fdatasync(int file) {
  if (refuse()) { errno = EIO; return -1; }
  return ((int (*)(int)) dlsym(RTLD_NEXT, "fdatasync"))(file);
}
"""


def outcome(place: Path, way: str, **environment: str) -> Any:
    place.mkdir()
    ended = subprocess.run(
        [sys.executable, str(SCRIPT), str(place), way],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout.splitlines()[-1])


def check(found: Any) -> None:
    assert found["refused"], "what could not be written was not taken"
    assert found["told"], "the worker says that the store takes nothing"
    assert found["after"] == "", "and that it is over"
    assert found["received"] == found["distinct"] == found["accepted"] == found["delivered"]


def test_a_full_disk_is_told_and_over_by_itself(tmp_path: Path) -> None:
    check(outcome(tmp_path / "data", "full"))


@pytest.mark.skipif(COMPILER is None, reason="needs a C compiler")
def test_a_failing_fsync_is_told_and_over_by_itself(tmp_path: Path) -> None:
    source, library = tmp_path / "sick.c", tmp_path / "sick.so"
    source.write_text(LIBRARY)
    subprocess.run(
        [str(COMPILER), "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True
    )
    sick = str(tmp_path / "data" / "sick")
    check(outcome(tmp_path / "data", "sync", LD_PRELOAD=str(library), SICK_DISK=sick))
