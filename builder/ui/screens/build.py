"""Build: the workbench of canvas and panels; every change is saved as it is made."""

import streamlit as st

from builder.network.report import Report
from builder.readiness.report import ProjectReport
from builder.spec.problems import Problem
from builder.ui import words
from builder.ui.canvas.drawing import Drawing, current_drawing
from builder.ui.canvas.inside import report_inside
from builder.ui.follow import follow
from builder.ui.inspector import breadcrumb, code, cost, layer, networks, problems, stack, variables
from builder.ui.screens import build_compare
from builder.ui.shell.history import open_history
from builder.ui.shell.keys import browser
from builder.ui.state import State, current, widget

WAIT_SECONDS = 0.2
PANELS = {
    "layer": "Layer",
    "problems": "Problems",
    "variables": "Variables",
    "cost": "Cost",
    "code": "Code",
}
STYLE = """
.st-key-build { align-items: stretch; flex-wrap: nowrap; }
.st-key-build_canvas { min-width: 0; }
@media (min-width: 641px) {
  /* The canvas ends 16 px above the window's edge (frontend/src/main.tsx); more would make the page scroll. */
  [data-testid=stMainBlockContainer]:has(.st-key-build) { padding-bottom: 15px; }
}
.st-key-build_side {
  height: var(--ll-workbench, calc(100dvh - 230px)); min-height: 420px;
  overflow-y: auto; overflow-x: hidden; position: relative; padding: 2px 4px 16px 2px; scrollbar-width: thin;
}
.st-key-build_head p { margin: 0; }
.st-key-build_head [data-testid=stCaptionContainer], .st-key-build_head [data-testid=stMarkdownContainer] { margin: 0; }
.st-key-build_side [data-testid=stCode] code { font-size: 12px; line-height: 18px; }
.st-key-build_side [data-testid=stCode] pre { padding: 12px; }
[class*="st-key-build_panel"] [data-testid=stButtonGroup] { flex-wrap: nowrap; }
[class*="st-key-build_panel"] [role=radiogroup] { flex-wrap: nowrap; }
[class*="st-key-build_panel"] button { padding-left: 6px; padding-right: 6px; min-width: 0; }
[class*="st-key-build_panel"] button p { white-space: nowrap; font-size: 14px; }
.st-key-layer_acts button { padding-left: 8px; padding-right: 8px; }
@media (max-width: 1200px) {
  [data-testid=stLayoutWrapper]:has(> .st-key-build_side) { width: 280px !important; flex-basis: 280px !important; }
}
@media (max-width: 640px) {
  .st-key-build { flex-wrap: wrap; }
  [data-testid=stLayoutWrapper]:has(> .st-key-build_side), [data-testid=stLayoutWrapper]:has(> .st-key-build_canvas) {
    width: 100% !important; flex: 1 1 100% !important;
  }
  .st-key-build_side { height: auto; overflow: visible; }
  .st-key-build_canvas [data-testid=stButton] button { min-width: 32px; min-height: 44px; }
}
"""


def show() -> None:
    """Draws the workbench of the network this session looks at."""
    drawing = current_drawing()
    if drawing is None:
        return
    wanted = build_compare.asked()
    if wanted is not None:
        build_compare.show(wanted)
        return
    drawing.synchronise()
    now = current_drawing()
    if now is not None and now.network_name != drawing.network_name:  # a block was opened just now
        now.synchronise()
        drawing = now
    state = drawing.state
    if state.recall("build panel", "layer") != "problems":
        drawing.stop_preview()
    whole = state.report(wait=WAIT_SECONDS)
    report = whole.reports.get(drawing.root) if whole else None
    if drawing.path:
        report = report_inside(report, drawing.network_name, whole.problems if whole else ())
    st.html(f"<style>{STYLE}</style>")
    as_list = _head(drawing, report, whole)
    breadcrumb.show(drawing)
    is_current = not state.report_pending()
    with st.container(key="build", horizontal=True, gap="small"):
        with st.container(key="build_canvas", width="stretch"):
            if as_list:
                stack.show(drawing, report)
            else:
                drawing.show(report, is_current=is_current)
        with st.container(key="build_side", width=360):
            _side(drawing, report, whole, is_current=is_current, as_list=as_list)


