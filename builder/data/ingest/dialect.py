"""How a text table is written: encoding, delimiter, header; detected from the file, shown for confirmation."""

import contextlib
import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from builder.data.ingest import jsonl
from builder.data.ingest.encoding import find_encoding, known_encoding, text_head
from builder.errors import DataError

MAX_CELL = 1_000_000
"""Characters of one cell; more is an unclosed quote, not a value."""
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
HEAD_ROWS = 200
NUL = "\x00"
Row = tuple[int, list[str]]
"""Number of the row's last line, and its cells."""


class Dialect(NamedTuple):
    """How to read a text table; `nul_bytes` of them are left out while reading."""

    encoding: str
    delimiter: str
    has_header: bool
    header_reason: str = ""
    nul_bytes: int = 0
    keys: tuple[str, ...] = ()
    """The names of JSON lines; empty for text tables."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the confirmation."""
        if self.keys:
            return (f"Read as {self.encoding.removesuffix('-sig')}, one JSON object a line.",)
        delimiter = DELIMITERS.get(self.delimiter, self.delimiter)
        header = "The first row gives the names" if self.has_header else "There is no header row"
        found = [
            f"Read as {self.encoding.removesuffix('-sig')}, values separated by {delimiter}.",
            f"{header} ({self.header_reason}).",
        ]
        if self.nul_bytes:
            found.append(f"{self.nul_bytes:,} NUL characters were left out of the text.")
        return tuple(found)


def detect(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
) -> Dialect:
    """The dialect of a text table, with what the caller knows taken as given; DataError when it is not one."""
    if delimiter and (len(delimiter) > 1 or delimiter in '"\r\n'):
        raise DataError(
            f"{delimiter[:20]!r} cannot separate values. Choose comma, semicolon, tab or bar."
        )
    head = text_head(path)
    chosen, nul_bytes = (
        find_encoding(path, head) if encoding is None else (known_encoding(encoding), 0)
    )
    if path.suffix.lower() in jsonl.SUFFIXES:
        keys = jsonl.keys_of(path, chosen)
        return Dialect(chosen, ",", True, "each line names its values", nul_bytes, keys)
    text = _head_text(path, chosen)
    mark = delimiter or _delimiter(text)
    rows = list(islice(_head_rows(text, mark), HEAD_ROWS))
    if any(len(line) > MAX_CELL for line in text[:1]):
        raise DataError(_csv_words(path.name, 1, "field larger"))
    if not rows:
        raise DataError(f"{path.name} starts with blank lines only. Delete them and try again.")
    names_first, reason = (
        (_has_header(rows)) if has_header is None else (has_header, "as you chose")
    )
    return Dialect(chosen, mark, names_first, reason, nul_bytes)


def rows(path: Path, dialect: Dialect, *, most: int = 20_000) -> Iterator[list[Row]]:
    """Rows with the number of their last line, up to `most` at once, blank lines left out.

    Raises DataError with the line when quotes are broken.
    """
    if dialect.keys:
        yield from jsonl.rows(path, dialect.encoding, dialect.keys, most)
        return
    csv.field_size_limit(MAX_CELL)
    with path.open(encoding=dialect.encoding, newline="", errors="strict") as file:
        lines: Iterable[str] = file
        if dialect.nul_bytes:
            lines = (line.replace(NUL, "") for line in file)
        reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
        batch: list[Row] = []
        while True:
            try:
                # one comprehension, not a loop: a million rows pass here
                batch = [(reader.line_num, cells) for cells in islice(reader, most)]
            except UnicodeError as error:
                raise DataError(
                    f"{path.name} is not {dialect.encoding} text somewhere after line {reader.line_num:,}. "
                    "Save it as UTF-8 and try again."
                ) from error
            except csv.Error as error:
                started = _last_good_line(path, dialect) + 1
                raise DataError(_csv_words(path.name, started, str(error))) from error
            if not batch:
                return
            kept = [row for row in batch if len(row[1]) > 1 or (row[1] and row[1][0].strip())]
            if kept:
                yield kept


