"""The Problems tab: what is wrong, what was got, what is needed, and fixes that one click applies."""

import streamlit as st

from builder.spec.problems import Fix, Problem
from builder.ui import words
from builder.ui.canvas.drawing import Drawing

ICONS = {"error": "error", "warning": "warning", "hint": "lightbulb"}
COLOURS = {"error": "red", "warning": "orange", "hint": "blue"}


def show(
    drawing: Drawing, problems: tuple[Problem, ...], *, is_current: bool, trouble: str
) -> None:
    """Draws every problem, errors first, in the order in which data flows."""
    if trouble:
        st.warning(words.plain(trouble), icon=":material/warning:")
    if not is_current:
        st.caption(":material/hourglass_top: Checking the newest drawing")
    if not problems and is_current and not trouble:
        st.markdown(":green[:material/check_circle:] Everything fits. Press Train when you like.")
    for number, problem in enumerate(problems):
        _problem(drawing, number, problem)


def _problem(drawing: Drawing, number: int, problem: Problem) -> None:
    node = drawing.network.node(problem.node) if problem.node else None
    with st.container(border=True, key=f"problem_{number}", gap="xsmall"):
        colour, icon = COLOURS[problem.severity], ICONS[problem.severity]
        st.markdown(f":{colour}[:material/{icon}:] **{words.plain(problem.what)}**")
        for word, text in (("Got", problem.got), ("Needs", problem.expected)):
            if text:
                st.caption(f"{word} {words.plain(text)}")
        for place, fix in enumerate(problem.fixes):
            st.button(
                words.plain(fix.sentence),
                icon=":material/build:",
                key=f"fix_{number}_{place}",
                on_click=apply_fix,
                args=(drawing, fix, problem),
            )
        if node is not None and node not in drawing.chosen:
            st.button(
                words.plain(f"Show {words.cut(node.name, 24)}"),
                icon=":material/my_location:",
                type="tertiary",
                key=f"show_{number}",
                on_click=drawing.choose,
                args=([node.id],),
            )


def apply_fix(drawing: Drawing, fix: Fix, problem: Problem) -> None:
    """Applies a fix as one step of the history, and says so with a way back."""
    if not drawing.apply_together(fix.edits, fix.sentence.rstrip(".")[:200]):
        return
    if problem.node:
        drawing.choose([problem.node])
    drawing.state.say(f"Done: {fix.sentence}", undo=drawing.undo)
