"""JSON lines as rows of a table: one flat object a line, read strictly."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from builder.errors import DataError

SUFFIXES = frozenset((".jsonl", ".ndjson"))
MAX_LINE = 1_000_000
HEAD = 200
Row = tuple[int, list[str]]


def keys_of(path: Path, encoding: str) -> tuple[str, ...]:
    """The names of the first objects, in order of appearance; DataError when the lines are no flat objects."""
    found: dict[str, None] = {}
    for _, value in islice(_objects(path, encoding), HEAD):
        found.update(dict.fromkeys(value))
    if not found:
        raise DataError(f"{path.name} is empty: there is not a single object in it.")
    return tuple(found)


def rows(path: Path, encoding: str, keys: tuple[str, ...], most: int) -> Iterator[list[Row]]:
    """The names first, then the values of each line as cells, up to `most` at once."""
    known = set(keys)

    def cells() -> Iterator[Row]:
        yield 0, list(keys)
        for line, value in _objects(path, encoding):
            strange = [name for name in value if name not in known]
            if strange:
                raise DataError(
                    f"{path.name}, line {line:,}: {strange[0][:40]!r} is not in the first {HEAD} lines. "
                    "Give every line the same names."
                )
            yield line, [_cell(value.get(name), path, line) for name in keys]

    everything = cells()
    while batch := list(islice(everything, most)):
        yield batch


def _objects(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
    line = 0
    try:
        with path.open(encoding=encoding, errors="strict", newline="\n") as file:
            while text := file.readline(MAX_LINE + 1):
                line += 1
                if len(text) > MAX_LINE:
                    raise DataError(
                        f"{path.name}, line {line:,}: it is longer than {MAX_LINE:,} characters. "
                        "Write one object a line."
                    )
                if text.strip():
                    yield line, _object(text, path, line)
    except UnicodeError as error:
        raise DataError(
            f"{path.name} is not {encoding} text somewhere after line {line:,}. Save it as UTF-8 and try again."
        ) from error


def _object(text: str, path: Path, line: int) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, _StrictError) else "it is not a JSON object"
        raise DataError(
            f"{path.name}, line {line:,}: {why}. Write one flat object a line."
        ) from error
    if not isinstance(value, dict):
        raise DataError(
            f"{path.name}, line {line:,}: it is not a JSON object. Write one flat object a line."
        )
    return value


class _StrictError(ValueError):
    """What JSON allows and data must not hold."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _StrictError("a name occurs twice in one object")
    return found


def _refuse(constant: str) -> Any:
    raise _StrictError(f"{constant} is no value")


def _cell(value: Any, path: Path, line: int) -> str:
    if isinstance(value, dict | list):
        raise DataError(
            f"{path.name}, line {line:,}: a value holds a list or an object. Write one flat object a line."
        )
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)
