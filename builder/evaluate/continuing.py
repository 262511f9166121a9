"""A trained language model goes on with a text."""

from typing import Any, NamedTuple

from builder.data.raw import TEXT
from builder.data.read import spelled
from builder.errors import DataError
from builder.train.trained import Trained
from builder.train.writing import written

MOST = 2000
"""Tokens written at once."""


class Manner(NamedTuple):
    """How the next token is chosen; see `train/writing.py`."""

    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 0.95
    seed: int = 0


def go_on(trained: Trained, text: Any, count: int = 200, manner: Manner = Manner()) -> str:  # noqa: B008
    """What the network writes behind the text; DataError when there is no text or a setting is out of bounds."""
    if not 1 <= count <= MOST:
        raise DataError(f"Between 1 and {MOST:,} tokens can be written at once, not {count:,}.")
    if not (0 <= manner.temperature <= 10 and manner.top_k >= 0 and 0 < manner.top_p <= 1):
        raise DataError(
            "The temperature goes from 0 to 10, top-k from 0 on, and top-p from above 0 to 1."
        )
    tokens = tokens_of(trained, text)
    settings = trained.preparation.settings
    found = written(
        trained.network,
        tokens,
        count,
        length=settings["length"],
        allowed=2 + len(settings["spelling"]),
        **manner._asdict(),
    )
    return spelled(list(found), settings, behind=tokens)


def tokens_of(trained: Trained, text: Any) -> list[int]:
    """The last tokens of a beginning, as many as the network looks at."""
    preparation = trained.preparation
    codes = preparation.last_codes(text)
    tokens: list[int] = preparation.prepare({TEXT: codes})[TEXT][0].tolist()
    return tokens
