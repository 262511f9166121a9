"""What is known of a project's data, in words and numbers: snapshot, verdict, inferred facts, samples; no torch."""

from typing import Any, NamedTuple

import numpy as np

from builder.data import masks, plan
from builder.data.profile import Profile, profile
from builder.data.raw import CATEGORIES, IMAGE, LENGTHS, NUMBERS, TEXT, Column, Raw
from builder.data.split import split
from builder.data.store import data_hash, open_raw, read_stored
from builder.data.texts import text_at
from builder.data.times import moment
from builder.errors import DataError
from builder.spec.data import BuiltinSource, DataSchema, DataSpec, PrepareStep, TargetSchema


class Fact(NamedTuple):
    """Something read from the data rather than chosen: `task` = `classification`, because ..."""

    name: str
    value: str
    reason: str


class Sample(NamedTuple):
    """One sample to look at: pixels 0…255 uint8 (H, W, C), a row of column name -> value, or a text."""

    number: int
    answer: str
    image: Any = None
    mask: Any = None
    """Class codes of its pixels, uint8 (H, W), where the data have masks."""
    row: dict[str, str | float | None] | None = None
    text: str | None = None


def describe(spec: DataSpec) -> DataSpec:
    """The spec with its snapshot filled: fields as the network sees them, target, classes, counts and hash."""
    raw = open_raw(spec)
    return spec.model_copy(update={"snapshot": snapshot(spec, raw)})


def snapshot(spec: DataSpec, raw: Raw) -> DataSchema:
    """The schema of the data after preparation; DataError when they have no target."""
    steps = plan.steps(spec, raw)
    how = plan.cut(raw, steps) if TEXT in raw.fields else None
    wanted = plan.target_cut(raw, steps)
    is_corpus = raw.schema.is_corpus and how is not None
    return DataSchema(
        fields=plan.prepared_fields(raw, steps),
        target=_target(raw),
        samples=plan.tokens(raw, how) // how.length if how and is_corpus else len(raw),
        class_counts=raw.class_counts(),
        hash=data_hash(spec),
        columns=plan.prepared_columns(raw, steps) if raw.kind == "table" else (),
        vocabulary=how.vocabulary if how else 0,
        target_vocabulary=wanted.vocabulary if wanted else 0,
    )


def examine(spec: DataSpec) -> Profile:
    """All numbers of the Data screen: columns, classes, splits, cautions, notes."""
    raw = open_raw(spec)
    return profile(raw, split(raw, spec.split))


def verdict(spec: DataSpec) -> str:
    """`10,000 images, 10 classes, balanced, nothing skipped`."""
    raw = open_raw(spec)
    if raw.schema.is_corpus:
        return _corpus_verdict(raw)
    noun = {"image": "images", "table": "rows", "text": "texts", "series": "windows"}[raw.kind]
    parts = [f"{len(raw):,} {noun}"]
    if raw.timeline is not None:
        parts.insert(0, f"{len(raw.timeline.values):,} steps")
    if raw.kind == "table":
        used = sum(column.is_kept for column in raw.schema.columns)
        parts.append(f"{used:,} columns used")
    target = _target(raw)
    counts = raw.class_counts()
    if counts:
        parts.append(f"{len(counts):,} classes")
        parts.append(_balance(counts))
    elif raw.has_masks:
        parts.append(masks.verdict(raw))
    elif raw.schema.is_pairs:
        parts.append(f"each to become another text: {target.name}")
    elif target.horizon:
        parts.append(f"{target.name}: {target.horizon:,} steps ahead from {_lookback(raw):,} back")
    else:
        parts.append(f"{target.name} is a number")
    skipped = _skipped(spec)
    parts.append(f"{skipped:,} skipped" if skipped else "nothing skipped")
    return ", ".join(parts)


def _corpus_verdict(raw: Raw) -> str:
    words, characters, _ = (int(count) for count in raw.fields[LENGTHS].sum(axis=0, dtype=np.int64))
    return (
        f"One text of {characters:,} characters, {raw.schema.distinct[1]:,} of them different, "
        f"and {words:,} words"
    )


