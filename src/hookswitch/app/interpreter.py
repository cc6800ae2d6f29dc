"""The process set for a long life with threads side by side and many connections."""

import gc
import resource
import sys
from typing import Final

_NEW_OBJECTS: Final = 20_000
"""Made since the collector's last look: the default of 700 has it look all the time, in vain."""
_TURN_S: Final = 0.001
"""How long one thread may keep another waiting: by default a commit that takes 2 ms stands still
for 5 each time it needs the interpreter while the loop is busy."""
_OPEN_FILES: Final = 65_536
"""A shell gives a process 1024, of which deliveries to many endpoints alone may need more."""


def tune_interpreter() -> None:
    """Call it at the start: to read ten thousand users took twice as long as without."""
    gc.set_threshold(_NEW_OBJECTS, 20, 20)
    sys.setswitchinterval(_TURN_S)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def keep_what_is() -> None:
    """Call it once all that lives as long as the process has been made."""
    gc.collect()
    gc.freeze()
