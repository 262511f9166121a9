"""Results of segmentation: the worst samples and typical ones, and each class by itself."""

import pandas as pd
import streamlit as st

from builder.evaluate.results import Results, read_arrays
from builder.observe.chart import Chart, Palette
from builder.observe.masks import masks_chart
from builder.runs.store import Run
from builder.ui.live_plots.component import live_plots

GALLERIES = {
    "worst": (
        "The worst",
        "Where is it wrong? The figure above each is the mean IoU of its classes.",
    ),
    "spread": ("As they come", "What is usual? Samples spread over the split, none was picked."),
}


def show_masks(run: Run, results: Results, colours: Palette, stem: str) -> None:
    """Draws pictures above their true masks and the answered ones, the worst first."""
    arrays = read_arrays(run.path, results.split)
    charts: list[Chart] = []
    for word, (title, question) in GALLERIES.items():
        parts = [arrays.get(f"{word}:{name}") for name in ("input", "truth", "answer", "iou")]
        pictures, truths, answers, scores = parts
        if pictures is None or truths is None or answers is None or scores is None:
            continue
        chart = masks_chart(
            pictures,
            truths,
            answers,
            results.classes,
            colours,
            scores=scores.tolist(),
            large=True,
        )
        charts.append(chart._replace(id=word, title=title, question=question))
    live_plots(charts, f"{run.id}/{results.split}", key="results_plots", file_name=stem, columns=1)


def show_overlaps(results: Results) -> None:
    """The table of how well each class is found."""
    told = results.masks
    if told is None:
        return
    st.markdown("#### Class by class")
    total = max(1, sum(told.pixels))
    table = pd.DataFrame(
        {
            "class": results.classes,
            "share of pixels": [100 * count / total for count in told.pixels],
            "IoU": [_hundred(value) for value in told.iou],
            "found": [_hundred(value) for value in told.found],
            "right when named": [_hundred(value) for value in told.right],
        }
    )
    share = st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100)
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "share of pixels": st.column_config.NumberColumn(format="%.1f %%"),
            "IoU": share,
            "found": share,
            "right when named": share,
        },
        alt="How well each class is found, pixel by pixel",
    )
    st.caption(
        "IoU is the area where truth and answer agree on a class, divided by the area where either names it."
    )


def _hundred(value: float | None) -> float | None:
    return None if value is None else 100 * value