def _head(drawing: Drawing, report: Report | None, whole: ProjectReport | None) -> bool:
    """Networks, Canvas or Stack, and the whole in figures; whether the list is wanted."""
    with st.container(key="build_head", horizontal=True, vertical_alignment="center", gap="small"):
        networks.tabs(drawing.state, whole)
        as_list = _view_switch(drawing.state)
        st.button(
            "History",
            icon=":material/history:",
            type="tertiary",
            key="build_history",
            on_click=open_history,
            help="Every edit and every named version",
        )
        st.space("stretch")
        if report is not None and not drawing.path:
            st.caption(summary(report), width="content")
        elif report is not None:
            st.caption(f"{report.parameters:,} parameters inside", width="content")
    return as_list


def _view_switch(state: State) -> bool:
    views = {"canvas": ":material/account_tree: Canvas", "stack": ":material/list: Stack"}
    width = browser().width
    usual = state.recall(f"build view {width}", "stack" if width == "phone" else "canvas")
    chosen = st.segmented_control(
        "View",
        list(views),
        format_func=views.__getitem__,
        required=True,
        label_visibility="collapsed",
        on_change=_remember,
        args=(f"build view {width}", "build_view"),
        **follow("build_view", usual, "default"),
    )
    return bool(chosen == "stack")


def _remember(name: str, key: str) -> None:
    """Keeps a choice before the page is drawn, so that the widget is not set back to the one before."""
    current().remember(name, str(widget(key)))


def summary(report: Report) -> str:
    """`2 hidden layers · 26,122 parameters · 104 kB`."""
    depth = f"{words.plural(report.hidden_layers, 'hidden layer')}{': deep' if report.hidden_layers > 1 else ''}"
    parts = [depth, f"{report.parameters:,} parameters", words.size(4 * report.parameters)]
    return " · ".join(parts)


def _side(
    drawing: Drawing,
    report: Report | None,
    whole: ProjectReport | None,
    *,
    is_current: bool,
    as_list: bool,
) -> None:
    """The panels beside the drawing; the list shows a layer's settings in its own row instead."""
    found = of_network(whole, drawing.network_name)
    panels = [panel for panel in PANELS if panel != "layer" or not as_list]
    key = "build_panel_list" if as_list else "build_panel"
    last = drawing.state.recall("build panel", "layer")
    _count_beside_problems(len(found), key, panels)
    chosen = st.segmented_control(
        "Panel",
        panels,
        format_func=PANELS.__getitem__,
        required=True,
        label_visibility="collapsed",
        width="stretch",
        on_change=_remember,
        args=("build panel", key),
        **follow(key, last if last in panels else panels[0], "default"),
    )
    if chosen == "problems":
        trouble = drawing.state.report_error()
        problems.show(
            drawing, found, report, is_current=is_current, trouble=trouble, on_canvas=not as_list
        )
        networks.elsewhere(drawing.state, whole)
    elif chosen == "variables":
        variables.show(drawing)
    elif chosen == "cost":
        cost.show(drawing, report, whole)
    elif chosen == "code":
        code.show(drawing)
    else:
        layer.show(drawing, report)


def _count_beside_problems(count: int, key: str, panels: list[str]) -> None:
    """Writes how many there are after the word, in style only.

    In the label it would change the choice itself, and a press made while the check answers would be lost.
    """
    place = panels.index("problems") + 1
    text = f" ({count})" if count else ""
    st.html(
        f"<style>.st-key-{key} [role=radio]:nth-of-type({place}) p::after {{ content: '{text}' }}</style>"
    )


def of_network(whole: ProjectReport | None, name: str) -> tuple[Problem, ...]:
    """The problems of one network, and those of the whole project."""
    found = whole.problems if whole else ()
    return tuple(problem for problem in found if problem.network in (name, None))
