"""The text input of the Use screen: type a text, see the answer."""

import streamlit as st

from builder.data.raw import TEXT
from builder.data.texts import text_at
from builder.runs.store import Run
from builder.ui.follow import follow
from builder.ui.screens.run_watch import Samples
from builder.ui.screens.use_answer import ask, show_answer
from builder.ui.screens.use_typical import typical_place


def show_text_input(run: Run, data: Samples) -> None:
    """Draws the text on the left and the answer on the right."""
    left, right = st.columns([560, 440], gap="large")
    with left:
        rows = data.rows(data.shown())
        place = typical_place(run, data, lambda row: text_at(data.raw.fields[TEXT], row))
        number = st.number_input(
            f"Start from sample, 0 to {len(rows) - 1} ({data.shown()})",
            0,
            len(rows) - 1,
            place,
            step=1,
            key="use_text_number",
        )
        row = int(rows[int(number)])
        sample = text_at(data.raw.fields[TEXT], row)
        text = st.text_area("Text", height=220, **follow("use_text", sample))
    with right, st.container(key="use_says"):
        if not str(text).strip():
            st.markdown("##### The answer shows here")
            st.caption("Type a text; the answer comes when you leave the field.")
            return
        truth = data.truth(row) if text == sample else ""
        show_answer(run, ask(run, [str(text)]), truth=truth)