def facts(spec: DataSpec) -> tuple[Fact, ...]:
    """What was inferred from the data, each with its reason."""
    raw = open_raw(spec)
    steps = plan.steps(spec, raw)
    target = _target(raw)
    shape = " × ".join(str(size) for size in plan.prepared_fields(raw, steps)[0].shape)
    words = ", ".join(plan.StepKind.known[step.kind].title for step in steps) or "none"
    return (
        Fact("task", *_task(target)),
        Fact("input", shape, _input_reason(raw, steps)),
        Fact("output width", *_width(target, steps, raw)),
        Fact(
            "preparation", words, "usual for these data" if spec.steps is None else "as you chose"
        ),
    )


def _width(target: TargetSchema, steps: tuple[PrepareStep, ...], raw: Raw) -> tuple[str, str]:
    if target.kind == "tokens":
        how = plan.cut(raw, steps)
        return (
            f"{how.length} × {how.vocabulary}",
            "at each place one for each token that may follow",
        )
    if target.kind == "classes":
        return str(len(target.classes)), f"one for each class of {target.name}"
    wanted = plan.target_cut(raw, steps)
    if wanted is not None:
        return (
            f"{wanted.length} × {wanted.vocabulary}",
            "at each place one for each token it may be",
        )
    if target.kind == "mask":
        height, width = raw.fields[IMAGE].shape[1:3]
        return f"{len(target.classes)} × {height} × {width}", "one for each class at each pixel"
    return str(target.width), "one number is predicted"


