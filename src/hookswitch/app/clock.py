"""The one clock of the process."""

import time

from hookswitch.model.ids import Ms


def now_ms() -> Ms:
    return time.time_ns() // 1_000_000
