"""Build while two versions or runs are compared: the strip, both drawings as one, and the same as a list."""

from typing import NamedTuple

import streamlit as st

from builder.errors import BuilderError
from builder.network.effects import Effects, Side, effects
from builder.network.report import Report
from builder.projects.difference import Difference, GraphChange, compare
from builder.projects.telling import connections, layer_sentence
from builder.readiness.report import ProjectReport
from builder.spec.network import Block, Network
from builder.spec.project import Project
from builder.ui import comparing, words
from builder.ui.canvas import component
from builder.ui.canvas.compared import ComparedView
from builder.ui.comparing import Pair
from builder.ui.follow import follow, follow_choice
from builder.ui.shell.compare_link import PARAMETER
from builder.ui.shell.keys import browser
from builder.ui.state import State, current, widget

WAIT_SECONDS = 1.0
POLL_SECONDS = 0.5
ICONS = {"added": "add", "removed": "remove", "changed": "edit"}
STYLE = """
.st-key-compare_strip { background: var(--ll-hint-tint); border-radius: 8px; padding: 4px 12px; align-items: center; }
.st-key-compare_strip p { margin: 0; }
.st-key-compare_strip :is([data-testid=stMarkdownContainer], [data-testid=stCaptionContainer]) { margin: 0; }
.st-key-compare_side {
  height: var(--ll-workbench, calc(100dvh - 280px)); min-height: 420px; overflow-y: auto; padding: 2px 4px 16px 2px;
}
.st-key-compare_side [data-testid=stVerticalBlock] { gap: 4px; }
.st-key-compare_side ul { margin: 0 0 8px; }
.st-key-compare_side li, .st-key-compare_side button p { font-size: 14px; line-height: 20px; }
.st-key-compare_side li { margin-bottom: 2px; }
.st-key-compare_side button { padding: 4px 8px; min-height: 32px; }
.st-key-compare_side button, .st-key-compare_side button * { justify-content: flex-start; text-align: left; }
.st-key-compare_body { align-items: stretch; flex-wrap: nowrap; }
.st-key-compare_canvas { min-width: 0; }
@media (max-width: 640px) {
  .st-key-compare_side { height: auto; overflow: visible; }
  .st-key-compare_body { flex-wrap: wrap; }
  .st-key-compare_side button { min-height: 44px; }
}
"""


class Both(NamedTuple):
    """Two projects with their names, their checks as far as they are there, and what differs."""

    titles: tuple[str, str]
    projects: tuple[Project, Project]
    reports: tuple[ProjectReport | None, ProjectReport | None]
    found: Difference


def asked() -> Pair | None:
    """The comparison named in the address; None when there is none."""
    return comparing.pair(st.query_params.get(PARAMETER, ""))


def show(wanted: Pair) -> None:
    """Draws the comparison; a side that is gone is said, with a way back."""
    state = current()
    st.html(f"<style>{STYLE}</style>")
    try:
        both = _both(state, wanted)
    except BuilderError as error:
        st.warning(words.plain(str(error)), icon=":material/link_off:")
        if st.button("Back to the drawing", key="compare_back", icon=":material/arrow_back:"):
            _close()
        return
    _strip(state, wanted, both)
    _pick(state, wanted)
    change, sides = _graph(both)
    narrow = browser().width == "phone"
    with st.container(key="compare_body", horizontal=True, gap="small"):
        if not narrow or _wants_drawing():
            with st.container(key="compare_canvas", width="stretch"):
                _canvas(state, wanted, change, sides)
        if not narrow or not widget("compare_view") or widget("compare_view") == "list":
            with st.container(key="compare_side", width="stretch" if narrow else 360):
                _list(both, change, effects(*sides))
    if None in both.reports:
        _until_checked(state, wanted, both)


def _both(state: State, wanted: Pair) -> Both:
    titles = (comparing.title(state, wanted.before), comparing.title(state, wanted.now))
    projects = (
        comparing.project_of(state, wanted.before),
        comparing.project_of(state, wanted.now),
    )
    reports = (
        _report(state, wanted.before, projects[0]),
        _report(state, wanted.now, projects[1]),
    )
    return Both(titles, projects, reports, compare(*projects))


