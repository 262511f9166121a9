"""Builds the preparation modules of a kind of data and fits them on chosen samples."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from builder.data import plan
from builder.data.built import Built
from builder.data.fitting_pairs import PairPreparation
from builder.data.fitting_text import TextPreparation
from builder.data.raw import (
    CATEGORIES,
    IMAGE,
    NUMBERS,
    WINDOW,
    Array,
    Column,
    Indices,
    Raw,
    RawSchema,
)
from builder.data.steps import (
    Carry,
    ChannelsFirst,
    Images,
    Impute,
    Normalise,
    Numbers,
    OneHot,
    Scale,
    SeriesTarget,
    Standardise,
    Table,
    Window,
)
from builder.errors import DataError
from builder.spec.data import PrepareStep

PAIRS = "pairs"
"""Texts that are to become texts: data of the kind `text` with a target of that kind."""
CHUNK = 2048
"""Images looked at at once."""


class KindPreparation(Protocol):
    """How one kind of data is prepared."""

    def build(
        self, schema: RawSchema, steps: tuple[PrepareStep, ...], shape: tuple[int, ...]
    ) -> Built:
        """The unfitted module for data of this schema.

        `shape` is that of a raw image, length and vocabulary of texts (and of those wanted), () for tables.
        """
        ...

    def fit(
        self, module: nn.Module, raw: Raw, indices: Indices, steps: tuple[PrepareStep, ...]
    ) -> dict[str, Any]:
        """Takes the module's statistics from these samples; what read.py must know of them besides."""
        ...


class ImagePreparation:
    """Images: scale, normalise."""

    def build(
        self, schema: RawSchema, steps: tuple[PrepareStep, ...], shape: tuple[int, ...]
    ) -> Built:
        """`Images`, which gives float32 (B, C, H, W)."""
        height, width, channels = shape
        make: dict[str, Callable[[], nn.Module]] = {
            "scale": lambda: Scale(schema.maximum),
            "normalise": lambda: Normalise(channels),
        }
        modules: list[nn.Module] = [make[step.kind]() for step in steps if step.kind in make]
        if not modules or not isinstance(modules[0], Scale):
            modules.insert(0, ChannelsFirst())
        settings = {
            "kind": "image",
            "height": height,
            "width": width,
            "channels": channels,
            "maximum": schema.maximum,
        }
        return Built(IMAGE, Images(modules), (IMAGE,), settings)

    def fit(
        self, module: nn.Module, raw: Raw, indices: Indices, steps: tuple[PrepareStep, ...]
    ) -> dict[str, Any]:
        """Mean and spread of each channel over the given images, in double precision."""
        assert isinstance(module, Images)
        before: list[nn.Module] = []
        for step in module.steps:
            if isinstance(step, Normalise):
                _fit_normalise(step, nn.Sequential(*before), raw.fields[IMAGE], indices)
            before.append(step)
        return {}


class TablePreparation:
    """Tables: fill gaps and standardise numbers, one-hot categories, side by side."""

    def build(
        self, schema: RawSchema, steps: tuple[PrepareStep, ...], shape: tuple[int, ...]
    ) -> Built:
        """`Numbers`, `OneHot`, or `Table` with both; gives float32 (B, features)."""
        numeric = [c for c in schema.columns if c.is_kept and c.is_numeric]
        coded = [c for c in schema.columns if c.is_kept and not c.is_numeric]
        count = len(numeric)
        make: dict[str, Callable[[], nn.Module]] = {
            "impute": lambda: Impute(count),
            "standardise": lambda: Standardise(count),
        }
        numbers = Numbers([make[step.kind]() for step in steps if step.kind in make])
        one_hot = _one_hot(coded, plan.most_categories(steps))
        settings = {
            "kind": "table",
            "columns": [c.model_dump(mode="json") for c in schema.columns],
            "missing_words": list(schema.missing_words),
            "delimiter": schema.delimiter,
            "encoding": schema.encoding,
        }
        both = numeric and coded
        if both:
            return Built("features", Table(numbers, one_hot), (NUMBERS, CATEGORIES), settings)
        if coded:
            return Built("features", one_hot, (CATEGORIES,), settings)
        return Built("features", numbers, (NUMBERS,), settings)

    def fit(
        self, module: nn.Module, raw: Raw, indices: Indices, steps: tuple[PrepareStep, ...]
    ) -> dict[str, Any]:
        """Median, mean and spread of each column, and which categories occur, over the given rows."""
        for part in module.modules():
            if isinstance(part, Numbers):
                _fit_numbers(part, raw.fields[NUMBERS], indices, steps)
            if isinstance(part, OneHot):
                _fit_one_hot(part, raw.fields[CATEGORIES], indices)
        return {}


