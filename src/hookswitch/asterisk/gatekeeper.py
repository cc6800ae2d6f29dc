"""A program of its own that has the engine turn calls away while it is late: SOCKET MILLISECONDS.

SIP sends again what is answered late, so that an engine that is behind has ever more to do, until
hardly a call gets through. So this looks at how long messages wait in it, and lets in such a part
of the new calls that these are answered in time. Our process would be too late for that: it yields
to the engine, and has least of the processor just then. Hence a process, and a small one: it
imports none of ours. It ends with its standard input, and prints what it does: percent turned away,
milliseconds that messages wait.
"""

import contextlib
import select
import socket
import sys
import time
from collections.abc import Iterator

EVERY_S, IDLE_EVERY_S = 0.1, 0.5
PATIENCE_S = 2.0
LOOK = "core show taskprocessors like pjsip/distributor"
"""All that SIP receives passes these, but for what belongs to calls we placed."""
TELL = "dialplan set global HS_SHED"
FEW = 10
"""Messages; as many may wait for a moment in an engine that is in time."""
LEAST = 10.0
"""Of a hundred calls; those let in tell whether there is room for more."""
LOOKS = 3
"""What waits in each of so many looks is no chance: it stands."""
CUT, SHOWS_S, STANDS_S = 0.65, 1.5, 3.0
"""What is left of those let in when messages wait for too long. A call is work for as long as it
lives, so it takes a while to show; then more are turned away if the wait grows, or still stands.
"""
AGAIN_S, HARD_CUT, HARD_SHOWS_S = 0.5, 0.5, 0.8
"""The same where callers begin to send again what was not answered: that feeds itself."""
EASING, EASING_BUSY = 1.0, 0.2
"""So many more of a hundred calls are let in after a look, if nothing waits; if little does."""


class Shedding:
    """How many of a hundred new calls to turn away, that messages wait for `most_s` at the most."""

    def __init__(self, most_s: float) -> None:
        self._most_s = most_s
        self._let_in = 100.0
        self._waits = [0.0] * LOOKS
        self._cut_at_s, self._cut_for_s = 0.0, 0.0

    @property
    def percent(self) -> int:
        return 100 - round(self._let_in)

    def look(self, at_s: float, wait_s: float) -> None:
        """Take what was seen at a moment."""
        self._waits = [*self._waits[1:], wait_s]
        if min(self._waits) > self._most_s:
            self._is_late(at_s, min(self._waits))
        elif max(self._waits) < self._most_s / 2:
            self._let_in = min(self._let_in + (EASING_BUSY if wait_s else EASING), 100.0)

    def _is_late(self, at_s: float, wait_s: float) -> None:
        since_s = at_s - self._cut_at_s
        grows = wait_s > 1.1 * self._cut_for_s
        cut, shows_s = (HARD_CUT, HARD_SHOWS_S) if wait_s > AGAIN_S else (CUT, SHOWS_S)
        if since_s > STANDS_S or (since_s > shows_s and grows):
            self._let_in = max(self._let_in * cut, LEAST)
            self._cut_at_s, self._cut_for_s = at_s, wait_s


class Engine:
    """What is asked of it and told to it, over its control socket."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._at, self._taken_up = time.monotonic(), 0
        self.is_idle = False

    def wait_s(self) -> float:
        """How long a message waits, by Little's law: how many do, by the rate they are taken up.

        Where next to nothing is taken up the engine stands still, as in a reload: that is soon
        over, and no call too many. Raises OSError if there is no engine.
        """
        rows = list(_rows(self._command(LOOK)))
        now, taken_up = time.monotonic(), sum(row[0] for row in rows)
        waiting = sum(row[1] for row in rows)
        done, took = taken_up - self._taken_up, now - self._at
        self._at, self._taken_up = now, taken_up
        self.is_idle = done == 0
        return waiting * took / done if min(waiting, done) > FEW else 0.0

    def shed(self, percent: int) -> None:
        self._command(f"{TELL} {percent}")

    def _command(self, line: str) -> str:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(self._path)
            with connection.makefile("rb") as said:
                said.readline()  # host, process and version
                connection.sendall(f"cli quit after {line}\0".encode())
                return said.read().decode(errors="replace")


def _rows(said: str) -> Iterator[tuple[int, int]]:
    """How many messages each has taken up, and how many wait."""
    for line in said.splitlines():
        if line.startswith("pjsip/"):
            _, taken_up, waiting, *_ = line.split()
            yield int(taken_up), int(waiting)


def keep(path: str, most_s: float) -> None:
    """Look until standard input ends."""
    engine, shedding = Engine(path), Shedding(most_s)
    told, printed = 0, ""
    pause = EVERY_S
    while not select.select([sys.stdin], [], [], pause)[0]:
        try:
            wait_s = engine.wait_s()
            shedding.look(time.monotonic(), wait_s)
            if told or shedding.percent:  # again and again: it may have been started anew
                engine.shed(shedding.percent)
            told = shedding.percent
        except OSError:
            pause = IDLE_EVERY_S
            continue
        pause = IDLE_EVERY_S if engine.is_idle and not told else EVERY_S
        line = f"{told} {round(wait_s * 1000)}"
        if line != printed:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            printed = line
    with contextlib.suppress(OSError):
        engine.shed(0)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        keep(sys.argv[1], int(sys.argv[2]) / 1000)