def _report(state: State, key: str, project: Project) -> ProjectReport | None:
    return state.report_of(_check_key(key), project, WAIT_SECONDS)


def _check_key(key: str) -> str:
    """The check of the drawing now is the one which the bar has asked for already."""
    return "" if key == comparing.NOW else f".{key}"


def _strip(state: State, wanted: Pair, both: Both) -> None:
    before, now = (words.plain(words.cut(title)) for title in both.titles)
    with st.container(
        key="compare_strip", horizontal=True, vertical_alignment="center", gap="small"
    ):
        st.markdown(f":material/difference: Comparing **{now}** with **{before}**", width="content")
        st.caption(summary(both), width="content")
        st.space("stretch")
        chosen = wanted.before if wanted.before != comparing.NOW else wanted.now
        if chosen != comparing.NOW and st.button(
            f"Go back to {words.cut(both.titles[0 if chosen == wanted.before else 1], 24)}",
            icon=":material/settings_backup_restore:",
            key="compare_restore",
            help="Makes it the present drawing and settings; Undo brings today's back",
        ):
            title = both.titles[0 if chosen == wanted.before else 1]
            if comparing.go_back_to(state, chosen):
                state.say(f"Went back to {title}.", undo=_take_back)
            _close()
        if st.button("Close", icon=":material/close:", key="compare_close"):
            _close()


def summary(both: Both) -> str:
    """`2 added · 1 changed · 26,122 → 28,442 parameters (+2,320)`."""
    layers = [layer for graph in both.found.graphs for layer in graph.layers]
    counts = {how: sum(layer.how == how for layer in layers) for how in ICONS}
    parts = [f"{words.plural(count, 'layer')} {how}" for how, count in counts.items() if count]
    if not both.found:
        parts = ["no difference"]
    return " · ".join([*parts, *_parameters(both.reports)])


def _parameters(reports: tuple[ProjectReport | None, ProjectReport | None]) -> list[str]:
    before, now = reports
    if before is None or now is None:
        return ["counting parameters"]
    old, new = (sum(r.parameters for r in report.reports.values()) for report in (before, now))
    return [
        f"{old:,} → {new:,} parameters ({_signed(new - old)})"
        if old != new
        else f"{new:,} parameters"
    ]


def _signed(number: int) -> str:
    return f"{number:+,}".replace("-", "−")


def _pick(state: State, wanted: Pair) -> None:
    """Both sides as pickers, so that any two can be compared."""
    titles = comparing.titles(state)
    options = {key: titles.get(key) or comparing.title(state, key) for key in (*wanted, *titles)}
    with st.container(
        key="compare_pick", horizontal=True, gap="small", vertical_alignment="bottom"
    ):
        keys = sorted(options, key=lambda key: list(titles).index(key) if key in titles else -1)
        for side, label in (("before", "Before"), ("now", "After")):
            key = f"compare_{side}"
            st.selectbox(
                label,
                keys,
                format_func=lambda one: words.cut(options[one], 48),
                width=260,
                on_change=_picked,
                **follow_choice(key, getattr(wanted, side), keys),
            )
        if st.button("Swap", icon=":material/swap_horiz:", key="compare_swap"):
            st.query_params[PARAMETER] = Pair(wanted.now, wanted.before).text
            st.rerun()
        if browser().width == "phone":
            st.segmented_control(
                "View",
                ["list", "drawing"],
                format_func={"list": "List", "drawing": "Drawing"}.__getitem__,
                default="list",
                required=True,
                key="compare_view",
                label_visibility="collapsed",
            )


def _picked() -> None:
    before, now = widget("compare_before"), widget("compare_now")
    if isinstance(before, str) and isinstance(now, str):
        st.query_params[PARAMETER] = Pair(before, now).text


def _wants_drawing() -> bool:
    return bool(widget("compare_view") == "drawing")


