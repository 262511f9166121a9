"""What happened in a run, one JSON line each, in order."""

import contextlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from builder.projects.atomic import append_line, refusals_told


class EventLog:
    """Appends events with a sequence number; order is by number, never by clock."""

    def __init__(self, path: Path):
        self.path = path
        self._cut_torn_line()
        known = read_events(path)
        self._next = int(known[-1]["seq"]) + 1 if known else 0

    def append(self, kind: str, data: Mapping[str, Any]) -> None:
        """Adds one event; numbers that are not finite are written as null and named in `not_finite`."""
        plain, odd = plain_json(data)
        line = {"seq": self._next, "at": datetime.now(UTC).isoformat(), "kind": kind, **plain}
        append_line(self.path, {**line, "not_finite": odd} if odd else line, durable=False)
        self._next += 1

    def _cut_torn_line(self) -> None:
        with refusals_told(self.path), contextlib.suppress(FileNotFoundError):
            whole = self.path.read_bytes().rfind(b"\n") + 1
            with self.path.open("r+b") as file:
                file.truncate(whole)


def read_events(path: Path, after: int = -1) -> list[dict[str, Any]]:
    """The events with a number above `after`; a torn last line is left out."""
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
    except OSError:
        return []
    events = []
    for line in lines:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            event = json.loads(line)
            if event["seq"] > after:
                events.append(event)
    return events


def plain_json(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The mapping with infinities and NaN replaced by None, and the paths where they stood."""
    odd: list[str] = []
    return {key: _plain(value, key, odd) for key, value in data.items()}, odd


def _plain(value: Any, path: str, odd: list[str]) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(part, f"{path}.{key}", odd) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part, f"{path}.{i}", odd) for i, part in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        odd.append(path)
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
