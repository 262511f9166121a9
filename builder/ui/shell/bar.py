"""The bar on every screen: project, saved state, data, device, problems, run, undo, redo, Train."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from builder.errors import BuilderError
from builder.runs.state import RunState
from builder.runs.store import Run
from builder.spec.problems import Problem
from builder.ui import words
from builder.ui.shell import acts, facts, keys, menu, train_menu, training
from builder.ui.shell.router import SCREENS, Screen, go
from builder.ui.state import State, current

LIVE_SECONDS = 2.0
CHECK_SECONDS = 0.5


def bar_place() -> DeltaGenerator:
    """Where the bar stands; it is drawn there before or after the screen."""
    return st.container(key="bar", horizontal=True, vertical_alignment="center", gap="small")


def show_bar(screen: Screen, place: DeltaGenerator) -> None:
    """Draws the bar; a fragment of its own keeps the right half up to date while something is under way."""
    with place:
        state = current()
        if state.document is None:
            with st.container(key="bar_home", width="content"):
                st.markdown(
                    "**Draw a network, train it, see inside it, take it away**", width="content"
                )
            _home_keys(screen)
            return
        menu.project_menu(state)
        with st.container(key="bar_screen", width="content"):
            st.markdown(f"**{screen.title}**", width="content")
        _saved(state)
        facts.data_chip(state)
        facts.device_chip()
        st.space("stretch")
        _live_half(screen)


@st.fragment
def _home_keys(screen: Screen) -> None:
    _follow_keys()
    keys.mount(f"{screen.title} · LayerLoom")


def _follow_keys() -> None:
    """Goes to the screen that `g` and a digit asked for, once."""
    told = keys.browser()
    drafts = current().drafts
    if told.screen and told.at != drafts.get("shell_screen_at"):
        drafts["shell_screen_at"] = told.at
        if 1 <= told.screen <= len(SCREENS):
            go(SCREENS[told.screen - 1].name, project=current().project_id, run=current().run_id)


def _saved(state: State) -> None:
    trouble = state.save_error
    with st.container(key="bar_saved", width="content"):
        if not trouble:
            st.caption(":material/check: Saved", width="content")
            return
        with st.popover(
            "Not saved", icon=":material/error:", type="tertiary", key="bar_unsaved_red"
        ):
            st.markdown(words.plain(trouble))


def _live_half(screen: Screen) -> None:
    state = current()
    _, told = _run_of(state)
    live = told is not None and told.live
    state.report(wait=0.25)
    pending = state.report_pending()
    seconds = CHECK_SECONDS if pending else LIVE_SECONDS if live else None
    width = keys.browser().width
    drawn_for = keys.browser().width

    @st.fragment(run_every=seconds)
    def half() -> None:
        _follow_keys()
        run, told = _run_of(current())
        still_live = told is not None and told.live
        still_pending = current().report_pending()
        if keys.browser().width != drawn_for:
            st.rerun()
        with st.container(
            key="bar_live",
            horizontal=True,
            vertical_alignment="center",
            gap="small",
            width="content",
        ):
            _problem_chip(current())
            if run is not None and told is not None:
                _run_chip(run, told)
            _buttons(current(), screen, run, told)
        keys.mount(_title(screen, current(), told))
        resized = keys.browser().width != width
        if resized or (live and not still_live) or (pending and not still_pending):
            st.rerun()  # last, so that a button pressed meanwhile has had its effect

    half()


def _run_of(state: State) -> tuple[Run | None, RunState | None]:
    """The run the bar speaks about: the live one of this project, else the one looked at."""
    try:
        runs = state.runs()
        run = next((r for r in runs if r.is_live()), None) or state.run
        return (run, run.state()) if run else (None, None)
    except BuilderError:
        return None, None


def _problem_chip(state: State) -> None:
    report = state.report(wait=0.0)
    problems = report.problems if report else ()
    errors = [p for p in problems if p.severity == "error"]
    warnings = [p for p in problems if p.severity == "warning"]
    if report is None:
        trouble = state.report_error()
        label, icon = ("Not checked", "help") if trouble else ("Checking", "hourglass_top")
    elif errors:
        label, icon = words.plural(len(problems), "problem"), "error"
    elif warnings:
        label, icon = words.plural(len(warnings), "warning"), "warning"
    else:
        label, icon = "No problems", "check_circle"
    key = "bar_problems_red" if errors else "bar_problems"
    with st.popover(label, icon=f":material/{icon}:", type="tertiary", key=key):
        if report is None:
            st.markdown(words.plain(state.report_error()) or "The network is being checked.")
        elif not problems:
            st.markdown("Everything fits: the network can be trained on this data.")
        for problem in problems[:8]:
            _problem_line(problem)
        if len(problems) > 8:
            st.caption(f"and {len(problems) - 8} more on Build")
        if problems and st.button(
            "Open the first", key="bar_first_problem", icon=":material/arrow_forward:"
        ):
            _open(state, (errors or list(problems))[0])


def _problem_line(problem: Problem) -> None:
    icon = {"error": "error", "warning": "warning", "hint": "lightbulb"}[problem.severity]
    st.markdown(f":material/{icon}: {words.plain(training.sentence(problem))}")


def _open(state: State, problem: Problem) -> None:
    state.network_name = problem.network or state.network_name
    state.selected_layer = problem.node or state.selected_layer
    go(training.screen_of(problem), project=state.project_id)


def _run_chip(run: Run, told: RunState) -> None:
    key = "bar_run_red" if told.state == "failed" else "bar_run"
    with st.popover(words.run_words(told), type="tertiary", key=key):
        st.markdown(f"**{words.plain(run.name)}**")
        if told.reason:
            st.markdown(words.plain(told.reason))
        if told.epochs:
            st.progress(min(1.0, (told.step or 0) / told.steps) if told.steps else 0.0)
        st.caption(
            " · ".join(
                part
                for part in (
                    f"epoch {told.epoch} of {told.epochs}" if told.epochs else "",
                    words.duration(told.seconds) if told.seconds else "",
                    f"{words.metric_name(told.metric)} {words.metric(told.metric, told.best)}"
                    if told.best is not None
                    else "",
                )
                if part
            )
        )
        if st.button("Open this run", key="bar_open_run", icon=":material/monitoring:"):
            go("train", project=run.project_id or "", run=run.id)


def _buttons(state: State, screen: Screen, run: Run | None, told: RunState | None) -> None:
    document = state.document
    if document is None:
        return
    with st.container(key="bar_history", horizontal=True, gap="xxsmall", width="content"):
        if st.button(
            "Undo",
            icon=":material/undo:",
            key="bar_undo",
            help=f"Undo: {document.undo_label} (Ctrl+Z)"
            if document.can_undo
            else "Nothing to undo yet",
            disabled=not document.can_undo,
        ):
            _undo()
        if st.button(
            "Redo",
            icon=":material/redo:",
            key="bar_redo",
            help=f"Redo: {document.redo_label} (Ctrl+Shift+Z)"
            if document.can_redo
            else "Nothing to redo",
            disabled=not document.can_redo,
        ):
            _redo()
    if run is not None and told is not None and told.live:
        if screen.name != "train" or run != state.run:  # there the head of the run itself has them
            acts.stop_and_hold(run, told, "bar")
        return
    filled = screen.name in ("build", "train")
    if st.button(
        "Train",
        icon=":material/play_arrow:",
        type="primary" if filled else "secondary",
        key="bar_train",
        help="Train the network as it is drawn (Ctrl+Enter)",
    ):
        training.train()
    train_menu.train_menu(state)


def _undo() -> None:
    state = current()
    label = state.undo()
    if label:
        state.say(f"Undone: {label}")
    st.rerun()  # the whole page, not only this fragment, shows the project


def _redo() -> None:
    state = current()
    label = state.redo()
    if label:
        state.say(f"Done again: {label}")
    st.rerun()


def _title(screen: Screen, state: State, told: RunState | None) -> str:
    """What the tab says: how far training is, how it ended, else screen and project."""
    if told is not None and told.live and told.steps:
        return f"Training {100 * told.step // told.steps} % · LayerLoom"
    if (
        told is not None
        and told.state == "finished"
        and told.best is not None
        and screen.name == "train"
    ):
        return f"✓ {words.metric(told.metric, told.best)} · LayerLoom"
    return f"{screen.title} · {words.cut(state.project.name, 30)} · LayerLoom"