def _last_good_line(path: Path, dialect: Dialect) -> int:
    """The last line of the last row that could be read: the broken row starts on the next one."""
    last = 0
    with (
        path.open(encoding=dialect.encoding, newline="", errors="replace") as file,
        contextlib.suppress(csv.Error),
    ):
        reader = csv.reader(
            (line.replace(NUL, "") for line in file), delimiter=dialect.delimiter, strict=True
        )
        for _ in reader:
            last = reader.line_num
    return last


def _csv_words(name: str, line: int, error: str) -> str:
    if "field larger" in error or "unexpected end" in error:
        return (
            f'{name}, line {line:,}: a cell does not end within {MAX_CELL:,} characters; a closing quote (") is '
            "probably missing. Correct the line and try again."
        )
    return (
        f"{name}, line {line:,}: a quoted value is followed by more text without a delimiter. "
        'Correct the quotes (") of that line and try again.'
    )


def _head_text(path: Path, encoding: str) -> list[str]:
    lines: list[str] = []
    try:
        with path.open(encoding=encoding, newline="") as file:
            while len(lines) < HEAD_ROWS and (line := file.readline(MAX_CELL + 1)):
                lines.append(line.replace(NUL, ""))
    except UnicodeError as error:
        raise DataError(
            f"{path.name} is not {encoding} text. Save it as UTF-8 and try again."
        ) from error
    return lines


def _head_rows(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if cells and (len(cells) > 1 or cells[0].strip()):
                yield cells
    except csv.Error:
        return  # told with its line when the file is read in full


def _delimiter(lines: list[str]) -> str:
    """The mark that gives the most rows as many cells as the first row has; of equals, the one with more cells."""
    best, best_score = ",", (0.0, 1)
    for mark in DELIMITERS:
        widths = [len(cells) for cells in _head_rows(lines, mark)]
        if not widths:
            continue
        usual, times = Counter(widths).most_common(1)[0]
        if usual < 2:
            continue
        agreement = times / len(widths) + (0.5 if widths[0] == usual else 0.0)
        score = (round(agreement, 2), usual)
        if score > best_score:
            best, best_score = mark, score
    return best


def regularity(lines: list[str]) -> float:
    """The share of lines with as many cells as most of them have, at least two, by the best delimiter."""
    best = 0.0
    for mark in DELIMITERS:
        widths = [len(cells) for cells in _head_rows(lines, mark)]
        several = Counter(width for width in widths if width > 1)
        if several:
            best = max(best, several.most_common(1)[0][1] / len(widths))
    return best


def _has_header(rows: list[list[str]]) -> tuple[bool, str]:
    first, rest = [cell.strip() for cell in rows[0]], rows[1:]
    if not rest:
        return True, "it is the only row"
    numeric = [_is_numeric(cell) for cell in first]
    if any(numeric) and not all(numeric):
        beside = sum(
            _is_numeric(row[i])
            for row in rest[:50]
            for i, n in enumerate(numeric)
            if n and i < len(row)
        )
        if beside:
            return False, "its values look like those of the other rows"
    if all(numeric):
        return False, "its values are numbers, like those of the other rows"
    filled = [cell for cell in first if cell]
    if len(set(filled)) < len(filled):
        return True, "it differs from the other rows" if _differs(
            first, rest
        ) else "nothing speaks against it"
    if not _differs(first, rest) and _repeats(first, rest):
        return False, "its values occur again below"
    return True, "it differs from the other rows"


def _differs(first: list[str], rest: list[list[str]]) -> bool:
    """True if some column has numbers below a first cell that is none."""
    for place, cell in enumerate(first):
        below = [row[place].strip() for row in rest if place < len(row) and row[place].strip()]
        if below and not _is_numeric(cell) and sum(map(_is_numeric, below)) > len(below) / 2:
            return True
    return False


def _repeats(first: list[str], rest: list[list[str]]) -> bool:
    return any(
        cell and any(place < len(row) and row[place].strip() == cell for row in rest)
        for place, cell in enumerate(first)
    )


def _is_numeric(cell: str) -> bool:
    text = cell.strip().replace(",", ".", 1).removesuffix("%")
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text and text.lower().lstrip("+-") not in ("nan", "inf", "infinity")