class SeriesPreparation:
    """Windows of time series: carry the last value over gaps, standardise each series."""

    def build(
        self, schema: RawSchema, steps: tuple[PrepareStep, ...], shape: tuple[int, ...]
    ) -> Built:
        """`Window`, which gives float32 (B, lookback, series and covariates)."""
        windows = schema.windows
        assert windows is not None
        names = [*windows.series, *windows.covariates]
        make: dict[str, Callable[[], nn.Module]] = {
            "carry": lambda: Carry(len(names)),
            "standardise": lambda: Standardise(len(names)),
        }
        wanted = {*names, windows.time}
        settings = {
            "kind": "series",
            "names": names,
            "series": len(windows.series),
            "time": windows.time,
            "lookback": windows.lookback,
            "horizon": windows.horizon,
            "unit": schema.frequency.unit,
            "every": schema.frequency.every,
            "columns": [c.model_dump(mode="json") for c in schema.columns if c.name in wanted],
            "missing_words": list(schema.missing_words),
            "delimiter": schema.delimiter,
            "encoding": schema.encoding,
        }
        modules = [make[step.kind]() for step in steps if step.kind in make]
        return Built(WINDOW, Window(modules), (WINDOW,), settings)

    def fit(
        self, module: nn.Module, raw: Raw, indices: Indices, steps: tuple[PrepareStep, ...]
    ) -> dict[str, Any]:
        """Mean and spread of each column over the rows these windows look back on."""
        rows = seen_rows(raw, indices)
        for part in module.modules():
            for place, column in enumerate(rows.T):
                known = column[~np.isnan(column)]
                mean, spread = mean_and_spread(known) if len(known) else (0.0, 1.0)
                if isinstance(part, Carry):
                    part.fill[place] = mean
                if isinstance(part, Standardise):
                    part.mean[place], part.std[place] = mean, spread
        return {}


def seen_rows(raw: Raw, indices: Indices) -> Array:
    """The rows that these windows look back on, each once: float64 (rows, series and covariates)."""
    line, windows = raw.timeline, raw.schema.windows
    assert line is not None
    assert windows is not None
    starts = line.starts[indices]
    used = np.zeros(len(line.values) + 1, dtype=np.int64)
    np.add.at(used, starts, 1)
    np.add.at(used, starts + windows.lookback, -1)
    rows: Array = line.values[np.cumsum(used[:-1]) > 0]
    return rows


def fit_series_target(module: SeriesTarget, raw: Raw, indices: Indices) -> None:
    """Scale of each series, and what repeating the last season is off by, over the rows of these windows."""
    target = raw.schema.target
    assert target is not None
    rows = seen_rows(raw, indices)[:, : target.width]
    fit_standardise(module.standardise, rows, np.arange(len(rows), dtype=np.int64))
    season = target.season if len(rows) > target.season else 1
    for place, column in enumerate(rows.T):
        error = np.abs(column[season:] - column[:-season])
        known = error[~np.isnan(error)]
        module.naive_error[place] = float(known.mean()) if len(known) and known.mean() > 0 else 1.0


KINDS: Mapping[str, KindPreparation] = {
    "image": ImagePreparation(),
    "table": TablePreparation(),
    "text": TextPreparation(),
    PAIRS: PairPreparation(),
    "series": SeriesPreparation(),
}


def kind_of(schema: RawSchema) -> KindPreparation:
    """How data of this schema are prepared."""
    return KINDS[PAIRS if schema.is_pairs else schema.kind]


