"""What preparation does by default and what comes out of it: kinds, words and shapes; no torch."""

from typing import ClassVar

import numpy as np

from builder.data.raw import CATEGORIES, IMAGE, LENGTHS, NUMBERS, PIECES, SO_FAR, TEXT, Column, Raw
from builder.data.raw import WINDOW as SERIES
from builder.errors import DataError
from builder.spec.base import Frozen
from builder.spec.data import DataSpec, FieldSchema, PrepareStep

MOST_CATEGORIES = 32
"""A category column becomes at most so many columns, plus one for everything else."""
MOST_TOKENS = 10_000
"""So many different words are known at most."""
LONGEST, SHORTEST = 4096, 8
WINDOW = 128
"""Tokens a language model reads at once when nobody chose."""
USUAL_LONGEST = 256
COVERED = 95
"""So many of 100 texts are read in full when nobody chose the length."""
SPECIAL = 2
"""Tokens that are no pieces of a text: padding 0 and unknown 1."""
ENDS = 2
"""Tokens of texts that are written besides: begin and end."""


class StepKind(Frozen):
    """A kind of preparation step: the words on its card, and which data it suits."""

    kind: str
    title: str
    summary: str
    suits: tuple[str, ...]
    """Raw fields it works on: `image`, `numbers`, `categories`, `window`, `target`."""

    known: ClassVar[dict[str, "StepKind"]] = {}


def _kind(kind: str, title: str, summary: str, *suits: str) -> None:
    StepKind.known[kind] = StepKind(kind=kind, title=title, summary=summary, suits=suits)


_kind("scale", "Scale to 0…1", "Divides every pixel by the value of white.", IMAGE)
_kind(
    "normalise",
    "Normalise",
    "Shifts and scales each colour channel so that the training images have mean 0 and spread 1.",
    IMAGE,
)
_kind(
    "impute",
    "Fill gaps",
    "Puts the median of the training rows where a number is missing.",
    NUMBERS,
)
_kind(
    "standardise",
    "Standardise",
    "Shifts and scales each column so that the training rows have mean 0 and spread 1.",
    NUMBERS,
    SERIES,
)
_kind(
    "carry",
    "Carry over gaps",
    "Repeats the last known value where one is missing.",
    SERIES,
)
_kind(
    "one_hot",
    "One column a category",
    "Turns each category into a column of 0 and 1; one more column stands for missing and unknown ones.",
    CATEGORIES,
)
_kind(
    "words",
    "Words",
    "Cuts texts into words and punctuation marks, in lower case; rare and unknown words share one token.",
    TEXT,
)
_kind(
    "characters",
    "Characters",
    "Cuts texts into single characters; those that the training texts lack share one token.",
    TEXT,
)
_kind("bytes", "Bytes", "Cuts texts into the bytes of UTF-8: 256 of them, none unknown.", TEXT)
_kind(
    "standardise_target",
    "Standardise the target",
    "Trains on a target with mean 0 and spread 1; answers are turned back into its own unit.",
    "target",
)


def steps(spec: DataSpec, raw: Raw) -> tuple[PrepareStep, ...]:
    """The steps of `spec`, or the inferred ones; DataError when a step is unknown or does not suit the data."""
    chosen = inferred_steps(raw) if spec.steps is None else spec.steps
    for step in chosen:
        about = StepKind.known.get(step.kind)
        if about is None:
            known = ", ".join(StepKind.known)
            raise DataError(f"There is no preparation step {step.kind!r}. Known are: {known}.")
        if not any(part in raw.fields or part == "target" for part in about.suits):
            raise DataError(f"The step “{about.title}” does not suit these data; remove it.")
    kinds = {step.kind for step in chosen}
    if CATEGORIES in raw.fields and "one_hot" not in kinds:
        chosen = (*chosen, PrepareStep(kind="one_hot"))  # a code is not a quantity
    if SERIES in raw.fields and "carry" not in kinds:
        chosen = (PrepareStep(kind="carry"), *chosen)
    if NUMBERS in raw.fields and "impute" not in kinds:
        chosen = (PrepareStep(kind="impute"), *chosen)  # a network cannot compute with a gap
    if TEXT in raw.fields and not kinds & set(PIECES):
        chosen = (_cutting(raw), *chosen)  # a network reads numbers, not letters
    return chosen


def inferred_steps(raw: Raw) -> tuple[PrepareStep, ...]:
    """What suits these data when nobody chose anything."""
    found: list[PrepareStep] = []
    if IMAGE in raw.fields:
        found += [PrepareStep(kind="scale"), PrepareStep(kind="normalise")]
    if NUMBERS in raw.fields:
        found += [PrepareStep(kind="impute"), PrepareStep(kind="standardise")]
    if CATEGORIES in raw.fields:
        found.append(PrepareStep(kind="one_hot"))
    if TEXT in raw.fields:
        found.append(_cutting(raw))
    if SERIES in raw.fields:
        return (PrepareStep(kind="carry"), PrepareStep(kind="standardise"))
    if raw.schema.target is not None and raw.schema.target.kind == "numbers":
        found.append(PrepareStep(kind="standardise_target"))
    return tuple(found)


def _cutting(raw: Raw) -> PrepareStep:
    """Words where texts have labels, characters where a text itself is learned or written."""
    spelled_out = raw.schema.is_corpus or raw.schema.is_pairs
    return PrepareStep(kind="characters" if spelled_out else "words")


