"""What preparation does by default and what comes out of it: kinds, words and shapes; no torch."""

from typing import ClassVar

from builder.data.raw import CATEGORIES, IMAGE, NUMBERS, Column, Raw
from builder.errors import DataError
from builder.spec.base import Frozen
from builder.spec.data import DataSpec, FieldSchema, PrepareStep

MOST_CATEGORIES = 32
"""A category column becomes at most so many columns, plus one for everything else."""


class StepKind(Frozen):
    """A kind of preparation step: the words on its card, and which data it suits."""

    kind: str
    title: str
    summary: str
    suits: tuple[str, ...]
    """Raw fields it works on: `image`, `numbers`, `categories`, `target`."""

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
)
_kind(
    "one_hot",
    "One column a category",
    "Turns each category into a column of 0 and 1; one more column stands for missing and unknown ones.",
    CATEGORIES,
)
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
    if NUMBERS in raw.fields and "impute" not in kinds:
        chosen = (PrepareStep(kind="impute"), *chosen)  # a network cannot compute with a gap
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
    if raw.schema.target is not None and raw.schema.target.kind == "numbers":
        found.append(PrepareStep(kind="standardise_target"))
    return tuple(found)


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