def mean_and_spread(values: Array) -> tuple[float, float]:
    """Mean and standard deviation of float64 values without overflow; a constant column has spread 1."""
    largest = float(np.abs(values).max(initial=0.0))
    if not np.isfinite(largest):
        raise DataError(
            "A column holds an infinite number; correct it in the file and import it again."
        )
    scale = largest if largest > 1e100 else 1.0
    scaled = values / scale
    mean, spread = float(np.mean(scaled)), float(np.std(scaled))
    if spread <= 1e-12 * max(abs(mean), float(np.abs(scaled).max(initial=0.0)), 1e-300):
        return mean * scale, 1.0  # rounding noise around a constant
    return mean * scale, spread * scale


def fit_standardise(module: Standardise, values: Array, indices: Indices) -> None:
    """Sets mean and spread of every column of float64 (N, n) from the given rows; NaN are not counted."""
    for place in range(values.shape[1]):
        column = values[indices, place]
        known = column[~np.isnan(column)]
        mean, spread = mean_and_spread(known) if len(known) else (0.0, 1.0)
        module.mean[place], module.std[place] = mean, spread


def _fit_numbers(
    module: Numbers, values: Array, indices: Indices, steps: tuple[PrepareStep, ...]
) -> None:
    fill: torch.Tensor | None = None
    for part in module.steps:
        if isinstance(part, Impute):
            _fit_impute(part, values, indices, _how(steps))
            fill = part.fill
        if isinstance(part, Standardise):
            for place in range(values.shape[1]):
                column = np.array(values[indices, place])
                column[np.isnan(column)] = float(fill[place]) if fill is not None else 0.0
                part.mean[place], part.std[place] = mean_and_spread(column)


def _fit_impute(module: Impute, values: Array, indices: Indices, how: str) -> None:
    middle: dict[str, Callable[[Array], Any]] = {
        "median": np.median,
        "mean": np.mean,
        "zero": lambda _: 0.0,
    }
    if how not in middle:
        raise DataError(f"“Fill gaps” knows {', '.join(middle)}, not {how!r}.")
    for place in range(values.shape[1]):
        column = values[indices, place]
        known = column[~np.isnan(column)]
        module.fill[place] = float(middle[how](known)) if len(known) else 0.0


def _how(steps: tuple[PrepareStep, ...]) -> str:
    found = next((s.settings.get("how", "median") for s in steps if s.kind == "impute"), "median")
    return str(found)


def _one_hot(columns: list[Column], most: int) -> OneHot:
    return OneHot([len(c.categories) for c in columns], [plan.slots(c, most) for c in columns])


def _fit_one_hot(module: OneHot, codes: Array, indices: Indices) -> None:
    """Gives a slot to each category that occurs in these rows, the most frequent ones first where slots are short."""
    for place, slots in enumerate(module.slots):
        column = codes[indices, place]
        counts = np.bincount(column[column >= 0], minlength=module.table.shape[1] - 1)
        room = slots - 1
        kept = np.sort(np.argsort(-counts, kind="stable")[:room])
        everything_fits = int((counts > 0).sum()) <= room and len(kept) == room
        for slot, code in enumerate(kept.tolist() if not everything_fits else range(room)):
            if counts[code]:
                module.table[place, code + 1] = slot


def _fit_normalise(module: Normalise, before: nn.Module, images: Array, indices: Indices) -> None:
    channels = images.shape[3]
    total, squares, count = np.zeros(channels), np.zeros(channels), 0
    with torch.no_grad():
        for start in range(0, len(indices), CHUNK):
            chunk = torch.from_numpy(images[indices[start : start + CHUNK]])
            scaled = before(chunk).to(torch.float64)
            total += scaled.sum(dim=(0, 2, 3)).numpy()
            squares += (scaled * scaled).sum(dim=(0, 2, 3)).numpy()
            count += scaled[:, 0].numel()
    mean = total / count
    spread = np.sqrt(np.maximum(squares / count - mean * mean, 0.0))
    spread[spread < 1e-6] = 1.0
    module.mean.copy_(torch.from_numpy(mean)[:, None, None])
    module.std.copy_(torch.from_numpy(spread)[:, None, None])
