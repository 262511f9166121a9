"""How numbers, sizes, times and the state of a run are written on every screen."""

import math
import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from builder.runs import words as run_vocabulary
from builder.runs.state import RunState
from builder.train.recipes.base import Metric
from builder.train.recipes.catalogue import all_recipes

RUN_ICONS: dict[str, str] = {
    "queued": "schedule",
    "starting": "hourglass_top",
    "running": "play_arrow",
    "pausing": "pause",
    "paused": "pause",
    "stopping": "stop",
    "finished": "check_circle",
    "stopped": "stop",
    "failed": "error",
    "interrupted": "power_off",
}
"""Material Symbol of each state of a run."""


def run_words(state: RunState) -> str:
    """The run chip: icon and the exact words, `:material/play_arrow: Training, epoch 3 of 10, 42 s left`."""
    return f":material/{RUN_ICONS[state.state]}: {plain(run_vocabulary.chip(state))}"


def count(number: int) -> str:
    """A count: 999 · 1,234 · 12.3 k · 4.6 M · 1.2 G."""
    if abs(number) < 10_000:
        return f"{number:,}"
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if abs(number) >= size * 0.99995:
            return f"{number / size:.1f} {unit}"
    raise AssertionError(number)


def share(value: float | None, samples: int | None = None) -> str:
    """A share as percent with one decimal, never finer than one of `samples` allows: 97.2 %."""
    if value is None or not math.isfinite(value):
        return "–"
    coarse = samples is not None and 0 < samples <= 100
    return f"{100 * value:.0f} %" if coarse else f"{100 * value:.1f} %"


def loss(value: float | None) -> str:
    """A loss with three significant digits: 0.231; below 0.001 as 3.1e-4."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    if abs(value) < 0.001 or abs(value) >= 1e6:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}"


@cache
def _metrics() -> dict[str, Metric]:
    return {
        known.kind: known
        for recipe in all_recipes()
        for known in (*recipe.metrics, *recipe.results)
    }


def metric(name: str | None, value: float | None) -> str:
    """A metric as people write it: accuracy 97.2 %, R² 0.48, mean absolute error 41.2."""
    if value is None or not math.isfinite(value):
        return "–"
    known = _metrics().get(name or "")
    if known is not None and known.as_share:
        return share(value)
    return f"{value:.2f}" if name == "r2" else number(value) if value >= 1000 else loss(value)


def number(value: float | None) -> str:
    """A quantity with four telling digits: 432,100 · 152.5 · 0.2314; thousands have commas."""
    if value is None or not math.isfinite(value) or abs(value) >= 1e9 or 0 < abs(value) < 0.001:
        return loss(value)
    if abs(value) < 1000:
        return f"{value:.4g}"
    digits = max(0, math.floor(math.log10(abs(value))) - 3)
    return f"{round(value / 10**digits) * 10**digits:,}"


def figure_beyond_loss(kind: str | None) -> str:
    """The metric itself where it tells what losses cannot, else nothing."""
    known = _metrics().get(kind or "")
    return known.kind if known is not None and known.beyond_loss else ""


def metric_name(name: str | None) -> str:
    """The short name of a metric for people: `f1_macro` is F1 (macro)."""
    known = _metrics().get(name or "")
    return known.name if known else (name or "").replace("_", " ")


def has_own_name(name: str | None) -> bool:
    """Whether a metric is known by a name of its own, such as AUROC: its figure says nothing without it."""
    known = _metrics().get(name or "")
    return bool(known and known.short)


def capital(text: str) -> str:
    """The text with a capital first letter; the rest stays as it is: MSE from noise, R²."""
    return text[:1].upper() + text[1:]


def better(name: str | None, value: float | None, than: float | None) -> bool:
    """Whether a figure beats another of the same metric; nothing beats by being absent."""
    if value is None:
        return False
    known = _metrics().get(name or "")
    return than is None or (known.improves(value, than) if known else value < than)


def duration(seconds: float | None) -> str:
    """42 s · 3 min 10 s · 1 h 05 min; below ten seconds one decimal, below one 120 ms."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return "–"
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes:02d} min"


def about_minutes(minutes: float) -> str:
    """A promise of time, rounded as people say it: about 30 s, about 2 min."""
    if minutes < 0.95:
        return f"about {max(5, 5 * round(minutes * 12))} s"
    return f"about {minutes:.0f} min"


def size(num_bytes: float) -> str:
    """Bytes in steps of 1000: 812 B · 104 kB · 3.2 MB."""
    value = float(num_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if abs(value) < 999.5:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 99.95 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def shape(sizes: Sequence[int]) -> str:
    """A shape as people read it: 32×14×14, 128 values, 1 value."""
    if not sizes:
        return "1 value"
    if len(sizes) == 1:
        return "1 value" if sizes[0] == 1 else f"{sizes[0]:,} values"
    return "×".join(str(length) for length in sizes)


def plural(number: int, noun: str, plural_noun: str = "") -> str:
    """`1 layer`, `2 layers`, `70,000 images`."""
    return f"{number:,} {noun if number == 1 else plural_noun or noun + 's'}"


def when(moment: datetime | float | None) -> str:
    """3 May, 14:20; with the year when it is not this one."""
    if moment is None:
        return "–"
    local = moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment).astimezone()
    local = local.astimezone()
    year = "" if local.year == datetime.now(tz=local.tzinfo).year else f" {local.year}"
    return f"{local.day} {local:%b}{year}, {local:%H:%M}"


def plain(text: str) -> str:
    """User text made harmless for Streamlit's Markdown: every sign that could mean something is escaped.

    A word joiner after a colon keeps `:material/home:` and `:smile:` words, not pictures.
    """
    flat = " ".join(text.split())
    escaped = "".join(f"\\{sign}" if sign in _MARKDOWN else sign for sign in flat)
    return re.sub(r":(?=\S)", ":\u2060", escaped)


_MARKDOWN = frozenset("\\`*_{}[]()<>#+-!|$~:^=&.@\"'/")


def cut(text: str, letters: int = 40) -> str:
    """At most so many letters, with an ellipsis where something is missing."""
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"
