"""Top of every screen that shows one run: which run, and whether the drawing has moved on since."""

from hashlib import sha256

import streamlit as st

from builder.errors import BuilderError
from builder.projects.difference import compare
from builder.runs.store import Run
from builder.ui import words
from builder.ui.follow import follow_choice
from builder.ui.screens.run_watch import project_of
from builder.ui.shell.compare_link import see_difference
from builder.ui.shell.router import go
from builder.ui.state import State, current, widget, write_url


def pick_run() -> Run | None:
    """Draws the picker, latest first; the chosen run's id goes into the URL. None when there are no runs."""
    state = current()
    run = state.run
    runs = state.runs()
    if run is None:
        return None
    by_id = {one.id: one for one in ([] if run in runs else [run]) + runs}
    labels = {run_id: _label(one) for run_id, one in by_id.items()}
    key = f"run_picker_{sha256(repr(labels).encode()).hexdigest()[:12]}"  # new words, new widget
    st.selectbox(
        "Run",
        list(labels),
        format_func=labels.__getitem__,
        on_change=_picked,
        args=(key,),
        width=360,
        **follow_choice(key, run.id, list(labels)),
    )
    return run


def changed_strip(run: Run) -> None:
    """Says when the drawing or the data are no longer those of the run, and what differs."""
    state = current()
    snapshot = project_of(run)
    if snapshot is None or state.document is None or run.project_id != state.project_id:
        return
    found = compare(snapshot, state.project)
    if not found.headline():
        return
    with st.container(key="changed_strip", horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/difference: {found.headline()}", width="content")
        if st.button("See the difference", type="tertiary", key="changed_difference"):
            see_difference(f"run:{run.id}")


def nothing_trained(what: str) -> None:
    """The empty state of a screen about a run: what it will show, and the way there."""
    with st.container(key="nothing_trained", horizontal_alignment="center"):
        st.space("large")
        st.markdown("### Nothing has been trained yet")
        st.markdown(what)
        if st.button(
            "Open Train", type="primary", icon=":material/monitoring:", key="nothing_trained_go"
        ):
            go("train", project=current().project_id)


def has_weights(run: Run) -> bool:
    """Whether a checkpoint is there; says what to do when not."""
    if run.can_resume():
        return True
    told = run.state()
    if told.live:
        st.info(
            "The first checkpoint comes after the first epoch; this page opens then.",
            icon=":material/hourglass_top:",
        )
    else:
        st.warning(
            f"{words.plain(run.name)} has no weights on disk. Its figures are kept. Train again to use it.",
            icon=":material/warning:",
        )
    if st.button("Open Train", key="no_weights_go", icon=":material/monitoring:"):
        go("train", project=current().project_id, run=run.id)
    return False


def choose(state: State, run_id: str) -> None:
    """Looks at this run from now on, in the URL too."""
    state.run_id = run_id
    write_url()


def _picked(key: str) -> None:
    chosen = widget(key)
    if isinstance(chosen, str):
        choose(current(), chosen)


def _label(run: Run) -> str:
    try:
        told = run.state()
    except BuilderError:
        return run.name
    figure = "" if told.best is None else f" · {words.metric(told.metric, told.best)}"
    shown = "finished" if told.state == "finished" else told.state
    return f"{words.cut(run.name, 32)} · {shown}{figure} · {words.when(run.info.created)}"
