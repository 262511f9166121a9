"""The sets that come with LayerLoom, or are found on this machine, with origin and licence."""

import json
import lzma
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

from builder.data import dates, fashion, generated_texts, shapes, texts, waves
from builder.data.raw import IMAGE, NUMBERS, Column, Kind, Raw, RawSchema
from builder.data.read import MISSING_WORDS
from builder.errors import DataError
from builder.paths import ASSETS
from builder.spec.data import BuiltinSource, ColumnType, DataSpec, TargetSchema, Windows

Options = Mapping[str, int | float | str | bool]


class BuiltinSet(NamedTuple):
    """What a person needs to know before choosing a set; `reason` says why it is not available."""

    name: str
    title: str
    kind: Kind
    task: str
    """`classification`, `segmentation`, `regression`, `forecasting`, `language model` or `sequence to sequence`."""
    summary: str
    samples: int
    licence: str
    origin: str
    available: bool = True
    reason: str = ""
    windows: Windows | None = None
    """How a series becomes samples when nobody chose otherwise."""


class _Entry(NamedTuple):
    about: BuiltinSet
    load: Callable[[BuiltinSet], Raw]
    missing: Callable[[], str] = lambda: ""


def sets() -> tuple[BuiltinSet, ...]:
    """Every built-in set, those that are not available here included, with the reason."""
    found = []
    for entry in _ENTRIES.values():
        reason = entry.missing()
        found.append(entry.about._replace(available=not reason, reason=reason))
    return tuple(found)


def find(name: str) -> BuiltinSet:
    """What is known about a set; DataError that lists the known names."""
    for about in sets():
        if about.name == name:
            return about
    raise DataError(
        f"There is no built-in data set named {name!r}. Known are: {', '.join(sorted(_ENTRIES))}."
    )


def spec_of(name: str) -> DataSpec:
    """A data spec of the set, with the windows of a series written down."""
    return DataSpec(source=BuiltinSource(name=name), windows=find(name).windows)


def load(name: str, options: Options | None = None) -> Raw:
    """The set as raw arrays; DataError when it is unknown or not on this machine."""
    about = find(name)
    if options:
        raise DataError(f"{about.title} has no options, but got {', '.join(sorted(options))}.")
    if not about.available:
        raise DataError(about.reason)
    return _load(name)


@cache
def _load(name: str) -> Raw:
    entry = _ENTRIES[name]
    return entry.load(entry.about)


def _bundled(name: str) -> dict[str, np.ndarray]:
    path = ASSETS / "datasets" / f"{name}.npz"
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise DataError(
            f"The bundled set {name} cannot be read from {path.name}; install LayerLoom again."
        ) from error


def _images(
    about: BuiltinSet,
    arrays: dict[str, np.ndarray],
    classes: tuple[str, ...],
    maximum: int,
    test: int,
) -> Raw:
    schema = RawSchema(
        name=about.title,
        kind="image",
        samples=len(arrays["image"]),
        target=TargetSchema(kind="classes", name="label", classes=classes),
        maximum=maximum,
        official_test=test,
    )
    return Raw(fields={IMAGE: arrays["image"]}, target=arrays["target"], schema=schema)


def _digits(about: BuiltinSet) -> Raw:
    return _images(about, _bundled("digits"), tuple("0123456789"), 16, 0)


def _fashion_subset(about: BuiltinSet) -> Raw:
    return _images(about, _bundled(about.name), fashion.CLASSES, 255, 1500)


def _fashion(about: BuiltinSet) -> Raw:
    images, labels = fashion.load()
    return _images(about, {"image": images, "target": labels}, fashion.CLASSES, 255, 10_000)


def _table(target: str, unit: str = "") -> Callable[[BuiltinSet], Raw]:
    def read(about: BuiltinSet) -> Raw:
        arrays = _bundled(about.name)
        classes = tuple(str(word) for word in arrays["classes"])
        columns = tuple(
            Column(name=str(name), type="number", place=place, reason="all values are numbers")
            for place, name in enumerate(arrays["columns"])
        )
        schema = RawSchema(
            name=about.title,
            kind="table",
            samples=len(arrays["numbers"]),
            target=TargetSchema(
                kind="classes" if classes else "numbers", name=target, classes=classes, unit=unit
            ),
            columns=columns,
        )
        return Raw(fields={NUMBERS: arrays["numbers"]}, target=arrays["target"], schema=schema)

    return read


