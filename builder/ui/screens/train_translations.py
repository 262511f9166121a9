"""What a run writes for the first few texts while it learns, beside what is wanted."""

import numpy as np
import pandas as pd
import streamlit as st

from builder.data.raw import TEXT
from builder.data.read import ended, spelled
from builder.data.texts import text_at
from builder.ui.screens.run_watch import how_read, samples, watch
from builder.ui.screens.train_scene import Scene


def show_translations(scene: Scene) -> None:
    """Draws the newest texts of a run that writes a text for each; nothing for the others."""
    if scene.shows != "translations":
        return
    shown, settings, data = watch(scene.run).shown(), how_read(scene.run), samples(scene.run)
    if shown is None or settings is None or data is None or "written" not in shown.rows:
        return
    tokens = np.rint(shown.rows["written"]).astype(np.int64).tolist()
    rows = data.rows(data.shown())[: len(tokens)].tolist()
    found = pd.DataFrame(
        {
            "text": [text_at(data.raw.fields[TEXT], row) for row in rows],
            "wanted": [data.truth(row) for row in rows],
            "written now": [spelled(ended(one), settings["target"]) for one in tokens],
        }
    )
    right = int((found["wanted"] == found["written now"]).sum())
    with st.container(border=True, key="translated"):
        st.markdown("**What it writes now**")
        st.caption(
            f"{right} of these {len(found)} are right; {data.shown()} samples, step {shown.step:,}"
        )
        st.dataframe(found, hide_index=True, alt="Texts, what is wanted, and what is written now")
