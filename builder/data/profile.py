"""What the data look like in numbers: columns, classes, splits, and what to be careful about; no torch."""

from typing import NamedTuple

import numpy as np

from builder.data import duplicates, masks
from builder.data.raw import CATEGORIES, NUMBERS, Array, Column, Raw, Timeline
from builder.data.split import Split

BINS = 20
NEAR_PERFECT = 0.999
"""A single column that explains the target this well is probably made from it."""
SAMPLE = 20_000
"""Rows the leakage check looks at."""


class Caution(NamedTuple):
    """Something a person should know before trusting the data; `code` is a stable word."""

    code: str
    what: str
    column: str = ""


class ColumnProfile(NamedTuple):
    """A column in numbers: histogram counts for numbers, the most frequent words for categories."""

    name: str
    type: str
    missing: int
    distinct: int
    reason: str
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    spread: float | None = None
    counts: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()


class Profile(NamedTuple):
    """All numbers of the Data screen."""

    samples: int
    columns: tuple[ColumnProfile, ...]
    class_counts: tuple[tuple[str, int], ...]
    splits: tuple[tuple[str, int], ...]
    cautions: tuple[Caution, ...]
    notes: tuple[str, ...]
    pixel_counts: tuple[tuple[str, int], ...] = ()
    """Of masks: how many pixels each class has."""


def profile(raw: Raw, split: Split) -> Profile:
    """Numbers about every column and class, and the cautions, most serious first."""
    if raw.timeline is not None:
        return series_profile(raw, raw.timeline, split)
    columns = tuple(_profile_column(raw, column) for column in raw.schema.columns)
    counts = tuple(zip(raw.classes, raw.class_counts(), strict=True)) if raw.classes else ()
    splits = (
        ("training", len(split.train)),
        ("validation", len(split.validation)),
        ("test", len(split.test)),
    )
    cautions = (
        *_target_cautions(raw, counts),
        *_twins(raw, split),
        *_column_cautions(raw, columns),
    )
    notes = (*raw.notes, *split.notes)
    pixels = masks.pixel_counts(raw)
    return Profile(len(raw), columns, counts, splits, cautions, notes, pixels)


def series_profile(raw: Raw, line: Timeline, split: Split) -> Profile:
    """Numbers about each series and its windows; gaps, and series that never change, are cautions."""
    windows = raw.schema.windows
    assert windows is not None
    by_name = {column.name: column for column in raw.schema.columns}
    columns, cautions = [], []
    for place, name in enumerate((*windows.series, *windows.covariates)):
        values, column = line.values[:, place], by_name[name]
        base = ColumnProfile(name, column.type, 0, 0, column.reason)
        found = _profile_numbers(base, values)
        columns.append(found)
        if found.distinct == 1:
            what = f"{name} is the same in every row; there is nothing to forecast."
            cautions.append(Caution("constant", what, name))
        if found.missing and name in windows.series:
            what = (
                f"{name} has no value in {found.missing:,} of {len(values):,} steps. There the last known value "
                "stands in what the network sees; windows with a missing answer are left out."
            )
            cautions.append(Caution("gaps", what, name))
    splits = (
        ("training", len(split.train)),
        ("validation", len(split.validation)),
        ("test", len(split.test)),
    )
    notes = (*raw.notes, *split.notes)
    return Profile(len(raw), tuple(columns), (), splits, tuple(cautions), notes)


def _profile_column(raw: Raw, column: Column) -> ColumnProfile:
    base = ColumnProfile(column.name, column.type, column.missing, 0, column.reason)
    if not column.is_kept:
        return base
    if not column.is_numeric:
        codes = raw.fields[CATEGORIES][:, column.place]
        counts = np.bincount(codes[codes >= 0], minlength=len(column.categories))
        top = np.argsort(-counts, kind="stable")[:BINS]
        return base._replace(
            missing=int((codes < 0).sum()),
            distinct=int((counts > 0).sum()),
            counts=tuple(counts[top].tolist()),
            labels=tuple(column.categories[i] for i in top),
        )
    return _profile_numbers(base, raw.fields[NUMBERS][:, column.place])


def _profile_numbers(base: ColumnProfile, values: Array) -> ColumnProfile:
    known = np.asarray(values[~np.isnan(values)])
    base = base._replace(missing=len(values) - len(known))
    if not len(known):
        return base
    low, high = float(known.min()), float(known.max())
    with np.errstate(over="ignore", invalid="ignore"):
        mean, spread = float(known.mean()), float(known.std())
    bars, edges = histogram(known, low, high)
    return base._replace(
        distinct=len(np.unique(known)),
        minimum=low,
        maximum=high,
        mean=mean if np.isfinite(mean) else None,
        spread=spread if np.isfinite(spread) else None,
        counts=bars,
        labels=tuple(f"{edge:.4g}" for edge in edges),
    )


