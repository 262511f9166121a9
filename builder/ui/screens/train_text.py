"""What a language model writes while it learns, always behind the same beginning."""

import json
import zipfile

import numpy as np
import streamlit as st

from builder.data.read import spelled
from builder.runs.store import SHOWN_FACTS, Run
from builder.ui import words
from builder.ui.screens.run_watch import how_read
from builder.ui.screens.train_scene import Scene


def show_text(scene: Scene) -> None:
    """Draws the newest text of a run that writes any; nothing for the others."""
    found = written(scene.run)
    if found is None:
        return
    step, prompt, text = found
    with st.container(border=True, key="written"):
        st.markdown("**What it writes now**")
        st.caption(
            f"Behind “{words.plain(' '.join(prompt.split()))}”, which it was not trained on; step {step:,}"
        )
        st.text(text)


def written(run: Run) -> tuple[int, str, str] | None:
    """The step, the beginning and what was written behind it; None when the run shows no text."""
    path, settings = run.shown(), how_read(run)
    if path is None or settings is None:
        return None
    try:
        with np.load(path, allow_pickle=False) as kept:
            tokens = {name: kept[name][0].astype(np.int64).tolist() for name in kept.files}
        step = int(json.loads(path.with_name(SHOWN_FACTS).read_bytes())["step"])
        prompt = spelled(tokens["prompt"], settings)
        return step, prompt, spelled(tokens["text"], settings, behind=tokens["prompt"])
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile):
        return None  # just being replaced, or it shows something else
