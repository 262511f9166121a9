"""One plain text as it is: the corpus of a language model."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from builder.data.ingest import dialect as dialects
from builder.data.ingest.encoding import TEXT_FILE, find_encoding, known_encoding, text_head
from builder.data.ingest.found import Progress
from builder.data.ingest.texts import Laid, lay_out
from builder.data.read import clean_text
from builder.data.texts import PART, parts_of
from builder.errors import DataError

SUFFIXES = frozenset((".txt", ".text", ".md"))
MAX_BYTES = 100_000_000
CHUNK = 1 << 20
FEWEST = 100
"""Characters of a text that can be learned at all."""
REGULAR = 0.9
"""A table has the same number of cells in more than this share of its first lines."""


class Corpus(NamedTuple):
    """What was written, and sentences about how it was read."""

    laid: Laid
    encoding: str
    notes: tuple[str, ...]


def is_prose(path: Path, head: bytes) -> bool:
    """True for a text file that is no table: its lines have no cells in common."""
    if path.suffix.lower() not in SUFFIXES:
        return False
    encoding, _ = find_encoding(path, text_head(path, TEXT_FILE), TEXT_FILE)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = [file.readline(CHUNK) for _ in range(dialects.HEAD_ROWS)]
    return dialects.regularity([line for line in lines if line.strip()]) <= REGULAR


def read(path: Path, staging: Path, *, encoding: str | None, progress: Progress) -> Corpus:
    """Writes the text in parts that give it back when they are joined; DataError when it is none or too long."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise DataError(
            f"{path.name} is larger than {MAX_BYTES // 10**6} MB, more than is learned from one text. Use a part of it."
        )
    head = text_head(path, TEXT_FILE)
    chosen, nul = (
        find_encoding(path, head, TEXT_FILE) if encoding is None else (known_encoding(encoding), 0)
    )
    notes = [f"Read as {chosen.removesuffix('-sig')}, one text without labels."]
    if nul:
        notes.append(f"{nul:,} NUL characters were left out of the text.")
    count = sum(1 for _ in _parts(path, chosen, progress))
    laid = lay_out(path.name, _parts(path, chosen, progress), PART, count, staging)
    return Corpus(laid, chosen, tuple(notes))


def _parts(path: Path, encoding: str, progress: Progress) -> Iterator[bytes]:
    """The text in parts of at most PART bytes."""
    rest, seen, size = "", 0, max(1, path.stat().st_size)
    total = 0
    try:
        with path.open(encoding=encoding, newline=None, errors="strict") as file:
            while block := file.read(CHUNK):
                total += len(block)
                seen += len(block)
                progress(min(0.99, seen / size), f"{seen:,} characters read")
                *whole, rest = parts_of(rest + clean_text(block)) or [""]
                yield from (part.encode() for part in whole)
    except UnicodeError as error:
        raise DataError(
            f"{path.name} is not {encoding} text somewhere after character {seen:,}. Save it as UTF-8 and try again."
        ) from error
    if total < FEWEST:
        raise DataError(
            f"{path.name} has only {total:,} characters; a language model needs at least {FEWEST:,}, and learns "
            "something from 100,000 on."
        )
    if rest:
        yield rest.encode()
