"""Texts made by rule, in which only the order of the words tells the answer; no torch."""

import random
from functools import cache

from builder.data.raw import Raw
from builder.data.texts import labelled

SAMPLES = 2000
EVENTS = ("rain", "snow", "wind", "sun")
ASIDES = (
    "we walked along the river",
    "a boat lay still in the harbour",
    "somebody sang in the garden",
    "a dog barked at nothing",
    "the bells rang for a while",
    "nobody said a word",
    "the children played cards",
    "bread was baked",
    "the mail was late",
    "a letter lay on the table",
    "the old clock stopped",
    "two strangers asked the way",
)


@cache
def weather_diary() -> Raw:
    """Days with two kinds of weather among other things; the class is the one that came first.

    Both orders of each pair come equally often and the rest is drawn the same way at every place, so no word and no
    pair of neighbouring words tells anything.
    """
    draw = random.Random(7).random  # noqa: S311 - the one method whose values every Python shares
    texts: dict[str, int] = {}
    while len(texts) < SAMPLES:
        number = len(texts)
        first = number % len(EVENTS)
        second = (first + 1 + number // len(EVENTS) % (len(EVENTS) - 1)) % len(EVENTS)
        asides = sorted(ASIDES, key=lambda _: draw())
        before, between, after = (1 + int(draw() * 2) for _ in range(3))
        parts = [
            *asides[:before],
            f"there was {EVENTS[first]}",
            *asides[before : before + between],
            f"there was {EVENTS[second]}",
            *asides[before + between : before + between + after],
        ]
        texts.setdefault(", ".join(parts) + ".", first)
    classes = tuple(f"{event} first" for event in EVENTS)
    return labelled("Weather diary", list(texts), list(texts.values()), classes, target="first")
