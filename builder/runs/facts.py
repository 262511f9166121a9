"""The facts of a run that are fixed when it is made, read once and remembered."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

FORMAT = 1
FACTS = "run.json"


class RunInfo(NamedTuple):
    """The facts of a run that never change, but for its name; `problem` says why they cannot be read, if so."""

    id: str
    name: str
    number: int
    created: datetime
    project_id: str | None = None
    seed: int = 0
    device: str = "auto"
    parent: str | None = None
    key: str | None = None
    priority: int = 50
    versions: dict[str, str] = {}
    problem: str | None = None
    start_from: str | None = None
    """Directory of the run whose weights this one began with."""


_known: dict[Path, tuple[tuple[int, int, int], RunInfo]] = {}
"""Facts already read, with time, inode and size of their file: a list of ten thousand runs costs stats only."""


def read_info(path: Path) -> RunInfo:
    """The facts of the run in a directory; unreadable ones give an info with the reason as `problem`."""
    try:
        seen = (path / FACTS).stat()
        mark = (seen.st_mtime_ns, seen.st_ino, seen.st_size)
        known = _known.get(path)
        if known is None or known[0] != mark:
            known = _known[path] = (mark, _parsed((path / FACTS).read_bytes()))
        return known[1]
    except OSError as error:
        why = f"Its facts cannot be read ({error.strerror}); the folder is {path.name}."
    except (ValueError, KeyError, TypeError):
        why = f"Its file {FACTS} is damaged; the folder is {path.name}."
    return RunInfo(path.name, path.name, 0, datetime.fromtimestamp(0, UTC), problem=why)


def _parsed(raw: bytes) -> RunInfo:
    facts = json.loads(raw)
    problem = None
    if facts["format"] > FORMAT:
        problem = "It was made by a newer LayerLoom. Update with `pip install -U layerloom`."
    known = {name: facts[name] for name in RunInfo._fields if name in facts}
    created = datetime.fromisoformat(facts["created"])
    return RunInfo(**{**known, "created": created, "problem": problem})


def forget(path: Path | None = None) -> None:
    """Reads a run's facts anew next time; all runs' when no path is given."""
    if path is None:
        _known.clear()
    else:
        _known.pop(path, None)  # two writes within one tick of the disk's clock look alike
