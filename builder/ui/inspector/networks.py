"""The tabs over the drawing for projects with several networks, each with what is wrong in it."""

import streamlit as st

from builder.readiness.report import ProjectReport
from builder.spec.problems import Problem
from builder.ui import words
from builder.ui.follow import follow
from builder.ui.state import State, current


def tabs(state: State, whole: ProjectReport | None) -> None:
    """Draws one tab a network; nothing where there is only one."""
    names = [network.name for network in state.project.networks]
    if len(names) < 2:
        return
    st.html(f"<style>{marks(names, whole)}</style>")
    chosen = st.segmented_control(
        "Network",
        names,
        required=True,
        label_visibility="collapsed",
        **follow("build_network", state.network.name, "default"),
    )
    if chosen and chosen != state.network.name:
        _open(chosen)
        st.rerun()


def marks(names: list[str], whole: ProjectReport | None) -> str:
    """Style that writes `(2 errors)` behind the tabs of networks that have some.

    In the label it would change the choice itself, and a press made while the check answers would be lost.
    """
    lines = []
    for place, name in enumerate(names, 1):
        errors = sum(problem.severity == "error" for problem in of_network(whole, name))
        said = f" ({words.plural(errors, 'error')})" if errors else ""
        tab = f".st-key-build_network [role=radio]:nth-of-type({place})"
        lines.append(f"{tab} p::after {{ content: '{said}' }}")
    return "\n".join(lines)


def of_network(whole: ProjectReport | None, name: str) -> tuple[Problem, ...]:
    """The problems inside one network."""
    found = whole.problems if whole else ()
    return tuple(problem for problem in found if problem.network == name)


def elsewhere(state: State, whole: ProjectReport | None) -> None:
    """Draws a line for each other network that has problems: which one, how many, and the way there."""
    for network in state.project.networks:
        found = of_network(whole, network.name)
        if network.name == state.network.name or not found:
            continue
        st.button(
            f"{words.plural(len(found), 'problem')} in {words.plain(network.name)}",
            icon=":material/arrow_forward:",
            type="tertiary",
            key=f"problems_in_{network.name}",
            on_click=_open,
            args=(network.name,),
        )


def _open(name: str) -> None:
    state = current()
    state.network_name, state.selected_layer = name, ""