def _unpacked(name: str) -> str:
    path = ASSETS / "datasets" / name
    try:
        return lzma.decompress(path.read_bytes()).decode()
    except (OSError, lzma.LZMAError, ValueError) as error:
        raise DataError(
            f"The bundled text {name} cannot be read; install LayerLoom again."
        ) from error


def _novel(about: BuiltinSet) -> Raw:
    return texts.corpus(about.title, _unpacked(f"{about.name}.txt.xz"))


def _passages(about: BuiltinSet) -> Raw:
    rows = [json.loads(line) for line in _unpacked(f"{about.name}.jsonl.xz").splitlines()]
    classes = tuple(sorted({row["label"] for row in rows}))
    labels = [classes.index(row["label"]) for row in rows]
    return texts.labelled(
        about.title, [row["text"] for row in rows], labels, classes, target="novel"
    )


def _series(
    time: str, time_type: ColumnType, names: tuple[str, ...]
) -> Callable[[BuiltinSet], Raw]:
    def read(about: BuiltinSet) -> Raw:
        arrays = _bundled(about.name)
        return _in_columns(about, arrays["times"], arrays["values"], time, time_type, names)

    return read


def _waves(about: BuiltinSet) -> Raw:
    days, values = waves.make(about.samples)
    return _in_columns(about, days, values, "day", "date", waves.NAMES)


def _in_columns(  # noqa: PLR0917 - one table
    about: BuiltinSet,
    times: np.ndarray,
    values: np.ndarray,
    time: str,
    time_type: ColumnType,
    names: tuple[str, ...],
) -> Raw:
    """A table of a time column and the series beside it."""
    columns = (
        Column(name=time, type=time_type, place=0, reason="it says when", date_format="iso"),
        *(
            Column(name=name, type="number", place=place, reason="all values are numbers")
            for place, name in enumerate(names, start=1)
        ),
    )
    schema = RawSchema(
        name=about.title,
        kind="table",
        samples=len(times),
        columns=columns,
        missing_words=MISSING_WORDS,
    )
    return Raw({NUMBERS: np.concatenate([times[:, None], values], axis=1)}, None, schema)


def _fashion_missing() -> str:
    if fashion.folder() is not None:
        return ""
    return (
        "The full Fashion-MNIST is not on this machine. Download it (30 MB), install the Debian package "
        "dataset-fashion-mnist, or use the 10,000 images that come with LayerLoom."
    )


