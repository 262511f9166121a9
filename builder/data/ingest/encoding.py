"""Whether a file is text at all, and in which encoding."""

import codecs
from pathlib import Path
from typing import NamedTuple

from builder.errors import DataError

CHUNK = 1 << 20
HEAD = 4096
NOT_TEXT = {
    b"PK\x03\x04": "a ZIP archive or an Excel file (xlsx)",
    b"%PDF": "a PDF document",
    b"MZ": "a Windows program",
    b"\x7fELF": "a program",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file (xls, doc)",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
    b"SQLite format": "an SQLite database",
    b"{\\rtf": "an RTF document",
}


class Wanted(NamedTuple):
    """What kind of text is asked for, what it is made of, and how to get there."""

    noun: str
    unit: str
    advice: str


TABLE_FILE = Wanted("a CSV file", "row", "Save the table as CSV and try again.")
TEXT_FILE = Wanted("a text file", "letter", "Save it as plain text and try again.")


def text_head(path: Path, wanted: Wanted = TABLE_FILE) -> bytes:
    """The first bytes of a file; DataError when it is empty or of a known kind that is not the text wanted."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.") from error
    if not head.strip():
        raise DataError(
            f"{path.name} is empty: there is not a single {wanted.unit} in it."
            if len(head) < HEAD
            else f"{path.name} starts with blank lines only. Delete them and try again."
        )
    for magic, words in NOT_TEXT.items():
        if head.startswith(magic):
            raise DataError(f"{path.name} is not {wanted.noun}: it is {words}. {wanted.advice}")
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")[:200].lower()
    if wanted is TABLE_FILE and start.startswith(
        (b"<!doctype", b"<html", b"<?xml", b"<svg", b"<table")
    ):
        raise DataError(
            f"{path.name} is not {wanted.noun}: it is a web page or XML. {wanted.advice}"
        )
    return head


def find_encoding(path: Path, head: bytes, wanted: Wanted = TABLE_FILE) -> tuple[str, int]:
    """The encoding of a text file, read to its end, and how many NUL characters it holds; DataError for binary data."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32", 0
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", 0
    nul = head.count(0)
    if nul > len(head) * 0.3:
        odd = head[1::2].count(0)
        return ("utf-16-le" if odd > nul / 2 else "utf-16-be"), 0
    control = sum(head.count(code) for code in (*range(1, 9), *range(14, 27), *range(28, 32)))
    if control + nul > max(8, len(head) * 0.05):
        raise DataError(f"{path.name} is not {wanted.noun}: it holds binary data. {wanted.advice}")
    decoder = codecs.getincrementaldecoder("utf-8-sig")("strict")
    nul_bytes = 0
    is_utf8 = True
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            nul_bytes += block.count(0)
            if is_utf8:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    is_utf8 = False
    if is_utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            is_utf8 = False
    if is_utf8:
        return ("utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"), nul_bytes
    if head.startswith(codecs.BOM_UTF8):
        raise DataError(
            f"{path.name} says it is UTF-8 text but is not, so letters would be lost. Save it as UTF-8 and try again."
        )
    return ("cp1252" if _is_cp1252(path) else "latin-1"), nul_bytes


def _is_cp1252(path: Path) -> bool:
    unassigned = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            if block.translate(None, unassigned) != block:
                return False
    return True


def known_encoding(encoding: str) -> str:
    """The standard name of an encoding a person chose; DataError when there is none."""
    try:
        "".encode(encoding)  # some are no encodings of text
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        raise DataError(
            f"There is no text encoding {encoding[:40]!r}. Use utf-8, utf-16 or cp1252."
        ) from error
