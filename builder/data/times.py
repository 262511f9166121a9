"""How far apart the rows of a time series are, and what that is called; no torch."""

from typing import NamedTuple

import numpy as np

from builder.data.raw import Array, Frequency
from builder.data.read import grid_places

DAY = 86_400.0
UNITS = ((7 * DAY, "week"), (DAY, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second"))
MONTHS = {1: "month", 3: "quarter", 6: "half year", 12: "year"}
SEASONS = {"week": 52, "day": 7, "hour": 24, "minute": 60, "month": 12, "quarter": 4}
"""Steps after which a series of such a frequency is expected to repeat itself."""
MOST_GAPS = 0.5
"""More missing steps than this share, and the times are not regular."""
LONGEST_SEASON = 400
REPEATS = 0.3
"""From this autocorrelation on a series is said to repeat itself."""


class Pace(NamedTuple):
    """The frequency of a time column, and how many of its steps have no row."""

    frequency: Frequency
    gaps: int


def pace(times: Array, *, dated: bool) -> Pace:
    """The frequency under which the times, strictly rising, leave the fewest gaps.

    times: days since 1970 where `dated`, else numbers. `row` where more than half of all steps would be gaps.
    """
    found = []
    for frequency in _candidates(times, dated=dated):
        places = grid_places(times, frequency.unit, frequency.every)
        steps = np.diff(places)
        if len(steps) and (steps > 0).all():
            found.append(Pace(frequency, int(places[-1] - places[0] + 1 - len(times))))
    best = min(found, key=lambda one: one.gaps, default=Pace(Frequency(), 0))
    return best if best.gaps <= MOST_GAPS * (len(times) + best.gaps) else Pace(Frequency(), 0)


def _candidates(times: Array, *, dated: bool) -> list[Frequency]:
    usual = float(np.median(np.diff(times)))
    if not dated:
        return [Frequency(unit="number", every=usual)]
    found = [Frequency(unit="second", every=max(1.0, round(usual * DAY)))]
    months = round(usual / 30.44)
    if 1 <= months <= 12 and abs(usual - 30.44 * months) < 3:
        found.insert(0, Frequency(unit="month", every=months))
    is_daily = found[-1].every == DAY and (times == np.floor(times)).all()
    if is_daily and np.is_busday(times.astype("datetime64[D]")).all():
        found.insert(0, Frequency(unit="weekday"))
    return found


def step_word(frequency: Frequency) -> tuple[str, int]:
    """The unit of one step, in singular, and how many of it: (`hour`, 6)."""
    if frequency.unit == "month":
        months = int(frequency.every)
        return (MONTHS[months], 1) if months in MONTHS else ("month", months)
    if frequency.unit == "second":
        for seconds, word in UNITS:
            if frequency.every % seconds == 0:
                return word, int(frequency.every // seconds)
    return ("working day" if frequency.unit == "weekday" else "row"), 1


def every_words(frequency: Frequency) -> str:
    """`a value every 6 hours`, `a value every month`, `rows in order`."""
    if frequency.unit == "row":
        return "rows in order"
    if frequency.unit == "number":
        return f"a value every {frequency.every:g}"
    word, count = step_word(frequency)
    return f"a value every {word}" if count == 1 else f"a value every {count} {word}s"


def moment(value: float, *, dated: bool, frequency: Frequency) -> str:
    """One time as people write it: `1958-03-29`, `2024-01-01 06:00`, `1700`."""
    if not dated:
        return f"{value:g}"
    text = str(np.datetime64(round(value * DAY), "s")).replace("T", " ")
    if frequency.unit == "month" and frequency.every % 12 == 0:
        return text[:4]
    return text[:10] if text.endswith("00:00:00") else text[:16]


def season(values: Array, frequency: Frequency) -> int:
    """Steps after which the series repeats itself; 1 where it does not.

    values: float64 (T, series); only the first 65 % are looked at, so that nothing of a later split decides. The lag
    with the highest peak of the autocorrelation, or the usual one for the frequency where it is nearly as high.
    """
    known = values[: max(1, int(0.65 * len(values)))]
    rises = np.diff(known, axis=0)
    curves = [_autocorrelation(column) for column in (*known.T, *rises.T)]
    best, height = 1, REPEATS
    for curve in curves:
        for lag in range(2, len(curve) - 1):
            if curve[lag] > height and _is_peak(curve, lag):
                best, height = lag, float(curve[lag])
    word, count = step_word(frequency)
    usual = SEASONS.get(word, 0) // count if word in SEASONS else 0
    if usual > 1 and any(_is_peak(c, usual) and c[usual] > 0.8 * height for c in curves):
        return usual
    return best


def _is_peak(curve: Array, lag: int) -> bool:
    return lag + 1 < len(curve) and bool(curve[lag] > max(curve[lag - 1], curve[lag + 1]))


def _autocorrelation(column: Array) -> Array:
    known = column[~np.isnan(column)]
    longest = min(LONGEST_SEASON, len(column) // 3)
    if longest < 3 or not len(known):
        return np.zeros(0)
    centred = np.where(np.isnan(column), 0.0, column - known.mean())  # a gap counts as the mean
    power = float((centred**2).sum())
    if power <= 0:
        return np.zeros(0)
    size = 1 << (2 * len(column) - 1).bit_length()
    spectrum = np.fft.rfft(centred, size)
    whole = np.fft.irfft(spectrum * spectrum.conj(), size)[: longest + 1]
    found: Array = whole / power
    return found
