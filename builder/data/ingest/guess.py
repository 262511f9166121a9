"""Which type a column has, judged by its first cells, and how its values are written."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from builder.data.raw import NumberStyle
from builder.data.read import MISSING_WORDS, date_cells, number_cells
from builder.spec.data import ColumnType

TOLERATED = 0.05
"""A column keeps its type while at most this share of its cells does not fit."""
STYLES: tuple[NumberStyle, ...] = (
    NumberStyle(),
    NumberStyle(thousands=","),
    NumberStyle(decimal=","),
    NumberStyle(decimal=",", thousands="."),
    NumberStyle(thousands=" "),
    NumberStyle(decimal=",", thousands=" "),
    NumberStyle(thousands="'"),
    NumberStyle(percent=True),
    NumberStyle(percent=True, decimal=","),
)
DATES = {
    "iso": "year-month-day",
    "%d.%m.%Y": "day.month.year",
    "%d/%m/%Y": "day/month/year",
    "%m/%d/%Y": "month/day/year",
    "%Y/%m/%d": "year/month/day",
    "%d.%m.%Y %H:%M": "day.month.year hour:minute",
    "%d/%m/%Y %H:%M": "day/month/year hour:minute",
    "%m/%d/%Y %H:%M": "month/day/year hour:minute",
}
BOOLEANS = (("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("nein", "ja"))
_MEASURED_NAME = re.compile(
    r"(^|[ _-])(year|month|week|day|hour|minute|second|time|date|step|age|t|x)s?$", re.IGNORECASE
)
"""What may well count up and still tells something."""
_ID_NAME = re.compile(r"(^|[ _-])(id|uuid|guid|index|idx|key|nr|no|number|row)$", re.IGNORECASE)
_LEADING_ZERO = re.compile(r"0\d+")
_DATE_LIKE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")


class Guess(NamedTuple):
    """A type with its reason, and how the values are written."""

    type: ColumnType
    reason: str
    style: NumberStyle = NumberStyle()
    date_format: str = ""
    words: tuple[str, str] | None = None
    """The two words of a yes/no column, the one for 0 first."""


def guess(name: str, cells: Sequence[str], *, delimiter: str, place: int) -> Guess:
    """The type of a column from its first cells."""
    present = [text for cell in cells if (text := cell.strip()) not in MISSING_WORDS]
    if not present:
        return Guess("number", "no value in the first rows")
    return (
        _as_boolean(present)
        or _as_code(present)
        or _as_number(name, present, delimiter, place)
        or _as_date(present)
        or _as_words(name, [cell.strip() for cell in cells if cell.strip()])
    )


def declared(wanted: ColumnType, cells: Sequence[str], *, delimiter: str) -> Guess:
    """The type a person chose, and how its values are written."""
    present = [text for cell in cells if (text := cell.strip()) not in MISSING_WORDS]
    reason = "as you chose"
    if wanted == "number":
        style, _ = _best_style(present, delimiter)
        return Guess(wanted, reason, style=style)
    if wanted == "date":
        found = _as_date(present)
        return Guess(wanted, reason, date_format=found.date_format if found else "iso")
    if wanted == "boolean":
        found = _as_boolean(present)
        pair = sorted(dict.fromkeys(text.casefold() for text in present))[:2]
        words = (pair[0], pair[1]) if len(pair) == 2 else ("0", "1")
        return Guess(wanted, reason, words=found.words if found else words)
    return Guess(wanted, reason)


def _as_boolean(present: list[str]) -> Guess | None:
    distinct = {text.casefold(): text for text in present[:1] + present[1:]}
    for no, yes in BOOLEANS:
        if set(distinct) == {no, yes}:
            return Guess(
                "boolean",
                f"only {distinct[no]} and {distinct[yes]}",
                words=(distinct[no], distinct[yes]),
            )
    return None


def _as_code(present: list[str]) -> Guess | None:
    if all(text.isdigit() for text in present) and any(map(_LEADING_ZERO.fullmatch, present)):
        distinct = len(set(present))
        if distinct == len(present) and distinct > 20:
            return Guess("id", "numbers with leading zeros, all different")
        return Guess("category", "numbers with leading zeros are names, not quantities")
    return None


def _best_style(present: list[str], delimiter: str) -> tuple[NumberStyle, int]:
    """The style under which the fewest cells do not fit, and how many do not."""
    styles = STYLES
    if delimiter in ";\t":  # 1,234 in such a file is one and a bit
        styles = tuple(
            sorted(STYLES, key=lambda style: style.decimal != "," or bool(style.thousands))
        )
        styles = (STYLES[0], *(style for style in styles if style != STYLES[0]))
    best, fewest = styles[0], len(present) + 1
    for style in styles:
        _, bad = number_cells(present, style.model_dump(), ())
        if len(bad) < fewest:
            best, fewest = style, len(bad)
        if not bad:
            break
    return best, fewest


def _as_number(name: str, present: list[str], delimiter: str, place: int) -> Guess | None:
    style, bad = _best_style(present, delimiter)
    if bad > TOLERATED * len(present):
        return None
    if style == STYLES[0] and bad == 0:
        reason = _id_reason(name, present, place)
        if reason:
            return Guess("id", reason)
    return Guess("number", _number_reason(style, bad), style=style)


def _number_reason(style: NumberStyle, bad: int) -> str:
    words = "all values are numbers" if not bad else "nearly all values are numbers"
    extra = []
    if style.decimal == ",":
        extra.append("with decimal comma")
    if style.thousands:
        mark = {" ": "spaces", "'": "apostrophes", ",": "commas", ".": "points"}[style.thousands]
        extra.append(f"with {mark} between thousands")
    if style.percent:
        extra.append("in percent")
    return " ".join([words, *extra])


def _id_reason(name: str, present: list[str], place: int) -> str:
    if len(present) < 20 or not all(text.isdigit() and len(text) < 16 for text in present):
        return ""
    values = [int(text) for text in present]
    if len(set(values)) < len(values):
        return ""
    low, high = min(values), max(values)
    counts_up = values == list(range(low, low + len(values)))
    if counts_up and (place == 0 or _ID_NAME.search(name)) and low in (0, 1):
        return "it counts the rows"
    if _ID_NAME.search(name):
        return "its name says so and all values differ"
    if _MEASURED_NAME.search(name):
        return ""
    if counts_up:
        return f"it counts up by one from row to row, from {low:,} to {high:,}"
    if high - low + 1 == len(values):
        return f"each whole number from {low:,} to {high:,} occurs exactly once"
    return ""


def _as_date(present: list[str]) -> Guess | None:
    if sum(bool(_DATE_LIKE.match(text)) for text in present) < (1 - TOLERATED) * len(present):
        return None
    fitting = []
    for form, words in DATES.items():
        _, bad = date_cells(present, form, ())
        if len(bad) <= TOLERATED * len(present):
            fitting.append((len(bad), form, words))
    if not fitting:
        return None
    fitting.sort(key=lambda found: found[0])
    fewest, form, words = fitting[0]
    rivals = [other for bad, _, other in fitting[1:] if bad == fewest]
    reason = f"dates written {words}"
    if rivals:
        reason += f" (could also be {rivals[0]})"
    return Guess("date", reason, date_format=form)


def _as_words(name: str, present: list[str]) -> Guess:
    distinct = len(set(present))
    length = sum(map(len, present)) / len(present)
    spaced = sum(" " in text for text in present) > len(present) / 2
    if length > 60 or (spaced and length > 25 and distinct > 0.5 * len(present)):
        return Guess("text", "long texts, nearly all different")
    several = sum(text.count(" ") >= 2 for text in present) > len(present) / 2
    if several and len(present) >= 20 and distinct > 0.5 * len(present):
        return Guess("text", "several words each, nearly all different")
    if distinct == len(present) and distinct >= 20:
        return Guess("id", f"all {distinct:,} values looked at are different")
    return Guess("category", f"{distinct:,} different words")