class Cut(Frozen):
    """How texts become tokens: into which pieces, how many a sample, how many different ones."""

    by: str
    length: int
    vocabulary: int


def cut(raw: Raw, chosen: tuple[PrepareStep, ...]) -> Cut:
    """How the texts are cut; the vocabulary has room for every piece of the data, filled by the training texts alone.

    DataError when a setting is out of its bounds.
    """
    found = [step for step in chosen if step.kind in PIECES]
    if len(found) != 1:
        raise DataError("Texts are cut in one way: choose Words, Characters or Bytes.")
    step = found[0]
    length = _whole(step, "length", usual_length(raw, step.kind), SHORTEST, LONGEST)
    most = _whole(step, "most", MOST_TOKENS, 1, 100_000)
    known = 256 if step.kind == "bytes" else raw.schema.distinct[PIECES.index(step.kind)]
    return Cut(by=step.kind, length=length, vocabulary=SPECIAL + max(1, min(known, most)))


def target_cut(raw: Raw, chosen: tuple[PrepareStep, ...]) -> Cut | None:
    """How the wanted texts are cut, into the same pieces, with room for the end; None where no text is wanted."""
    if not raw.schema.is_pairs:
        return None
    step = next(step for step in chosen if step.kind in PIECES)
    place = PIECES.index(step.kind)
    usual = min(raw.schema.target_longest[place], USUAL_LONGEST) + 1
    length = _whole(step, "target_length", usual, 2, LONGEST)
    most = _whole(step, "most", MOST_TOKENS, 1, 100_000)
    known = 256 if step.kind == "bytes" else raw.schema.target_distinct[place]
    return Cut(by=step.kind, length=length, vocabulary=SPECIAL + ENDS + max(1, min(known, most)))


def usual_length(raw: Raw, by: str) -> int:
    """Tokens of a sample that hold nearly every text whole, in eights; a window of a corpus."""
    if raw.schema.is_corpus:
        return WINDOW
    counts = raw.fields[LENGTHS][:, PIECES.index(by)]
    covered = (
        100 if raw.schema.is_pairs else COVERED
    )  # nothing of what is to be written again is left out
    wanted = int(np.percentile(counts, covered)) if len(counts) else SHORTEST
    return min(max(SHORTEST, -(-wanted // 8) * 8), USUAL_LONGEST)


def cut_off(raw: Raw, how: Cut) -> int:
    """How many texts are longer than a sample, so that their end is not read; 0 of a corpus."""
    if raw.schema.is_corpus:
        return 0
    return int((raw.fields[LENGTHS][:, PIECES.index(how.by)] > how.length).sum())


def tokens(raw: Raw, how: Cut) -> int:
    """Tokens of all texts together."""
    return int(raw.fields[LENGTHS][:, PIECES.index(how.by)].sum(dtype=np.int64))


def _whole(step: PrepareStep, name: str, usual: int, least: int, most: int) -> int:
    value = step.settings.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        title = StepKind.known[step.kind].title
        raise DataError(
            f"“{title}” has {name} {value!r}; it takes a whole number from {least:,} to {most:,}."
        )
    return value


def most_categories(chosen: tuple[PrepareStep, ...]) -> int:
    """How many categories of a column get a column of their own."""
    for step in chosen:
        if step.kind == "one_hot":
            most = step.settings.get("most", MOST_CATEGORIES)
            if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= 1000:
                raise DataError(
                    "“One column a category” keeps 1 to 1,000 categories; set `most` to such a number."
                )
            return most
    return MOST_CATEGORIES


def slots(column: Column, most: int) -> int:
    """Columns a category column becomes: its categories, at most `most`, and one for the unknown."""
    return min(len(column.categories), most) + 1


def prepared_fields(raw: Raw, chosen: tuple[PrepareStep, ...]) -> tuple[FieldSchema, ...]:
    """Input fields as the network sees them, without the batch axis."""
    if IMAGE in raw.fields:
        height, width, channels = raw.fields[IMAGE].shape[1:]
        return (FieldSchema(name=IMAGE, shape=(channels, height, width), role="image"),)
    if TEXT in raw.fields:
        cuts = {TEXT: cut(raw, chosen), SO_FAR: target_cut(raw, chosen)}
        return tuple(
            FieldSchema(name=name, shape=(how.length,), dtype="int64", role="tokens")
            for name, how in cuts.items()
            if how is not None
        )
    if SERIES in raw.fields:
        return (FieldSchema(name=SERIES, shape=raw.fields[SERIES].shape[1:], role="sequence"),)
    most = most_categories(chosen)
    total = sum(
        1 if column.is_numeric else slots(column, most)
        for column in raw.schema.columns
        if column.is_kept
    )
    return (FieldSchema(name="features", shape=(total,), role="features"),)


def prepared_columns(raw: Raw, chosen: tuple[PrepareStep, ...]) -> tuple[str, ...]:
    """A name for every number the network sees of a table: `age`, `city = Rome`, `city = other`; empty for images."""
    most = most_categories(chosen)
    kept = [column for column in raw.schema.columns if column.is_kept]
    names = [column.name for column in kept if column.is_numeric]
    for column in kept:
        if not column.is_numeric:
            few = len(column.categories) <= most
            words = column.categories if few else tuple(f"frequent {i + 1}" for i in range(most))
            names += [f"{column.name} = {word}" for word in (*words, "other")]
    return tuple(name[:200] for name in names)