_AUSTEN = "Jane Austen, as distributed by the R package janeaustenr"
_UCI = "UCI Machine Learning Repository, as distributed by scikit-learn"
_ENTRIES: dict[str, _Entry] = {
    entry.about.name: entry
    for entry in (
        _Entry(
            BuiltinSet(
                "digits",
                "Handwritten digits",
                "image",
                "classification",
                "Digits 0 to 9 written by 43 people, 8×8 grey pixels; trains in seconds.",
                1797,
                "BSD-3-Clause",
                _UCI,
            ),
            _digits,
        ),
        _Entry(
            BuiltinSet(
                "fashion-mnist-10k",
                "Fashion-MNIST, 10,000 images",
                "image",
                "classification",
                "Clothes, shoes and bags in 10 classes, 28×28 grey pixels; a balanced part of Fashion-MNIST.",
                10_000,
                "MIT",
                "Zalando Research",
            ),
            _fashion_subset,
        ),
        _Entry(
            BuiltinSet(
                "fashion-mnist",
                "Fashion-MNIST, all 70,000",
                "image",
                "classification",
                "Clothes, shoes and bags in 10 classes, 28×28 grey pixels, with the published test split.",
                70_000,
                "MIT",
                "Zalando Research",
            ),
            _fashion,
            _fashion_missing,
        ),
        _Entry(
            BuiltinSet(
                "shapes-with-masks",
                "Shapes with masks",
                "image",
                "segmentation",
                "Discs, squares and triangles over each other on noisy 32×32 colour pictures; a mask says what "
                "each pixel shows.",
                shapes.SAMPLES,
                "Apache-2.0",
                "made by rule, part of LayerLoom",
            ),
            lambda about: shapes.shapes_with_masks(about.title),
        ),
        _Entry(
            BuiltinSet(
                "iris",
                "Iris flowers",
                "table",
                "classification",
                "Three species told apart by four lengths of their leaves, in cm.",
                150,
                "BSD-3-Clause",
                _UCI,
            ),
            _table("species"),
        ),
        _Entry(
            BuiltinSet(
                "wine",
                "Wine",
                "table",
                "classification",
                "Three growers told apart by 13 measurements of their wine.",
                178,
                "BSD-3-Clause",
                _UCI,
            ),
            _table("grower"),
        ),
        _Entry(
            BuiltinSet(
                "breast-cancer",
                "Breast cancer Wisconsin",
                "table",
                "classification",
                "Benign or malignant, from 30 measurements of cell nuclei.",
                569,
                "BSD-3-Clause",
                _UCI,
            ),
            _table("diagnosis"),
        ),
        _Entry(
            BuiltinSet(
                "diabetes",
                "Diabetes progression",
                "table",
                "regression",
                "How far the disease went in a year, from age, sex, BMI, blood pressure and six blood values.",
                442,
                "BSD-3-Clause",
                "Efron et al. (2004), as distributed by scikit-learn",
            ),
            _table("progression"),
        ),
        _Entry(
            BuiltinSet(
                "weather-diary",
                "Weather diary",
                "text",
                "classification",
                "Days with two kinds of weather: which came first? Only the order of the words tells.",
                generated_texts.SAMPLES,
                "Apache-2.0",
                "made by rule, part of LayerLoom",
            ),
            lambda about: generated_texts.weather_diary(),
        ),
        _Entry(
            BuiltinSet(
                "austen-passages",
                "Passages of three novels",
                "text",
                "classification",
                "Paragraphs of Emma, Persuasion, and Sense and Sensibility: from which are they?",
                1500,
                "Public domain",
                _AUSTEN,
            ),
            _passages,
        ),
        _Entry(
            BuiltinSet(
                "pride-and-prejudice",
                "Pride and Prejudice",
                "text",
                "language model",
                "The whole novel of 1813, 684,768 characters, to learn how its sentences go on.",
                1346,
                "Public domain",
                _AUSTEN,
            ),
            _novel,
        ),
        _Entry(
            BuiltinSet(
                "dates",
                "Dates in many ways",
                "text",
                "sequence to sequence",
                "Dates as people write them, in 14 ways, each to be written again as year, month and day.",
                dates.SAMPLES,
                "Apache-2.0",
                "made by rule, part of LayerLoom",
            ),
            lambda about: dates.dates(about.title),
        ),
        _Entry(
            BuiltinSet(
                "sunspots",
                "Sunspots, year by year",
                "series",
                "forecasting",
                "How many spots the sun had each year from 1700 to 2008; they come back about every 11 years.",
                309,
                "Public domain",
                "National Geophysical Data Center, as distributed by statsmodels",
                windows=Windows(
                    time="year", series=("sunspots",), lookback=22, horizon=6, season=11
                ),
            ),
            _series("year", "number", ("sunspots",)),
        ),
        _Entry(
            BuiltinSet(
                "co2",
                "Carbon dioxide at Mauna Loa",
                "series",
                "forecasting",
                "CO₂ in the air over Hawaii each week from 1958 to 2001: a rise, a season, and some gaps.",
                2284,
                "Public domain",
                "Keeling and Whorf (2004), as distributed by statsmodels",
                windows=Windows(time="week", series=("co2",), lookback=104, horizon=26, season=52),
            ),
            _series("week", "date", ("co2",)),
        ),
        _Entry(
            BuiltinSet(
                "waves",
                "Season, trend and noise",
                "series",
                "forecasting",
                "Three made-up series, a value a day: a sine, a rising one with two seasons, and one that wanders.",
                1200,
                "Apache-2.0",
                "Made by LayerLoom",
                windows=Windows(time="day", series=waves.NAMES, lookback=28, horizon=7, season=7),
            ),
            _waves,
        ),
    )
}
