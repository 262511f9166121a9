"""Many inputs at once: a CSV in, the same CSV with answers out."""

import io
from typing import Any

import pandas as pd
import streamlit as st

from builder.runs.store import Run
from builder.ui import words
from builder.ui.screens.run_watch import Samples, file_stem, project_of
from builder.ui.screens.use_answer import ask

MAX_ROWS = 100_000


def show_batch(run: Run, data: Samples) -> None:
    """Draws the batch file section of a table's run; pictures have none."""
    if data.raw.kind != "table":
        return
    with st.expander("A whole file", icon=":material/table:", key="use_batch"):
        names = [column.name for column in data.raw.schema.columns if column.is_kept]
        st.markdown(f"A CSV with these columns, in any order: {words.plain(', '.join(names))}")
        file = st.file_uploader("CSV file", type=["csv"], key="use_batch_file")
        if file is None:
            return
        try:
            table = pd.read_csv(
                io.BytesIO(file.getvalue()), index_col=False, nrows=MAX_ROWS, dtype=str
            )
        except (ValueError, pd.errors.ParserError) as error:
            st.error(f"The file cannot be read as CSV: {words.plain(str(error)[:200])}")
            return
        missing = [name for name in names if name not in table.columns]
        if missing:
            st.error(f"The file lacks these columns: {words.plain(', '.join(missing[:8]))}")
            return
        rows = table[names].fillna("").to_dict("records")
        with st.spinner("Predicting", show_time=True):
            said = ask(run, rows)
        if said.trouble:
            st.error(words.plain(said.trouble), icon=":material/error:")
            return
        answered = with_answers(table, list(said.predictions))
        st.dataframe(answered.head(200), hide_index=True)
        project = project_of(run)
        stem = file_stem(run, project) if project else "answers"
        st.download_button(
            f"Download {len(answered):,} answers",
            data=answered.to_csv(index=False),
            file_name=f"{stem}-answers.csv",
            icon=":material/download:",
            on_click="ignore",
        )


def with_answers(table: pd.DataFrame, predictions: list[dict[str, Any]]) -> pd.DataFrame:
    """The table with the answer and its certainty as last columns, or with the error and whether it is unusual."""
    added: dict[str, Any]
    if predictions and "reconstruction" in predictions[0]:
        added = {name: [one[name] for one in predictions] for name in ("error", "unusual")}
        return table.head(len(predictions)).assign(**added)
    said = [one.get("class", one.get("value", one.get("values"))) for one in predictions]
    added = {"answer": said}
    if predictions and "probability" in predictions[0]:
        added["certainty"] = [one["probability"] for one in predictions]
    return table.head(len(predictions)).assign(**added)
