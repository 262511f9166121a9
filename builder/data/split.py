"""Which samples are for training, which for validation, which for the test; every fall-back is told."""

from typing import NamedTuple

import numpy as np

from builder.data.raw import Indices, Raw, Timeline
from builder.errors import DataError
from builder.spec.data import SplitSpec


class Split(NamedTuple):
    """Indices int64 into the raw samples, sorted; `notes` are sentences about what was done otherwise than asked."""

    train: Indices
    validation: Indices
    test: Indices
    notes: tuple[str, ...] = ()


def split(raw: Raw, spec: SplitSpec) -> Split:
    """The split `spec` asks for; the same spec and data give the same split.

    A set with a published test split keeps it: `spec.test` is then not used. Stratified falls back to random
    for classes too small to share out and for numbers. Windows of a series are always split by time. Raises
    DataError when nothing is left for training.
    """
    if raw.timeline is not None:
        return _by_time(raw, raw.timeline, spec)
    total = len(raw)
    notes: list[str] = []
    official = raw.schema.official_test
    pool = np.arange(total - official, dtype=np.int64)
    test = np.arange(total - official, total, dtype=np.int64)
    if official:
        notes.append(f"The test split is the published one ({official:,} samples).")
    shares = [spec.validation * total] if official else [spec.validation * total, spec.test * total]
    how = spec.how
    if raw.schema.is_corpus and how != "in order":
        how = "in order"
        notes.append(
            "The parts of one text stay in order: the validation and test parts are its end."
        )
    parts = _HOW[how](raw, pool, shares, spec.seed, notes)
    train, validation = parts[0], parts[1]
    if not official:
        test = parts[2]
    if len(train) == 0:
        raise DataError(
            f"Nothing is left for training: {total:,} samples, {spec.validation:.0%} for validation and "
            f"{spec.test:.0%} for the test. Make these shares smaller."
        )
    for name, part, share in (
        ("validation", validation, spec.validation),
        ("test", test, spec.test),
    ):
        if share and len(part) == 0:
            notes.append(f"{total:,} samples are too few for a {name} split, so it is empty.")
    return Split(np.sort(train), np.sort(validation), np.sort(test), tuple(notes))


def _by_time(raw: Raw, line: Timeline, spec: SplitSpec) -> Split:
    """The oldest rows for training, the newest for the test; no window has rows on both sides of a border."""
    windows = raw.schema.windows
    assert windows is not None
    rows, length = len(line.values), windows.lookback + windows.horizon
    first = int(line.starts[0]) if len(line.starts) else 0
    used = rows - first
    test_rows, validation_rows = round(spec.test * used), round(spec.validation * used)
    borders = (rows - test_rows - validation_rows, rows - test_rows)
    ends = line.starts + length
    train = np.flatnonzero(ends <= borders[0])
    validation = np.flatnonzero((line.starts >= borders[0]) & (ends <= borders[1]))
    test = np.flatnonzero(line.starts >= borders[1])
    if not len(train):
        raise DataError(
            f"Nothing is left for training: {used:,} steps, and a window takes {length:,}. Make the window or the "
            "other splits shorter."
        )
    crossing = len(line.starts) - len(train) - len(validation) - len(test)
    notes = ["Split by time: the oldest part is for training, the newest for the test."]
    if crossing:
        notes.append(f"{crossing:,} windows reach over a border between splits and are left out.")
    for name, part, share in (
        ("validation", validation, spec.validation),
        ("test", test, spec.test),
    ):
        if share and not len(part):
            notes.append(
                f"The {name} part is shorter than one window of {length:,} steps, so it is empty."
            )
    return Split(train, validation, test, tuple(notes))


def _random(
    raw: Raw, pool: Indices, shares: list[float], seed: int, notes: list[str]
) -> list[Indices]:
    mixed = np.random.default_rng(seed).permutation(pool)
    return _cut(mixed, _counts(len(pool), shares))


def _in_order(
    raw: Raw, pool: Indices, shares: list[float], seed: int, notes: list[str]
) -> list[Indices]:
    counts = _counts(len(pool), shares)
    edges = np.cumsum([len(pool) - sum(counts), *counts])[:-1]
    return [part.astype(np.int64) for part in np.split(pool, edges)]


def _stratified(
    raw: Raw, pool: Indices, shares: list[float], seed: int, notes: list[str]
) -> list[Indices]:
    if raw.target is None or not raw.classes:
        return _random(
            raw, pool, shares, seed, notes
        )  # numbers have no classes to keep in proportion
    codes = np.asarray(raw.target)[pool]
    generator = np.random.default_rng(seed)
    wanted = _counts(len(pool), shares)
    needed = 1 + sum(count > 0 for count in wanted)
    taken: list[list[Indices]] = [[] for _ in range(1 + len(shares))]
    leftover: list[Indices] = []
    small: list[str] = []
    for code in np.unique(codes):
        members = generator.permutation(pool[codes == code])
        if len(members) < needed:
            small.append(raw.classes[int(code)])
            taken[0].append(members)
            continue
        # Whole shares of each class now; what rounding leaves is shared out over all classes below.
        counts = [int(len(members) * share / len(pool)) for share in shares]
        edges = np.cumsum([*counts])
        for place, part in enumerate(np.split(members, edges)[:-1]):
            taken[place + 1].append(part)
        rest = members[sum(counts) :]
        taken[0].append(rest[:1])  # every class has at least one sample to learn from
        leftover.append(rest[1:])
    rest = _deal(leftover, generator)
    start = 0
    for place, count in enumerate(wanted):
        lacking = max(0, count - sum(len(part) for part in taken[place + 1]))
        taken[place + 1].append(rest[start : start + lacking])
        start += lacking
    taken[0].append(rest[start:])
    if small:
        notes.append(_small_classes(small, needed))
    return [np.concatenate([*parts, np.empty(0, np.int64)]).astype(np.int64) for parts in taken]


def _deal(groups: list[Indices], generator: np.random.Generator) -> Indices:
    """The samples of all groups, mixed so that every stretch holds each group in proportion."""
    if not groups:
        return np.empty(0, np.int64)
    places = [(np.arange(len(g)) + generator.random()) / max(1, len(g)) for g in groups]
    order = np.argsort(np.concatenate(places), kind="stable")
    dealt: Indices = np.concatenate(groups)[order]
    return dealt


def _small_classes(names: list[str], needed: int) -> str:
    shown = ", ".join(names[:5]) + (" and more" if len(names) > 5 else "")
    verb = "has" if len(names) == 1 else "have"
    noun = "class" if len(names) == 1 else "classes"
    return (
        f"{len(names):,} {noun} ({shown}) {verb} fewer than {needed} samples, too few to be in every split; "
        "they are used for training only."
    )


def _counts(total: int, shares: list[float]) -> list[int]:
    counts = [round(share) for share in shares]
    if sum(counts) > total:
        raise DataError(
            f"Validation and test together ask for {sum(counts):,} of {total:,} samples. Make their shares smaller."
        )
    return counts


def _cut(mixed: Indices, counts: list[int]) -> list[Indices]:
    edges = np.cumsum(counts)
    *taken, rest = np.split(mixed, edges)
    return [rest, *taken]


_HOW = {"stratified": _stratified, "random": _random, "in order": _in_order}
