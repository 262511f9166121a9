"""Column and class names made safe to show, chart and look up: unique, short, without invisible characters."""

import unicodedata
from collections.abc import Sequence

MAX_NAME = 100


def clean(text: str, *, most: int = MAX_NAME) -> str:
    """The text in composed form without control and direction characters, spaces at the ends and over-length."""
    visible = "".join(
        " " if char in "\t\r\n" else char
        for char in unicodedata.normalize("NFC", text)
        if char in "\t\r\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
    )
    short = " ".join(visible.split())
    return short if len(short) <= most else f"{short[: most - 1]}…"


def unique(written: Sequence[str]) -> list[str]:
    """A name for every column: cleaned, `column 3` where blank, `age 2` where `age` is taken."""
    names: list[str] = []
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for place, text in enumerate(written, start=1):
        stem = clean(text) or f"column {place}"
        name = stem
        while name.casefold() in taken:
            counts[stem] = counts.get(stem, 1) + 1
            name = f"{stem[: MAX_NAME - 8]} {counts[stem]}"
        taken.add(name.casefold())
        names.append(name)
    return names
