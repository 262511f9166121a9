"""The first few validation samples, always the same, with what the run says about them now."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from builder.observe.chart import Chart, Palette
from builder.observe.few import counted, counted_chart, named, named_chart
from builder.observe.forecasts import forecast_chart
from builder.observe.masks import masks_chart
from builder.observe.shown import shown_chart
from builder.ui.screens import courses
from builder.ui.screens.run_watch import Samples, samples, watch
from builder.ui.screens.sample_picture import sample_picture
from builder.ui.screens.train_scene import Scene


def say_now(scene: Scene, palette: Palette) -> Chart | None:
    """The chart of what the recipe shows; None before the first look, and when the data are gone."""
    return _SAYS[scene.shows](scene, palette)


def _made(scene: Scene, palette: Palette) -> Chart | None:
    """Reconstructions, or new samples, as the recipe has shown them last."""
    shown = watch(scene.run).shown()
    if shown is None:
        return None
    data = samples(scene.run) if "input" in shown.rows else None
    whose = f"{data.shown()} samples, " if data is not None else ""
    return shown_chart(shown.rows, palette, note=f"{whose}step {shown.step:,}")


def _masked(scene: Scene, palette: Palette) -> Chart | None:
    """Pictures above their true masks and those it gives now."""
    shown, schema = watch(scene.run).shown(), scene.project.data.snapshot
    if shown is None or schema is None or not {"input", "mask"} <= set(shown.rows):
        return None
    pictures, answers = shown.rows["input"], np.rint(shown.rows["mask"]).astype(np.int64)
    data = samples(scene.run)
    truths = None
    if data is not None and data.raw.target is not None:
        rows = data.rows(data.shown())[: len(answers)]
        truths = np.asarray(data.raw.target[rows])
    chart = masks_chart(pictures, truths, answers, schema.target.classes, palette)
    whose = f"{data.shown()} samples, " if data is not None else ""
    return chart._replace(note=f"{whose}step {shown.step:,}")


def _answered(scene: Scene, palette: Palette) -> Chart | None:
    schema = scene.project.data.snapshot
    views = watch(scene.run).views()
    output = next(scene.network.of_kind("output"), None)
    answers = views.answers(f"{scene.prefix}{output.id}") if views and output else None
    data = samples(scene.run)
    if answers is None or data is None or schema is None or views is None:
        return None
    rows = data.rows(data.shown())[: len(answers)].tolist()
    step = f"{data.shown()} samples, step {views.step:,}"
    if schema.target.classes:
        if answers[0].size not in (len(schema.target.classes), 1):
            return None
        few = named(answers, [data.truth(row) for row in rows], schema.target.classes)
        pictures = _pictures(str(scene.run.path), data, tuple(rows))
        return named_chart(few, palette, pictures=pictures)._replace(note=step)
    if data.raw.timeline is not None:
        return _window(data, rows, answers, palette, step)
    if data.raw.target is None or not np.isfinite(answers).all():
        return None
    truths = [float(np.ravel(np.asarray(data.raw.target)[row])[0]) for row in rows]
    unit = schema.target.unit or schema.target.name
    return counted_chart(counted(answers, truths), palette, unit=unit)._replace(note=step)


def _written(scene: Scene, palette: Palette) -> None:
    """What is written stands above the charts; see `train_text.py` and `train_translations.py`."""


def _window(
    data: Samples, rows: list[int], answers: NDArray[Any], palette: Palette, step: str
) -> Chart | None:
    """The first window of the split, always the same, with what is forecast now."""
    if not np.isfinite(answers).all():
        return None
    course = courses.of_window(data.raw, rows[0], np.asarray(answers[0]), 0)
    if course is None:
        return None
    chart = forecast_chart(course, palette, name=courses.names_of(data.raw)[0], id="few")
    return chart._replace(note=step.replace("samples", "window"))


_SAYS: dict[str, Callable[[Scene, Palette], Chart | None]] = {
    "answers": _answered,
    "predictions": _answered,
    "forecast": _answered,
    "masks": _masked,
    "reconstructions": _made,
    "generated": _made,
    "text": _written,
    "translations": _written,
}


@st.cache_data(show_spinner=False, max_entries=16)
def _pictures(run: str, _data: Samples, rows: tuple[int, ...]) -> list[str]:
    """The samples as data addresses of PNG; none for data without pictures."""
    found = []
    for row in rows:
        picture = sample_picture(_data.raw, row)
        if picture is None:
            return []
        found.append(picture)
    return found
