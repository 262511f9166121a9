"""Results of sequence to sequence: exact match by length, the worst texts, and some as they come."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from builder.data.raw import TEXT
from builder.data.texts import text_at
from builder.evaluate.results import Mistake, Results
from builder.observe.chart import Palette
from builder.observe.translations import length_chart
from builder.runs.store import Run
from builder.ui.live_plots.component import live_plots
from builder.ui.screens.run_watch import Samples, samples


def show_translations(run: Run, results: Results, colours: Palette, stem: str) -> None:
    """Draws exact match by length beside the texts that are farthest from what was wanted."""
    told = results.translations
    if told is None:
        return
    left, right = st.columns([420, 580], gap="small")
    with left:
        chart = length_chart(told.shortest, told.longest, told.samples, told.exact, colours)
        live_plots(
            [chart], f"{run.id}/{results.split}", key="results_plots", file_name=stem, columns=1
        )
    data = samples(run)
    with right, st.container(border=True):
        st.markdown("**The worst**  \n:gray[Where is it farthest from what was wanted?]")
        if not results.worst:
            st.markdown("None: every text is written as it was wanted.")
        else:
            _table(data, results.worst, "The texts farthest from what was wanted")
    st.markdown("**As they come**  \n:gray[Texts spread over the split, none was picked.]")
    _table(data, told.shown, "Texts spread over the split")


def _table(data: Samples | None, shown: Sequence[Mistake], alt: str) -> None:
    """One row a text: what was given, what was wanted, what was written, and characters to change."""
    rows = []
    for one in shown:
        row: dict[str, object] = {}
        if data is not None:
            row["text"] = text_at(data.raw.fields[TEXT], one.index)
        rows.append(row | {"wanted": one.truth, "written": one.answer, "edits": int(one.score)})
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=alt)
