"""Starting, pausing and stopping a run from the bar, or from any screen."""

from collections.abc import Callable

import streamlit as st

from builder.errors import BuilderError
from builder.runs import launch, store
from builder.runs.store import Run
from builder.spec.codec import digest
from builder.spec.problems import Problem
from builder.ui.shell.router import go
from builder.ui.state import State, current

CHECK_SECONDS = 8.0


def train(*, is_checked: bool = False, start_from: Run | None = None) -> None:
    """Trains the project as it is and shows the run; or opens the first thing that stops it.

    Pressing twice starts one run: the wish is named by project and document. `is_checked`: nothing can stop it
    (an untouched template), so the run need not wait for the check. `start_from`: an earlier run whose weights
    it begins with.
    """
    state = current()
    stopper = None if is_checked else _first_error(state)
    if stopper is not None:
        _open_problem(state, stopper)
        return
    try:
        run = start(state, start_from=start_from)
    except BuilderError as error:
        state.say(str(error), is_error=True)
        st.rerun()
    state.run_id = run.id
    go("train", project=state.project_id, run=run.id)


def start(state: State, *, start_from: Run | None = None) -> Run:
    """Creates a run of the project as it is and launches it into the warm worker."""
    project = state.project
    key = f"{state.project_id}-{digest(project)[:24]}"
    if start_from is not None:
        key += f"-{start_from.id}"
    run = store.create(project, project_id=state.project_id, key=key, start_from=start_from)
    launch.launch(run, spare=state.sidecar.spare())
    return run


def pause(run: Run) -> None:
    """Pauses a run; nothing is lost."""
    _tell(run, launch.pause)


def resume(run: Run) -> None:
    """Lets a paused run go on, or continues an ended one from its last checkpoint."""
    try:
        launch.resume(run, spare=current().sidecar.spare())
    except BuilderError as error:
        current().say(str(error), is_error=True)


def stop(run: Run) -> None:
    """Stops a run after its current step, with a checkpoint."""
    _tell(run, launch.stop)


def _tell(run: Run, act: Callable[[Run], object]) -> None:
    try:
        act(run)
    except BuilderError as error:
        current().say(str(error), is_error=True)


def _first_error(state: State) -> Problem | None:
    with st.spinner("Checking the network"):
        report = state.report(wait=CHECK_SECONDS)
    if report is None or state.report_pending():
        return None  # the worker checks again before it starts and says what stops it
    return next((p for p in report.problems if p.severity == "error"), None)


def _open_problem(state: State, problem: Problem) -> None:
    state.say(f"Training waits for this: {sentence(problem)}", is_error=True)
    if problem.network:
        state.network_name = problem.network
    if problem.node:
        state.selected_layer = problem.node
    go(screen_of(problem), project=state.project_id)


def screen_of(problem: Problem) -> str:
    """The screen on which a problem is mended."""
    if problem.node or problem.network:
        return "build"
    return (
        "data"
        if problem.code.startswith("data") or (problem.field or "").startswith("data")
        else "train"
    )


def sentence(problem: Problem) -> str:
    """A problem in one line: what, what it got, what it needs."""
    parts = [problem.what]
    if problem.got:
        parts.append(f"Got {problem.got}.")
    if problem.expected:
        parts.append(f"Needs {problem.expected}.")
    return " ".join(parts)
