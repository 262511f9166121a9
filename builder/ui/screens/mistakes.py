"""The gallery of the worst mistakes: the samples themselves, with truth and answer."""

import numpy as np
import pandas as pd
import streamlit as st

from builder.data.raw import CATEGORIES, NUMBERS, Raw
from builder.evaluate.results import Mistake, Results
from builder.runs.store import Run
from builder.ui import words
from builder.ui.screens.run_watch import samples
from builder.ui.screens.sample_picture import sample_picture

SHOWN = 12
A_ROW = 4


def show_mistakes(run: Run, results: Results) -> None:
    """Draws the worst answers, the surest first."""
    st.markdown("**Worst mistakes**  \n:gray[Where is it sure and wrong?]")
    worst = results.worst[:SHOWN]
    data = samples(run)
    if not worst:
        st.markdown("None: every sample is answered rightly.")
        return
    if data is None:
        st.caption("The data of this run are gone, so the samples cannot be shown.")
        return
    if data.raw.kind == "image":
        _pictures(data.raw, worst)
    else:
        st.dataframe(_table(data.raw, worst), hide_index=True, placeholder="missing")


def _pictures(raw: Raw, worst: tuple[Mistake, ...]) -> None:
    for start in range(0, len(worst), A_ROW):
        with st.container(horizontal=True, gap="small", key=f"mistakes_{start}"):
            for mistake in worst[start : start + A_ROW]:
                with st.container(width=104):
                    picture = sample_picture(raw, mistake.index)
                    if picture is not None:
                        st.image(picture, width=96)
                    truth, answer = (
                        words.plain(words.cut(str(x), 14)) for x in (mistake.truth, mistake.answer)
                    )
                    st.caption(f"said {answer}, {words.share(mistake.score, 100)}  \ntruth {truth}")


def _table(raw: Raw, worst: tuple[Mistake, ...]) -> pd.DataFrame:
    rows = []
    for mistake in worst:
        row: dict[str, object]
        if raw.target is not None and not raw.classes:
            row = {"truth": mistake.truth, "answer": _short(mistake.answer)}
            row["off by"] = _short(mistake.score)
        else:
            row = {"truth": mistake.truth, "answer": mistake.answer}
            row["sure"] = round(mistake.score, 3)
        for column in raw.schema.columns:
            if not column.is_kept:
                continue
            if column.is_numeric:
                value = float(raw.fields[NUMBERS][mistake.index, column.place])
                row[column.name] = value if np.isfinite(value) else None
            else:
                code = int(raw.fields[CATEGORIES][mistake.index, column.place])
                row[column.name] = column.categories[code] if code >= 0 else ""
        rows.append(row)
    return pd.DataFrame(rows)


def _short(value: object) -> object:
    """A number with the digits that tell something; anything else as it is."""
    return float(f"{value:.5g}") if isinstance(value, float) else value