def _graph(both: Both) -> tuple[GraphChange | None, tuple[Side, Side]]:
    """The network or block looked at, on both sides; tabs where several can be."""
    names = {network.name: network.name for network in both.projects[1].networks}
    names |= {graph.id: graph.title for graph in both.found.graphs}
    chosen = next((graph.id for graph in both.found.graphs), next(iter(names)))
    if len(names) > 1:
        counts = {graph.id: len(graph.layers) for graph in both.found.graphs}
        told = {
            key: f"{words.cut(title, 24)} · {counts[key]}"
            if counts.get(key)
            else words.cut(title, 24)
            for key, title in names.items()
        }
        kept = widget("compare_graph")
        chosen = kept if kept in names else chosen
        chosen = st.segmented_control(
            "Network",
            list(names),
            format_func=told.__getitem__,
            required=True,
            label_visibility="collapsed",
            **follow("compare_graph", chosen, "default"),
        )
    change = both.found.graph(str(chosen))
    ids = (change.was, change.id) if change else (str(chosen), str(chosen))
    sides = (
        _side(both.projects[0], both.reports[0], ids[0]),
        _side(both.projects[1], both.reports[1], ids[1]),
    )
    return change, sides


def _side(project: Project, report: ProjectReport | None, graph_id: str) -> Side:
    """A network, or a block drawn as one; an empty one where this side has none."""
    graph: Network | Block | None = project.network(graph_id) or project.block(graph_id)
    reports = report.reports if report else {}
    if isinstance(graph, Block):
        inside = next((r.blocks[graph_id] for r in reports.values() if graph_id in r.blocks), {})
        drawn = Network(nodes=graph.nodes, wires=graph.wires, variables=graph.variables)
        return Side(project, drawn, Report(network=graph_id, nodes=inside))
    empty = Report(network=graph_id)
    return Side(project, graph or Network(), reports.get(graph_id, empty) if graph else empty)


def _canvas(
    state: State, wanted: Pair, change: GraphChange | None, sides: tuple[Side, Side]
) -> None:
    graph = change.id if change else sides[1].network.name
    where = f"{state.project_id}/{wanted.text}/{graph}"
    select = state.drafts.get("compare_select", (0, ""))
    view = ComparedView(*sides, change, where, select)
    component.canvas(view, f"compare.{where}")


def _list(both: Both, change: GraphChange | None, told: Effects) -> None:
    """All that differs in words; a layer's words lead to it on the drawing."""
    if not both.found:
        st.markdown("These two are the same: same layers, settings and data.")
        return
    if change is not None:
        _layers(change)
        _lines("Connections", list(connections(change)))
        _lines("Variables", [f"{one.words()}." for one in change.variables])
        _lines("Also", [f"{one.words()}." for one in change.details])
    _lines("Shapes", [f"{one.name}: {one.old} → {one.new}" for one in told.shapes])
    _lines("Data", [one.words() for one in both.found.data])
    _lines("Training", [one.words() for one in both.found.training])
    _lines("Project", [one.words() for one in both.found.project])


def _layers(change: GraphChange) -> None:
    if not change.layers:
        return
    st.markdown(f"**Layers · {len(change.layers)}**")
    for layer in change.layers:
        st.button(
            words.plain(layer_sentence(layer)),
            icon=f":material/{ICONS[layer.how]}:",
            key=f"compare_layer_{layer.node}",
            type="tertiary",
            width="stretch",
            help="Show it on the drawing",
            on_click=_select,
            args=(layer.node,),
        )


def _lines(title: str, lines: list[str]) -> None:
    if not lines:
        return
    st.markdown(f"**{title} · {len(lines)}**")
    st.markdown("\n".join(f"- {words.plain(line)}" for line in lines[:200]))
    if len(lines) > 200:
        st.caption(f"and {len(lines) - 200:,} more")


def _take_back() -> None:
    current().undo()


def _select(node: str) -> None:
    drafts = current().drafts
    drafts["compare_select"] = (drafts.get("compare_select", (0, ""))[0] + 1, node)


def _until_checked(state: State, wanted: Pair, both: Both) -> None:
    """Draws the page again once a check that was on its way is there."""

    def pending() -> int:
        sides = zip(wanted, both.projects, strict=True)
        return sum(state.report_of_pending(_check_key(key), project) for key, project in sides)

    before = pending()

    @st.fragment(run_every=POLL_SECONDS if before else None)
    def waiting() -> None:
        if pending() < before:
            st.rerun()

    waiting()


def _close() -> None:
    if PARAMETER in st.query_params:
        del st.query_params[PARAMETER]
    st.rerun()
