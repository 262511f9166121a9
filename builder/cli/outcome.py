"""What a command gives back, and how it is printed: text for people or one JSON object."""

import io
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

DONE, PROBLEMS, USAGE, RUN_FAILED = 0, 1, 2, 3


@dataclass
class Outcome:
    """`data` is the JSON object; `lines` the text for people; `problems` one sentence each for stderr."""

    data: dict[str, Any]
    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    code: int = DONE


def report(outcome: Outcome, *, as_json: bool) -> int:
    """Prints the outcome and gives its exit code. Problems go to stderr in both forms."""
    for problem in outcome.problems:
        print(f"layerloom: {visible(' '.join(problem.split()))}", file=sys.stderr)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter
    if as_json:
        text = json.dumps(outcome.data, ensure_ascii=False, allow_nan=False)
        print(text if text.isprintable() else json.dumps(outcome.data, allow_nan=False))
    else:
        for line in outcome.lines:
            print("\n".join(visible(part) for part in line.split("\n")))
    sys.stdout.flush()
    return outcome.code


def say(message: str) -> None:
    """A message to stderr, so that stdout stays clean."""
    print(visible(message), file=sys.stderr, flush=True)


def visible(text: str) -> str:
    """The text without characters that steer a terminal: names may come from elsewhere."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Text lines of a table with aligned columns; numbers to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [
        max([len(title), *(len(row[column]) for row in cells)])
        for column, title in enumerate(header)
    ]

    def line(row: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if cell[:1].isdigit() else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        )
        return "  ".join(padded).rstrip()

    return [line(header), *(line(row) for row in cells)]
