"""One run on the Train screen: the one live fragment with head strip, tabs and everything in them."""

from collections.abc import Callable

import streamlit as st

from builder.observe.health import health
from builder.runs.metrics import Metrics
from builder.runs.state import RunState
from builder.runs.store import Run
from builder.ui import words
from builder.ui.follow import follow
from builder.ui.screens.run_watch import project_of, shows_of, watch
from builder.ui.screens.train_details import show_details
from builder.ui.screens.train_layers import show_layers
from builder.ui.screens.train_progress import show_progress
from builder.ui.screens.train_scene import Scene, scene_of
from builder.ui.shell import acts
from builder.ui.shell.router import go
from builder.ui.state import current, widget

LIVE_SECONDS = 1.0
EAGER_SECONDS = 0.5
"""Until the first point: somebody has just pressed Train and waits for it."""
_TABS = "train_tabs"
_VIEWS: dict[str, Callable[[Scene], None]] = {
    "Progress": show_progress,
    "Layers": show_layers,
    "Details": show_details,
}
_ICONS = {
    "good": "trending_down",
    "waiting": "hourglass_top",
    "warning": "warning",
    "error": "error",
}


def show_run(run: Run) -> None:
    """Draws the run; while it is live, once a second, and twice before the first point."""
    live = run.is_live()
    eager = live and not _has_points(watch(run).metrics())

    @st.fragment(run_every=EAGER_SECONDS if eager else LIVE_SECONDS if live else None)
    def view() -> None:
        told = run.state()
        if told.live != live:  # the timer is decided in the full run
            st.rerun()
        metrics = watch(run).metrics()
        with st.container(key="run_head", border=True):
            _head(run, told, metrics)
        if told.state == "queued" and told.position:
            st.markdown("Another run has the device. This one starts by itself when it is free.")
        scene = scene_of(run, told, metrics)
        if scene is None:
            st.error("The snapshot of this run cannot be read, so its layers cannot be shown.")
            return
        _tabs(scene)
        if eager and _has_points(metrics):  # last: the first point is on its way to the browser
            st.rerun()

    view()


def _has_points(metrics: Metrics) -> bool:
    return len(metrics.steps) > 0


def _tabs(scene: Scene) -> None:
    wanted = current().recall("train_tab", "Progress")
    chosen = st.segmented_control(
        "View",
        list(_VIEWS),
        label_visibility="collapsed",
        required=True,
        on_change=_tab_chosen,
        **follow(_TABS, wanted if wanted in _VIEWS else "Progress", "default"),
    )
    _VIEWS[str(chosen or "Progress")](scene)


def _tab_chosen() -> None:
    current().remember("train_tab", str(widget(_TABS) or "Progress"))


def _head(run: Run, told: RunState, metrics: Metrics) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{words.plain(run.name)}** · {words.run_words(told)}", width="stretch")
        with st.container(
            key="head_acts", horizontal=True, horizontal_alignment="right", width="content"
        ):
            _acts(run, told)
    if told.live or (told.state != "finished" and told.step):
        share = min(1.0, told.step / told.steps) if told.steps else 0.0
        st.progress(share, text=_place(told))
    _sentence(told, metrics)


def _acts(run: Run, told: RunState) -> None:
    """What can be done with the run; Pause and Resume stand last, where nothing moves them."""
    if told.live:
        acts.stop_and_hold(run, told, "head", filled=True)
        return
    if run.can_resume():
        current().sidecar.expect_slow()
        if st.button("Results", icon=":material/fact_check:", key="head_results"):
            go("results", project=run.project_id or "", run=run.id)
        if st.button(_try_words(run), icon=":material/touch_app:", key="head_use"):
            go("use", project=run.project_id or "", run=run.id)
        if told.state != "finished":
            acts.resume_ended(run, told, "head")


def _try_words(run: Run) -> str:
    if shows_of(run) == "generated":
        return "Make new ones"
    project = project_of(run)
    snapshot = project.data.snapshot if project else None
    role = snapshot.fields[0].role if snapshot and snapshot.fields else ""
    drawn = role == "image" and shows_of(run) in ("answers", "reconstructions")
    return "Draw one yourself" if drawn else "Try it yourself"


def _place(told: RunState) -> str:
    parts = []
    if told.steps:
        parts.append(f"step {told.step:,} of {told.steps:,}")
    if told.seconds:
        parts.append(words.duration(told.seconds))
    if told.samples_per_second:
        parts.append(f"{words.count(round(told.samples_per_second))} samples/s")
    if told.device:
        parts.append(told.device)
    return " · ".join(parts) or "Getting ready"


def _sentence(told: RunState, metrics: Metrics) -> None:
    """One plain sentence: what happened, what is safe, what next."""
    if told.state in ("failed", "interrupted"):
        saved = (
            f"Everything up to step {told.saved_step:,} is saved; Resume goes on from there."
            if told.saved_step
            else "Nothing was saved yet; press Train to start again."
        )
        st.markdown(
            f":red[:material/error: {words.plain(told.reason or 'It ended early.')}] {words.plain(saved)}"
        )
        return
    if told.state == "stopped":
        saved = (
            "Nothing is lost: Resume goes on from the last checkpoint."
            if told.saved_step
            else "It had no checkpoint yet; press Train to start again."
        )
        st.markdown(f":material/stop: {saved}")
        return
    if told.state in ("paused", "pausing"):
        st.markdown(":material/pause: Nothing is lost: training waits where it is.")
        return
    if not told.responding:
        st.markdown(
            ":material/warning: The process lives but makes no progress. Wait, or Stop it and Resume later."
        )
        return
    if told.state == "finished":
        figure = words.metric(told.metric, told.best)
        name = words.metric_name(told.metric)
        best = f"Best validation {name}: {figure}." if told.best is not None else ""
        took = f" It took {words.duration(told.seconds)}." if told.seconds else ""
        early = f" {told.reason}" if told.early else ""
        st.markdown(f":material/check_circle: {words.plain(best + took + early)}")
        return
    judge = words.figure_beyond_loss(told.metric)
    found = health(metrics, figure=judge, title=words.metric_name(judge) if judge else "")
    st.markdown(f":material/{_ICONS[found.mood]}: {words.plain(found.sentence)}")
