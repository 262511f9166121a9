"""The Details tab: speed, what was chosen and why, events and the log."""

from typing import Any

import pandas as pd
import streamlit as st

from builder.observe.curves import learning_rate_chart, speed_chart
from builder.ui import words
from builder.ui.live_plots.component import live_plots
from builder.ui.screens.run_watch import file_stem, palette
from builder.ui.screens.train_scene import Scene

LAST_EVENTS = 60


def show_details(scene: Scene) -> None:
    """Draws the facts of a run."""
    colours = palette()
    spe = scene.steps_per_epoch
    charts = [f(scene.metrics, spe, colours) for f in (learning_rate_chart, speed_chart)]
    stem = file_stem(scene.run, scene.project)
    live_plots(
        [c for c in charts if c is not None], scene.run.id, key="details_plots", file_name=stem
    )
    events = scene.run.events()
    left, right = st.columns(2, gap="small")
    with left:
        _facts(scene, events)
    with right:
        st.markdown("**Events**")
        rows = [{"step": e.get("step"), "what": _event(e)} for e in reversed(events[-LAST_EVENTS:])]
        st.dataframe(pd.DataFrame(rows, columns=["step", "what"]), hide_index=True, height=260)
    with st.expander("Log of the process", key="details_log"):
        st.code(scene.run.log_tail(80) or "The process has printed nothing.", language=None)


def _facts(scene: Scene, events: list[dict[str, Any]]) -> None:
    info = scene.run.info
    started: dict[str, Any] = next(
        (e for e in reversed(events) if e.get("kind") in ("started", "resumed")), {}
    )
    facts = {
        "Run": info.id,
        "Made": words.when(info.created),
        "Seed": str(info.seed),
        "Device": scene.told.device or info.device,
        "Attempt": str(scene.told.attempt),
        "Best weights by": scene.best_by,
        "Parameters": words.count(int(started["parameters"])) if "parameters" in started else "–",
        "Batch size": str(started.get("batch_size", "–")),
        **info.versions,
    }
    choices = started.get("choices") or {}
    st.markdown("**What was chosen**")
    rows = [{"what": name, "value": str(value)} for name, value in {**facts, **choices}.items()]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=260)
    for note in started.get("notes") or ():
        st.caption(words.plain(str(note)))


def _event(event: dict[str, Any]) -> str:
    kind = str(event.get("kind", ""))
    words_of = _KINDS.get(kind, kind.replace("_", " "))
    reason = event.get("reason")
    return f"{words_of}: {reason}" if reason else words_of


_KINDS = {
    "last": "weights saved",
    "best": "weights saved as the best so far",
    "checkpoint_saved": "weights saved",
    "went_on": "went on after the pause",
}