def samples(
    spec: DataSpec, n: int = 24, *, start: int = 0, class_name: str | None = None
) -> list[Sample]:
    """`n` samples spread over the data from number `start` on, all of one class when it is named."""
    raw = open_raw(spec)
    places = np.arange(len(raw))
    if class_name is not None:
        if class_name not in raw.classes or raw.target is None:
            raise DataError(f"There is no class {class_name!r} in these data.")
        places = np.flatnonzero(np.asarray(raw.target) == raw.classes.index(class_name))
    places = places[start:]
    step = max(1, len(places) // max(1, n))
    return [sample(raw, int(place)) for place in places[::step][:n]]


def _lookback(raw: Raw) -> int:
    return raw.schema.windows.lookback if raw.schema.windows else 0


def sample(raw: Raw, index: int) -> Sample:
    """One sample of the raw data in a form to look at."""
    if not 0 <= index < len(raw):
        raise DataError(
            f"There is no sample {index:,}; these data have {len(raw):,}, counted from 0."
        )
    answer = ""
    if raw.target is not None and raw.schema.is_pairs:
        answer = text_at(raw.target, index)
    elif raw.target is not None:
        value = raw.target[index]
        answer = raw.classes[int(value)] if raw.classes else f"{float(value.flat[0]):g}"
    mask = None
    if raw.has_masks and raw.target is not None and raw.schema.target is not None:
        mask = np.asarray(raw.target[index])
        answer = masks.shown_classes(mask, raw.schema.target.classes)
    if raw.kind == "image":
        pixels = np.asarray(raw.fields[IMAGE][index])
        if raw.schema.maximum != 255:
            pixels = np.rint(pixels * (255 / raw.schema.maximum)).astype(np.uint8)
        return Sample(index, answer, image=pixels, mask=mask)
    if raw.kind == "text":
        return Sample(index, answer, text=text_at(raw.fields[TEXT], index))
    if raw.timeline is not None:
        return Sample(index, answer, row=window_row(raw, index))
    kept = [column for column in raw.schema.columns if column.is_kept]
    return Sample(index, answer, row={column.name: cell(raw, column, index) for column in kept})


def window_row(raw: Raw, index: int) -> dict[str, str | float | None]:
    """From when to when a window looks back, until when it looks ahead, and the last value it sees of each series."""
    line, windows = raw.timeline, raw.schema.windows
    assert line is not None
    assert windows is not None
    first = int(line.starts[index])
    last = first + windows.lookback - 1
    seen = {
        f"last {name}": None if np.isnan(value) else float(value)
        for name, value in zip(windows.series, line.values[last], strict=False)
    }
    return {
        "looks back from": moment_of(raw, first),
        "to": moment_of(raw, last),
        "ahead until": moment_of(raw, last + windows.horizon),
        **seen,
    }


def moment_of(raw: Raw, row: int) -> str:
    """When a row of a series was, as people write it; its number where no column says."""
    line, windows = raw.timeline, raw.schema.windows
    assert line is not None
    assert windows is not None
    column = next((c for c in raw.schema.columns if c.name == windows.time), None)
    dated = column is not None and column.type == "date"
    return moment(float(line.times[row]), dated=dated, frequency=raw.schema.frequency)


def cell(raw: Raw, column: Column, index: int) -> str | float | None:
    """A value of a table as people read it: words of categories and of yes and no, dates; None where missing."""
    if column.is_numeric:
        value = float(raw.fields[NUMBERS][index, column.place])
        if np.isnan(value):
            return None
        if column.type == "boolean" and column.categories:
            return column.categories[int(value)]
        if column.type == "date":
            return str(np.datetime64(round(value * 86400), "s")).removesuffix("T00:00:00")
        return value
    code = int(raw.fields[CATEGORIES][index, column.place])
    return column.categories[code] if code >= 0 else None


def _target(raw: Raw) -> TargetSchema:
    if raw.schema.target is None:
        raise DataError(
            "No column is chosen to be predicted. Choose the target on the Data screen."
        )
    return raw.schema.target


def _task(target: TargetSchema) -> tuple[str, str]:
    if target.kind == "tokens":
        return "language model", "it is one text without labels"
    if target.kind == "classes":
        return "classification", f"{target.name} has {len(target.classes):,} classes"
    if target.kind == "text":
        return "sequence to sequence", f"{target.name} is a text"
    if target.kind == "mask":
        words = f"{target.name} gives each pixel one of {len(target.classes):,} classes"
        return "segmentation", words
    if target.horizon:
        return "forecasting", "the rows are in order of time"
    return "regression", f"{target.name} is a number"


def _input_reason(raw: Raw, steps: tuple[PrepareStep, ...]) -> str:
    if raw.kind == "text":
        return _text_reason(raw, plan.cut(raw, steps))
    if raw.kind == "image":
        colour = "grey" if raw.fields[IMAGE].shape[3] == 1 else "colour"
        return f"channels × height × width of the {colour} images"
    windows = raw.schema.windows
    if windows is not None:
        known = f" and {len(windows.covariates)} known in advance" if windows.covariates else ""
        return f"{windows.lookback:,} steps back × {len(windows.series)} series{known}"
    numeric = sum(column.is_numeric and column.is_kept for column in raw.schema.columns)
    coded = sum(not column.is_numeric and column.is_kept for column in raw.schema.columns)
    words = [f"{numeric} number columns"] if numeric else []
    if coded:
        words.append(f"{coded} category columns, one place for each category and one for unknown")
    return " and ".join(words)


def _text_reason(raw: Raw, how: plan.Cut) -> str:
    noun = {"characters": "characters", "words": "words and marks", "bytes": "bytes"}[how.by]
    if raw.schema.is_corpus:
        return f"{noun} of the text at once, {how.vocabulary:,} different tokens"
    cut = plan.cut_off(raw, how)
    told = (
        "no text is cut" if not cut else f"{cut:,} of {len(raw):,} texts are longer and cut there"
    )
    return f"{noun} of a text, {how.vocabulary:,} different tokens; {told}"


def _balance(counts: tuple[int, ...]) -> str:
    least, most = min(counts), max(counts)
    if most <= 1.5 * max(1, least):
        return "balanced"
    return f"{least:,} to {most:,} a class"


def _skipped(spec: DataSpec) -> int:
    if spec.source is None or isinstance(spec.source, BuiltinSource):
        return 0
    return read_stored(spec.source).skipped
