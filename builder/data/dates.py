"""Dates as people write them, each beside the same day in ISO 8601, made by rule; no torch."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from builder.data.raw import Raw
from builder.data.shapes import Draws
from builder.data.texts import paired

SAMPLES = 4000
FIRST, LAST = date(1900, 1, 1), date(2099, 12, 31)
SHORT_FROM, SHORT_TO = 1950, 2049
"""Years that are also written with two digits."""
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@cache
def dates(title: str) -> Raw:
    """Texts `from` and `to`; no text comes twice, and each way of writing tells the day without guessing."""
    draws = Draws(17)
    found: dict[str, str] = {}
    while len(found) < SAMPLES:
        day = FIRST + timedelta(days=draws.between(0, (LAST - FIRST).days))
        write = MANNERS[draws.between(0, len(MANNERS) - 1)]
        text = _cased(write(day), draws.between(0, 9))
        found.setdefault(text, day.isoformat())
    return paired(title, list(found), list(found.values()))


def _cased(text: str, draw: int) -> str:
    return {0: text.lower, 1: text.upper}.get(draw, lambda: text)()


def _month(day: date) -> str:
    return MONTHS[day.month - 1]


def _weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _year(day: date) -> str:
    """Two digits after an apostrophe where the century is clear."""
    return f"'{day.year % 100:02}" if SHORT_FROM <= day.year <= SHORT_TO else str(day.year)


MANNERS: tuple[Callable[[date], str], ...] = (
    lambda day: f"{day.day} {_month(day)} {day.year}",
    lambda day: f"{_month(day)} {day.day}, {day.year}",
    lambda day: f"{_month(day)[:3]} {day.day} {day.year}",
    lambda day: f"{day.day:02}-{_month(day)[:3]}-{day.year}",
    lambda day: f"the {_ordinal(day.day)} of {_month(day)}, {day.year}",
    lambda day: f"{_month(day)} {_ordinal(day.day)} {_year(day)}",
    lambda day: f"{_weekday(day)}, {day.day} {_month(day)} {day.year}",
    lambda day: f"{_weekday(day)[:3]} {_month(day)[:3]} {day.day} {day.year}",
    lambda day: f"{day.day}.{day.month}.{day.year}",
    lambda day: f"{day.month}/{day.day}/{day.year}",
    lambda day: f"{day.day}. {ROMAN[day.month - 1]}. {day.year}",
    lambda day: f"{day.year} {_month(day)} {day.day}",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day.day} {_month(day)[:3]} {_year(day)}",
)
"""Points stand between day and month, strokes between month and day."""
