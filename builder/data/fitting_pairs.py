"""How texts are prepared that are to become other texts: both cut, and what is wanted numbered for itself."""

from typing import Any

import numpy as np
from torch import nn

from builder.data import plan
from builder.data.built import Built
from builder.data.fitting_text import TextPreparation, most_frequent, number_pieces, spelling
from builder.data.raw import SO_FAR, TEXT, TEXT_LENGTH, Array, Indices, Raw, RawSchema
from builder.data.read import BEGIN, END, begun, clean_text, padded, text_codes
from builder.data.steps import TextLength, Tokens
from builder.data.texts import texts_at
from builder.spec.data import PrepareStep


class PairPreparation(TextPreparation):
    """Texts as `TextPreparation` prepares them, how long each is, and what has been written so far."""

    def build(
        self, schema: RawSchema, steps: tuple[PrepareStep, ...], shape: tuple[int, ...]
    ) -> Built:
        """`Tokens` twice, int64 (B, length) and (B, target length), and `TextLength`, int64 (B,)."""
        length, vocabulary, target_length, target_vocabulary = shape
        built = super().build(schema, steps, (length, vocabulary))
        target = {"by": built.settings["by"], "length": target_length}
        return built._replace(
            settings={**built.settings, "target": target},
            also=(
                (SO_FAR, Tokens(target_vocabulary), (SO_FAR,)),
                (TEXT_LENGTH, TextLength(), (TEXT,)),
            ),
        )


def fit_target(module: nn.Module, raw: Raw, indices: Indices, by: str) -> list[str]:
    """Numbers begin, end and the most frequent pieces of the wanted texts from 2 on; what each is written as."""
    assert isinstance(module, Tokens)
    assert raw.target is not None
    texts = list(texts_at(raw.target, indices.tolist()))
    ranked = most_frequent(texts, by, module.vocabulary - plan.SPECIAL - len((BEGIN, END)))
    number_pieces(module, [BEGIN, END, *ranked])
    return ["", "", *spelling(ranked, by, texts)]


def wanted_codes(rows: Array, settings: dict[str, Any]) -> Array:
    """Rows of bytes as codes of what is to be written: int64 (N, length), the end behind each, then -1."""
    texts = texts_at(rows, range(len(rows)))
    codes = [text_codes(clean_text(text), settings["by"]) for text in texts]
    ended = [np.append(one, END) for one in codes]
    return padded(ended, settings["length"])


def fed_codes(rows: Array, settings: dict[str, Any]) -> Array:
    """The same moved on by one behind the begin: what is written before each place, int64 (N, length)."""
    wanted = wanted_codes(rows, settings)
    fed = begun(len(rows), settings)
    before = wanted[:, :-1]
    fed[:, 1:] = np.where(before == END, -1, before)
    return fed
