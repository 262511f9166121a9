"""How texts are prepared: cut into pieces, and the most frequent pieces of the training texts numbered."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from builder.data import plan
from builder.data.built import Built
from builder.data.raw import PIECES, TEXT, Array, Indices, Raw, RawSchema
from builder.data.read import clean_text, padded, text_codes, words_of
from builder.data.steps import Tokens
from builder.data.texts import texts_at
from builder.spec.data import PrepareStep

AT_ONCE = 1024
"""Parts of a corpus that are joined at a time."""


class TextPreparation:
    """Texts: codes of pieces, then tokens."""

    def build(
        self, schema: RawSchema, steps: tuple[PrepareStep, ...], shape: tuple[int, ...]
    ) -> Built:
        """`Tokens`, which gives int64 (B, length)."""
        length, vocabulary = shape
        column = schema.columns[0].name if schema.columns else TEXT
        settings = {
            "kind": "text",
            "column": column,
            "by": _by(steps),
            "length": length,
            "columns": [],
            "delimiter": schema.delimiter,
            "encoding": schema.encoding,
        }
        return Built(TEXT, Tokens(vocabulary), (TEXT,), settings)

    def fit(
        self, module: nn.Module, raw: Raw, indices: Indices, steps: tuple[PrepareStep, ...]
    ) -> dict[str, Any]:
        """Numbers the most frequent pieces of these texts from 2 on; those of a corpus are kept as text too."""
        assert isinstance(module, Tokens)
        by, room = _by(steps), module.vocabulary - plan.SPECIAL
        ranked = most_frequent(joined(raw, indices), by, room)
        number_pieces(module, ranked)
        if not raw.schema.is_corpus:
            return {}
        return {"spelling": spelling(ranked, by, joined(raw, indices))}


def as_read(rows: dict[str, Array], settings: dict[str, Any]) -> dict[str, Array]:
    """Rows of bytes as codes int64 (N, length), the way a new text is read."""
    texts = texts_at(rows[TEXT], range(len(rows[TEXT])))
    codes = [text_codes(text, settings["by"]) for text in texts]
    return {TEXT: padded(codes, settings["length"])}


def _by(steps: tuple[PrepareStep, ...]) -> str:
    return next(step.kind for step in steps if step.kind in PIECES)


def most_frequent(texts: Iterable[str], by: str, room: int) -> list[int]:
    """The codes of at most `room` pieces of these texts, the most frequent first; all 256 bytes are known."""
    counts: Counter[int] = Counter(range(256)) if by == "bytes" else Counter()
    for text in texts:
        found, times = np.unique(text_codes(text, by), return_counts=True)
        counts.update(dict(zip(found.tolist(), times.tolist(), strict=True)))
    return sorted(counts, key=lambda code: (-counts[code], code))[:room]


def number_pieces(module: Tokens, ranked: list[int]) -> None:
    """Gives the pieces the tokens 2, 3, … in this order."""
    order = np.argsort(np.array(ranked, dtype=np.int64), kind="stable")
    known = torch.full_like(module.known, torch.iinfo(torch.int64).max)
    numbers = torch.ones_like(module.numbers)
    known[: len(ranked)] = torch.from_numpy(np.array(ranked, dtype=np.int64)[order])
    numbers[: len(ranked)] = torch.from_numpy(order.astype(np.int64) + plan.SPECIAL)
    module.known.copy_(known)
    module.numbers.copy_(numbers)


def joined(raw: Raw, indices: Indices) -> Iterator[str]:
    """Each text, or the parts of a corpus in long pieces."""
    rows = raw.fields[TEXT]
    if not raw.schema.is_corpus:
        yield from texts_at(rows, indices.tolist())
        return
    for start in range(0, len(indices), AT_ONCE):
        yield "".join(texts_at(rows, indices[start : start + AT_ONCE].tolist()))


def stream(raw: Raw, indices: Indices, by: str) -> Array:
    """The codes of these parts of a corpus, one after the other: int64 (tokens,)."""
    codes = [text_codes(clean_text(text), by) for text in joined(raw, indices)]
    return np.concatenate([*codes, np.empty(0, np.int64)])


def spelling(ranked: list[int], by: str, texts: Iterable[str]) -> list[str]:
    """What each of these pieces is written as."""
    if by != "words":
        return [chr(code) for code in ranked]
    words = {word for text in texts for word in words_of(text)}
    by_code = {int(text_codes(word, by)[0]): word for word in words}
    return [by_code[code] for code in ranked]
