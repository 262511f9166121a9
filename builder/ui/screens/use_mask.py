"""The answer of a segmentation on the Use screen: the mask over the picture, and how much each class takes."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from builder.data.painting import BACKGROUND, mask_file
from builder.observe.masks import answer_mask_chart
from builder.runs.store import Run
from builder.ui import words
from builder.ui.live_plots.component import live_plots
from builder.ui.screens.run_watch import file_stem, palette, project_of


def show_mask(one: dict[str, Any], run: Run, truth: str, picture: NDArray[Any] | None) -> None:
    """Draws the mask of one picture (H, W, C) in 0..1, names its classes, and offers it as a file."""
    project = project_of(run)
    schema = project.data.snapshot if project else None
    if project is None or schema is None:
        return
    classes = schema.target.classes
    mask = np.asarray(one["mask"])
    shares: dict[str, float] = one["shares"]
    largest = sorted(shares, key=lambda name: -shares[name])
    seen = [name for name in largest if name != BACKGROUND] or largest
    st.markdown(f"## {words.plain(', '.join(seen[:4]))}")
    known = f" · truth: {words.plain(truth)}" if truth else ""
    st.caption(f"{words.share(float(one['certainty']))} sure of a pixel, on average{known}")
    if picture is not None:
        chart = answer_mask_chart(picture, mask, classes, palette())
        live_plots([chart], "use", key="use_answer", file_name=file_stem(run, project), columns=1)
    rows = [{"class": name, "share of pixels": 100 * shares[name]} for name in largest]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "share of pixels": st.column_config.ProgressColumn(
                format="%.1f %%", min_value=0, max_value=100
            )
        },
        alt="Share of the pixels of each class",
    )
    st.download_button(
        "Download the mask",
        data=lambda: mask_file(mask, classes),
        file_name=f"{file_stem(run, project)}-mask.png",
        mime="image/png",
        icon=":material/download:",
        key="use_mask_file",
        on_click="ignore",
    )
