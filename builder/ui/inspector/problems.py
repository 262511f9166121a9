"""The Problems tab: what is wrong, what was got, what is needed, and fixes that one click applies."""

from collections.abc import Sequence

import streamlit as st

from builder.network.report import Report
from builder.network.together import together
from builder.spec.problems import Fix, Problem
from builder.ui import words
from builder.ui.canvas.drawing import Drawing
from builder.ui.canvas.ghost import is_drawn
from builder.ui.inspector import preview

ICONS = {"error": "error", "warning": "warning", "hint": "lightbulb"}
COLOURS = {"error": "red", "warning": "orange", "hint": "blue"}


def show(
    drawing: Drawing,
    problems: tuple[Problem, ...],
    report: Report | None,
    *,
    is_current: bool,
    trouble: str,
    on_canvas: bool = False,
) -> None:
    """Draws every problem, errors first, in the order in which data flows.

    `on_canvas` says that the canvas is beside it, where what a fix would do can be drawn.
    """
    if trouble:
        st.warning(words.plain(trouble), icon=":material/warning:")
    if not is_current:
        st.caption(":material/hourglass_top: Checking the newest drawing")
    if not problems and is_current and not trouble:
        st.markdown(":green[:material/check_circle:] Everything fits. Press Train when you like.")
    _fix_all(drawing, problems)
    for number, problem in enumerate(problems):
        _problem(drawing, number, problem, report, on_canvas=on_canvas)
    _silenced(drawing)


def _fix_all(drawing: Drawing, problems: Sequence[Problem]) -> None:
    fixes = together(drawing.state.project, problems)
    if len(fixes) < 2:
        return
    left = sum(bool(problem.fixes) for problem in problems) - len(fixes)
    told = "\n".join(f"- {words.plain(fix.sentence)}" for fix in fixes)
    rest = (
        f"\n\n{words.plural(left, 'further fix', 'further fixes')} would touch the same layers."
        if left
        else ""
    )
    st.button(
        f"Fix {len(fixes)} at once",
        icon=":material/auto_fix_high:",
        key="fix_all",
        help=f"The first fix of each, one step to undo:\n\n{told}{rest}",
        on_click=apply_all_fixes,
        args=(drawing, fixes),
    )


def _problem(
    drawing: Drawing, number: int, problem: Problem, report: Report | None, *, on_canvas: bool
) -> None:
    with st.container(border=True, key=f"problem_{number}", gap="xsmall"):
        colour, icon = COLOURS[problem.severity], ICONS[problem.severity]
        st.markdown(f":{colour}[:material/{icon}:] **{words.plain(problem.what)}**")
        for word, text in (("Got", problem.got), ("Needs", problem.expected)):
            if text:
                st.caption(f"{word} {words.plain(text)}")
        waiting = _waiting(problem, report)
        if waiting:
            st.caption(f"{words.plural(waiting, 'layer')} behind it wait for this")
        for place, fix in enumerate(problem.fixes):
            _fix(drawing, f"{number}_{place}", fix, problem, on_canvas=on_canvas)
        _acts(drawing, number, problem)


def _fix(drawing: Drawing, place: str, fix: Fix, problem: Problem, *, on_canvas: bool) -> None:
    st.button(
        words.plain(fix.sentence),
        icon=":material/build:",
        key=f"fix_{place}",
        help=preview.whole(fix) or None,
        on_click=apply_fix,
        args=(drawing, fix, problem),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if fix.changes:
            st.caption(preview.short(fix))
        if on_canvas and is_drawn(fix):
            _preview(drawing, place, fix)


def _preview(drawing: Drawing, place: str, fix: Fix) -> None:
    """Starts or stops the preview of a fix on the canvas."""
    shown = drawing.previewed == fix
    st.button(
        "Stop preview" if shown else "Preview",
        icon=":material/visibility_off:" if shown else ":material/visibility:",
        type="tertiary",
        key=f"preview_{place}",
        help="Draws on the canvas what this fix would do; nothing is changed.",
        on_click=drawing.stop_preview if shown else drawing.preview,
        args=() if shown else (fix,),
    )


def _acts(drawing: Drawing, number: int, problem: Problem) -> None:
    """Finding the layer, and silencing a hint."""
    node = drawing.network.node(problem.node) if problem.node else None
    finds = node is not None and node not in drawing.chosen
    if not finds and problem.severity != "hint":
        return
    with st.container(horizontal=True, gap="small"):
        if finds and node is not None:
            st.button(
                words.plain(f"Show {words.cut(node.name, 24)}"),
                icon=":material/my_location:",
                type="tertiary",
                key=f"show_{number}",
                on_click=drawing.choose,
                args=([node.id],),
            )
        if problem.severity == "hint":
            st.button(
                "Silence",
                icon=":material/notifications_off:",
                type="tertiary",
                key=f"silence_{number}",
                help="This hint no longer shows at this layer. It can be brought back below.",
                on_click=drawing.state.mute,
                args=(problem,),
            )


def _silenced(drawing: Drawing) -> None:
    hidden = [one for one in drawing.state.silent() if one.network in (drawing.network_name, None)]
    if not hidden:
        return
    with st.expander(words.plural(len(hidden), "silenced hint")):
        for number, problem in enumerate(hidden):
            st.caption(words.plain(problem.what))
            st.button(
                "Show it again",
                icon=":material/notifications:",
                type="tertiary",
                key=f"hear_{number}",
                on_click=drawing.state.hear,
                args=(problem,),
            )


def _waiting(problem: Problem, report: Report | None) -> int:
    if report is None or problem.node is None or problem.severity != "error":
        return 0
    return sum(node.waiting_for == problem.node for node in report.nodes.values())


def apply_fix(drawing: Drawing, fix: Fix, problem: Problem) -> None:
    """Applies a fix as one step of the history, and says so with a way back."""
    if not drawing.apply_together(fix.edits, fix.sentence.rstrip(".")[:200]):
        return
    if problem.node:
        drawing.choose([problem.node])
    drawing.state.say(f"Done: {fix.sentence}", undo=drawing.undo)


def apply_all_fixes(drawing: Drawing, fixes: Sequence[Fix]) -> None:
    """Applies fixes that do not touch each other as one step of the history."""
    edits = tuple(edit for fix in fixes for edit in fix.edits)
    if drawing.apply_together(edits, f"Fixed {len(fixes)} problems"):
        drawing.state.say(f"Done: {len(fixes)} fixes", undo=drawing.undo)
