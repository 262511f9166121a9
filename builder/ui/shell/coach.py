"""The coach line: one sentence on what to do next, one act, dismissible for ever."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from builder.errors import BuilderError, SpecError
from builder.paths import workspace
from builder.projects import atomic
from builder.runs.state import RunState
from builder.spec.codec import read_json
from builder.ui.shell.router import go
from builder.ui.state import State, current


class Moment(NamedTuple):
    """What a line needs to know about the session to tell whether it fits."""

    state: State
    run: RunState | None

    def over(self) -> bool:
        """Whether the project's latest run ended well."""
        return self.run is not None and self.run.state == "finished"


class Line(NamedTuple):
    """A sentence for a screen and a moment, with the one act it proposes."""

    name: str
    screen: str
    fits: Callable[[Moment], bool]
    text: str
    act: str = ""
    target: str = ""


LINES = (
    Line(
        "no-data",
        "build",
        lambda m: m.state.project.data.source is None,
        "Choose what the network learns from; sizes, loss and metric then follow from the data.",
        "Choose data",
        "data",
    ),
    Line(
        "first-steps",
        "train",
        lambda m: m.run is not None and m.run.live,
        "Loss measures how wrong the answers are. It should fall: fast first, then slowly.",
    ),
    Line(
        "ended-early",
        "train",
        lambda m: m.run is not None and m.run.over and m.run.state != "finished",
        "A run that ended early is kept as it is: go on with it, or change something and train anew.",
    ),
    Line(
        "trained",
        "train",
        Moment.over,
        "Trained. Try it on an input of your own.",
        "Use it",
        "use",
    ),
    Line(
        "judge",
        "results",
        Moment.over,
        "This is how it does on data it was not trained on. Next: try it, or take it away.",
        "Export",
        "export",
    ),
)


def show_coach(screen: str) -> bool:
    """Draws the first line that fits this screen and moment; False when none is left."""
    state = current()
    if state.document is None:
        return False
    moment = Moment(state, _run_state(state))
    silenced = _silenced()
    line = next(
        (x for x in LINES if x.screen == screen and x.name not in silenced and x.fits(moment)), None
    )
    if line is not None:
        _draw(line, state)
    return line is not None


def _draw(line: Line, state: State) -> None:
    with st.container(key="coach", horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/lightbulb: {line.text}", width="content")
        if line.act and st.button(line.act, key=f"coach_{line.name}", type="tertiary"):
            go(line.target, project=state.project_id, run=state.run_id)
        st.space("stretch")
        st.button(
            "Hide this tip",
            key=f"coach_hide_{line.name}",
            type="tertiary",
            icon=":material/close:",
            on_click=_silence,
            args=(line.name,),
        )


def _run_state(state: State) -> RunState | None:
    try:
        run = state.run
        return run.state() if run else None
    except BuilderError:
        return None


def _silenced() -> list[str]:
    try:
        kept = read_json((workspace() / "coach.json").read_bytes(), "coach.json")
    except (OSError, SpecError):
        return []
    return [str(name) for name in kept] if isinstance(kept, list) else []


def _silence(name: str) -> None:
    atomic.write_json(workspace() / "coach.json", sorted({*_silenced(), name}))
