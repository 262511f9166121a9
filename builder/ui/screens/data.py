"""Data: what does it learn from, and can I trust it?"""

import streamlit as st

from builder.data import builtin
from builder.data.describe import describe
from builder.errors import BuilderError
from builder.readiness.blank import smallest_network
from builder.spec.data import DataSpec
from builder.spec.edits import SetData, SetNetworks
from builder.ui import words
from builder.ui.screens import data_look, data_sources, data_wizard
from builder.ui.shell import keys
from builder.ui.shell.facts import data_name
from builder.ui.shell.router import go
from builder.ui.state import current


def show() -> None:
    """Sources on the left; on the right the file being read, the data in use, or what to do."""
    if keys.browser().width == "phone":
        right, left = st.container(), st.container()
    else:
        left, right = st.columns([320, 1060], gap="large")
    with left:
        data_sources.sources(choose_builtin=use_builtin)
    with right:
        if data_wizard.is_open():
            data_wizard.wizard(use=use)
        elif current().project.data.source is None:
            _empty()
        else:
            _in_use()


def use(spec: DataSpec, title: str) -> None:
    """Makes the data the project's own; nothing else is changed, what no longer fits shows as problems."""
    state = current()
    if state.apply(SetData(data=spec, words=f"Chose {title} as data")):
        state.say(f"{title} is what the network learns from now.", undo=_undo)


def use_builtin(name: str, title: str) -> None:
    """Takes a built-in set; keeps split and preparation of the project where there was none chosen before."""
    try:
        split = current().project.data.split
        spec = describe(builtin.spec_of(name).model_copy(update={"split": split}))
    except BuilderError as error:
        current().say(str(error), is_error=True)
        return
    use(spec, title)


def _undo() -> None:
    current().undo()


def _empty() -> None:
    with st.container(border=True, key="data_empty"):
        st.markdown("#### :material/database: No data yet")
        st.markdown(
            "Pick a built-in set or drop a file; nothing leaves the computer LayerLoom runs on."
        )


def _in_use() -> None:
    spec = current().project.data
    st.markdown(f"## {words.plain(data_name(spec))}")
    data_look.verdict_and_warnings(spec)
    _next_step()
    data_look.tabs(spec)


def _next_step() -> None:
    """The way on: the smallest network while nothing is drawn yet, else Build."""
    state = current()
    drawn = any(node.kind not in ("input", "output") for node in state.network.nodes)
    if drawn:
        if st.button(
            "Open Build", type="primary", icon=":material/account_tree:", key="data_to_build"
        ):
            go("build", project=state.project_id)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="data_smallest"):
        st.markdown("The network is still empty.", width="content")
        if st.button(
            "Draw the smallest network that trains",
            type="primary",
            icon=":material/add:",
            key="data_draw",
        ):
            network = smallest_network(state.project.data).model_copy(
                update={"name": state.network.name}
            )
            state.apply(
                SetNetworks(networks=(network,), words="Drew the smallest network that trains")
            )
            go("build", project=state.project_id)
