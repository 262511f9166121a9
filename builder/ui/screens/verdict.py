"""What figures mean, in a sentence: how good, against what, and whether that is more than chance."""

import pandas as pd

from builder.evaluate.results import Baseline, Results
from builder.observe.confusion import Confusion
from builder.observe.curves import higher_is_better
from builder.ui import words


def verdict(results: Results, *, things: str = "samples") -> str:
    """`97.2 % ± 1.7 on 360 digits; logistic regression gets 95.3 % in 0.1 s. The network does better.`"""
    name, value = results.metric, results.metrics.get(results.metric)
    if value is None:
        return f"{words.capital(words.metric_name(name))} cannot be computed on these {results.samples} {things}."
    told = f"{figure(results, name)} on {words.count(results.samples)} {things}"
    if not _is_share(name, value) or words.has_own_name(name):
        told = f"{words.capital(words.metric_name(name))} {told}"
    rival = strongest(results)
    theirs = rival.metrics.get(name) if rival else None
    if rival is None or theirs is None:
        return f"{told}."
    other = f"{rival.title[:1].lower()}{rival.title[1:]}"
    against = f"{other} gets {words.metric(name, theirs)} in {words.duration(rival.seconds)}"
    return f"{told}; {against}. {_worth(results, theirs)}"


def figure(results: Results, name: str) -> str:
    """A metric with half the width of its interval: `97.2 % ± 1.7`."""
    value = results.metrics.get(name)
    interval = results.intervals.get(name)
    shown = words.metric(name, value)
    if value is None or interval is None or interval.low is None or interval.high is None:
        return shown
    half = (interval.high - interval.low) / 2
    if _is_share(name, value):
        return f"{shown} ± {100 * half:.1f}"
    rounded = float(f"{half:.2g}")
    return f"{shown} ± {words.number(rounded) if rounded >= 1000 else f'{rounded:g}'}"


def _is_share(name: str, value: float) -> bool:
    return words.metric(name, value).endswith("%")


def strongest(results: Results) -> Baseline | None:
    """The simple opponent that does best on the metric that matters."""
    known = [b for b in results.baselines if b.metrics.get(results.metric) is not None]
    sign = 1 if higher_is_better(results.metric) else -1
    return max(known, key=lambda b: sign * (b.metrics[results.metric] or 0.0), default=None)


def _worth(results: Results, theirs: float) -> str:
    value = results.metrics[results.metric] or 0.0
    interval = results.intervals.get(results.metric)
    sign = 1 if higher_is_better(results.metric) else -1
    inside = (
        interval is not None
        and interval.low is not None
        and interval.high is not None
        and interval.low <= theirs <= interval.high
    )
    if inside:
        return "The difference is within chance, so the simpler one would do."
    return (
        "The network does better."
        if sign * (value - theirs) > 0
        else "The simpler one does better."
    )


def class_table(confusion: Confusion) -> pd.DataFrame:
    """Per class: how many, how many found, how often right when named, and the class it is mostly taken for."""
    counts = confusion.counts
    rows = []
    for i, name in enumerate(confusion.classes):
        there, named, right = int(counts[i].sum()), int(counts[:, i].sum()), int(counts[i, i])
        others = counts[i].copy()
        others[i] = 0
        taken = confusion.classes[int(others.argmax())] if others.any() else ""
        found = 100 * right / there if there else None
        kept = 100 * right / named if named else None
        rows.append(
            {
                "class": name,
                "samples": there,
                "found": found,
                "right when named": kept,
                "mostly taken for": taken,
            }
        )
    return pd.DataFrame(rows)


def baseline_table(results: Results) -> pd.DataFrame:
    """The network and the simple opponents, one row each."""
    names = list(results.metrics)
    network = {
        "model": "This network",
        **{n: words.metric(n, results.metrics[n]) for n in names},
        "fitted in": "–",
    }
    rows = [network]
    for one in results.baselines:
        shown = {n: words.metric(n, one.metrics.get(n)) for n in names}
        rows.append({"model": one.title, **shown, "fitted in": words.duration(one.seconds)})
    return pd.DataFrame(rows).rename(columns={n: words.metric_name(n) for n in names})
