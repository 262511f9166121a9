"""Texts as arrays: rows of UTF-8 bytes with the counts of their pieces, and back again; no torch."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from builder.data.raw import LENGTHS, TEXT, Array, Raw, RawSchema
from builder.data.read import clean_text, words_of
from builder.spec.data import TargetSchema

MAX_BYTES = 16_384
"""A text of a labelled set is cut here."""
PART = 512
"""A corpus is kept in parts of at most so many bytes."""
REPEATED = 2
"""A word counts as one of the data's from so many occurrences on; others are unknown words."""


class Census:
    """Counts pieces while texts pass by: how many each text has, and how many different ones there are."""

    def __init__(self) -> None:
        self.words: Counter[str] = Counter()
        self.characters: set[str] = set()
        self.bytes: set[int] = set()

    def count(self, text: str) -> tuple[int, int, int]:
        """Words, characters and bytes of this text, which are counted in."""
        words = words_of(text)
        self.words.update(words)
        self.characters.update(text)
        raw = text.encode()
        self.bytes.update(raw)
        return len(words), len(text), len(raw)

    @property
    def distinct(self) -> tuple[int, int, int]:
        """Different words that occur at least twice, different characters, different bytes."""
        repeated = sum(count >= REPEATED for count in self.words.values())
        return repeated, len(self.characters), len(self.bytes)


def encoded(text: str, most: int = MAX_BYTES) -> bytes:
    """At most `most` bytes of the text in UTF-8, no character cut in two."""
    return text.encode()[:most].decode("utf-8", "ignore").encode()


def rows_of(texts: Sequence[bytes]) -> npt.NDArray[np.uint8]:
    """The texts as uint8 (N, longest), 0 behind the end of each."""
    longest = max((len(text) for text in texts), default=1)
    table = np.zeros((len(texts), max(1, longest)), dtype=np.uint8)
    for place, text in enumerate(texts):
        table[place, : len(text)] = np.frombuffer(text, np.uint8)
    return table


def text_at(rows: Array, place: int) -> str:
    """The text in one row of bytes."""
    return np.asarray(rows[place]).tobytes().rstrip(b"\0").decode("utf-8", "replace")


def texts_at(rows: Array, places: Iterable[int]) -> Iterator[str]:
    """The texts in some rows of bytes, in this order."""
    return (text_at(rows, place) for place in places)


def parts_of(text: str) -> list[str]:
    """A long text in parts of at most PART bytes that end behind a blank or a line where there is one."""
    parts = []
    while text:
        part = encoded(text[:PART], PART).decode()
        if len(part) < len(text):
            edge = max(part.rfind("\n"), part.rfind(" ")) + 1
            part = part[:edge] if edge > len(part) // 2 else part
        parts.append(part)
        text = text[len(part) :]
    return parts


def labelled(
    name: str,
    texts: Sequence[str],
    labels: Sequence[int],
    classes: tuple[str, ...],
    *,
    target: str = "label",
) -> Raw:
    """Texts with the codes of their classes, as data."""
    schema = TargetSchema(kind="classes", name=target, classes=classes)
    return _raw(name, texts, np.asarray(labels, dtype=np.int64), schema)


def paired(name: str, sources: Sequence[str], wanted: Sequence[str], *, target: str = "to") -> Raw:
    """Texts with the text that each is to become, as data."""
    raw = _raw(name, sources, None, TargetSchema(kind="text", name=target))
    kept = [encoded(clean_text(text)) for text in wanted]
    distinct, longest = wanted_facts(kept)
    schema = raw.schema.model_copy(update={"target_distinct": distinct, "target_longest": longest})
    return Raw(raw.fields, rows_of(kept), schema)


def wanted_facts(texts: Iterable[bytes]) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Different pieces of all texts, as `Census.distinct` counts them, and the most pieces one of them has."""
    census = Census()
    words, characters, raw = zip(*(census.count(text.decode()) for text in texts), strict=True)
    return census.distinct, (max(words), max(characters), max(raw))


def corpus(name: str, text: str) -> Raw:
    """One long text to learn the language of."""
    parts = parts_of(clean_text(text))
    return _raw(name, parts, None, TargetSchema(kind="tokens", name="next token"))


def _raw(name: str, texts: Sequence[str], target: Array | None, schema: TargetSchema) -> Raw:
    census = Census()
    cleaned = [clean_text(text) for text in texts]
    kept = [encoded(text) for text in cleaned]
    lengths = np.array([census.count(raw.decode()) for raw in kept], dtype=np.int32).reshape(-1, 3)
    fields: dict[str, Array] = {TEXT: rows_of(kept), LENGTHS: lengths}
    about = RawSchema(
        name=name,
        kind="text",
        samples=len(kept),
        target=schema,
        distinct=census.distinct,
    )
    return Raw(fields, target, about)
