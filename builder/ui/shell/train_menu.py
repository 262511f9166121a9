"""The menu beside Train: from the weights of an earlier run, and the same training as a command."""

import shlex

import streamlit as st

from builder.errors import BuilderError
from builder.paths import workspace
from builder.projects.folder import DOCUMENT, folder_of
from builder.runs.store import Run
from builder.ui import words
from builder.ui.shell import training
from builder.ui.shell.keys import browser
from builder.ui.state import State

SHOWN_RUNS = 30


def train_menu(state: State) -> None:
    """Draws the menu beside Train; on a phone the project menu has it."""
    if browser().width == "phone":
        return
    with st.popover("More ways to train", key="bar_train_more", help="More ways to train"):
        more_ways(state)


def more_ways(state: State) -> None:
    """What the menu holds."""
    chosen = _from_earlier(state)
    st.markdown("**Copy as command**")
    st.caption(
        "Trains the project as it is saved now, with the same engine; listed under Runs, All projects."
    )
    st.code(command(state.project_id, chosen), language="bash", wrap_lines=True)


def _from_earlier(state: State) -> Run | None:
    """The choice of a run to start from; None as long as the usual start is chosen."""
    st.markdown("**Train from checkpoint**")
    runs = {run.id: run for run in _with_weights(state)}
    if not runs:
        st.caption("Once a run of this project has weights, a new one can start from them.")
        return None
    chosen = st.selectbox(
        "Start from the best weights of",
        list(runs),
        format_func=lambda id: _title(runs[id]),
        index=None,
        placeholder="Choose a run",
        key="train_from",
        help="Layers that are still there with the same shapes keep what they learned, whatever they are called "
        "now; the others begin anew. Details of the new run says which.",
    )
    run = runs.get(str(chosen)) if chosen else None
    if run is not None and st.button(
        f"Train from {words.plain(run.name)}", icon=":material/fork_right:", key="train_from_it"
    ):
        training.train(start_from=run)
    return run


def _with_weights(state: State) -> list[Run]:
    try:
        return [run for run in state.runs() if run.can_resume()][:SHOWN_RUNS]
    except BuilderError:
        return []


def _title(run: Run) -> str:
    told = run.state()
    best = words.metric(told.metric, told.best) if told.best is not None else told.state
    return f"{run.name} · {best}"


def command(project_id: str, start_from: Run | None = None) -> str:
    """The line that trains this project with the same engine and workspace, as a shell takes it."""
    line = ["layerloom", "train", str(folder_of(project_id) / DOCUMENT)]
    if start_from is not None:
        line += ["--from", start_from.id]
    return shlex.join([*line, "--workspace", str(workspace())])
