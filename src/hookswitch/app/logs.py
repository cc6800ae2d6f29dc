"""Structured logs on standard error: readable on a terminal, JSON lines elsewhere."""

import asyncio
import atexit
import logging
import sys
import time
from typing import Any, TextIO

import msgspec
import structlog

from hookswitch.app.settings import Settings


class Lines:
    """Writes what one turn of the event loop logs in one piece; without a loop, each at once."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lines: list[str] = []

    def msg(self, line: str) -> None:
        self._lines.append(line + "\n")
        if len(self._lines) > 1:
            return
        try:
            asyncio.get_running_loop().call_soon(self.flush)
        except RuntimeError:
            self.flush()

    log = debug = info = warn = warning = error = err = critical = exception = fatal = failure = msg

    def flush(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            self._out.write("".join(lines))
            self._out.flush()


class Stamp:
    """Adds the time in UTC; most of it is the same for all lines of a second."""

    def __init__(self) -> None:
        self._second, self._text = 0, ""

    def __call__(
        self, _log: Any, _method: str, line: structlog.types.EventDict
    ) -> structlog.types.EventDict:
        second, rest = divmod(time.time_ns(), 1_000_000_000)
        if second != self._second:
            self._second = second
            self._text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        line["timestamp"] = f"{self._text}.{rest // 1000:06d}Z"
        return line


def _as_json(line: Any, **_options: Any) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()


def configure_logs(settings: Settings) -> None:
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stderr.isatty()
    )
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(serializer=_as_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    processors: list[structlog.types.Processor] = [
        structlog.processors.add_log_level,
        Stamp(),
    ]
    if as_json:
        processors.append(structlog.processors.format_exc_info)
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    lines = Lines(sys.stderr)
    atexit.register(lines.flush)
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=False,
    )
    # libraries log through the standard module; their warnings belong in the same stream
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, format="%(message)s")