def histogram(known: Array, low: float, high: float) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Counts of BINS equal parts between low and high, and where each begins; one part when all values are alike.

    Never overflows and never fails on a range narrower than a float can divide (numpy's own does both).
    """
    scale = max(abs(low), abs(high), 1e-300)
    span = high / scale - low / scale
    if not span > 0:
        return (len(known),), (low,)
    places = ((known / scale - low / scale) * (BINS / span)).astype(np.int64)
    counts = np.bincount(np.clip(places, 0, BINS - 1), minlength=BINS)
    edges = tuple((low / scale + span * place / BINS) * scale for place in range(BINS))
    return tuple(counts.tolist()), edges


def _target_cautions(raw: Raw, counts: tuple[tuple[str, int], ...]) -> tuple[Caution, ...]:
    if raw.target is None:
        return ()
    name = raw.schema.target.name if raw.schema.target else "target"
    if not counts:
        values = np.asarray(raw.target)
        if len(values) and np.all(values == values[0]):
            return (
                Caution(
                    "constant target",
                    f"{name} is the same in every {'picture' if raw.has_masks else 'row'}; there is nothing to learn.",
                    name,
                ),
            )
        return ()
    present = [(word, count) for word, count in counts if count]
    found = []
    if len(present) < 2:
        found.append(
            Caution(
                "one class",
                f"There is only one class ({present[0][0] if present else 'none'}); "
                "a network cannot learn to tell anything apart. Add samples of another class.",
                name,
            )
        )
    tiny = [(word, count) for word, count in counts if count < 5]
    if tiny and len(present) > 1:
        shown = ", ".join(f"{word} ({count})" for word, count in tiny[:5])
        found.append(
            Caution(
                "tiny classes",
                f"{len(tiny):,} of {len(counts):,} classes have fewer than 5 samples: {shown}. "
                "Their figures will mean little.",
                name,
            )
        )
    most, least = max(c for _, c in counts), min((c for _, c in present), default=0)
    if least >= 5 and most > 10 * least:
        found.append(
            Caution(
                "unbalanced",
                f"The largest class has {most:,} samples, the smallest {least:,}. "
                "Watch balanced accuracy rather than accuracy.",
                name,
            )
        )
    return tuple(found)


def _twins(raw: Raw, split: Split) -> tuple[Caution, ...]:
    found = duplicates.find(raw, split)
    cautions = []
    if found.leaking:
        cautions.append(Caution("leaking rows", found.words))
    elif found.repeated:
        cautions.append(Caution("duplicates", found.words))
    if found.contradicting:
        cautions.append(
            Caution(
                "contradicting",
                f"{found.contradicting:,} samples are identical but have different answers.",
            )
        )
    return tuple(cautions)


def _column_cautions(raw: Raw, columns: tuple[ColumnProfile, ...]) -> tuple[Caution, ...]:
    if raw.kind == "text":
        return ()
    found = []
    for column, numbers in zip(raw.schema.columns, columns, strict=True):
        name = column.name
        if column.type == "text":
            found.append(
                Caution(
                    "text left out", f"{name} holds free text and is left out of the inputs.", name
                )
            )
        if column.type == "id":
            found.append(
                Caution(
                    "id-like", f"{name} looks like an id ({column.reason}) and is left out.", name
                )
            )
        if not column.is_kept:
            continue
        if numbers.missing == len(raw) and len(raw):
            found.append(Caution("empty column", f"{name} has no value in any row.", name))
        elif numbers.distinct == 1 and not numbers.missing:
            found.append(
                Caution("constant", f"{name} is the same in every row and tells nothing.", name)
            )
        if (
            numbers.maximum is not None
            and max(abs(numbers.maximum), abs(numbers.minimum or 0)) > 3e38
        ):
            found.append(
                Caution(
                    "huge numbers",
                    f"{name} holds numbers beyond 3.4e38; they are standardised first.",
                    name,
                )
            )
        elif column.type == "number" and numbers.maximum is not None and _loses_digits(raw, column):
            found.append(
                Caution(
                    "digits lost",
                    f"{name} holds whole numbers above 9,007,199,254,740,992, "
                    "which a number cannot keep exactly. If it is an id, set its type to id.",
                    name,
                )
            )
        if raw.target is not None and _explains(raw, column):
            found.append(
                Caution(
                    "leakage-like",
                    f"{name} alone predicts the target almost perfectly. "
                    "If it is not known before the answer is, leave it out.",
                    name,
                )
            )
    return tuple(found)


def _loses_digits(raw: Raw, column: Column) -> bool:
    values = raw.fields[NUMBERS][:, column.place]
    large = values[np.abs(values) > 2**53]
    return (
        bool(len(large))
        and bool((large == np.floor(large)).all())
        and bool((np.abs(large) < 1e25).all())
    )


def _explains(raw: Raw, column: Column) -> bool:
    rows = np.linspace(0, len(raw) - 1, min(len(raw), SAMPLE)).astype(np.int64)
    if len(rows) < 20 or raw.target is None:
        return False
    values: Array = raw.fields[NUMBERS if column.is_numeric else CATEGORIES][rows, column.place]
    answers = np.asarray(raw.target[rows])
    if raw.classes:
        return _groups_agree(values, answers)
    if not column.is_numeric:
        return False
    known = ~np.isnan(values)
    x, y = values[known], answers[known, 0]
    if len(x) < 20 or not np.isfinite(x).all() or np.ptp(x) == 0 or np.ptp(y) == 0:
        return False
    with np.errstate(all="ignore"):
        return abs(float(np.corrcoef(x, y)[0, 1])) > NEAR_PERFECT


def _groups_agree(values: Array, answers: Array) -> bool:
    """True if each value goes with one class and there are few values, so that it is no accident."""
    _, groups = np.unique(values, return_inverse=True)
    distinct = int(groups.max()) + 1
    if distinct < 2 or distinct > max(2, len(values) // 10):
        return False
    best = np.zeros(distinct, np.int64)
    pairs, counts = np.unique(np.stack([groups, answers], axis=1), axis=0, return_counts=True)
    np.maximum.at(best, pairs[:, 0], counts)
    return bool(best.sum() / len(values) > NEAR_PERFECT)
