"""The templates on Start: a card each, found by words, task, data and minutes."""

import streamlit as st

from builder.errors import BuilderError
from builder.projects.gallery import Wanted, found
from builder.projects.templates import Template, templates
from builder.ui import words
from builder.ui.shell import projects
from builder.ui.shell.pictures import picture
from builder.ui.state import current, forget_widget

FIRST = 12
"""Cards shown before somebody asks for all."""
MINUTES = {"Under 30 s": 0.5, "Under 1 min": 1.0, "Under 3 min": 3.0}
SEARCH, TASK, DATA, TIME, ALL = (
    "template_search",
    "template_task",
    "template_data",
    "template_time",
    "all templates",
)


def show() -> None:
    """The gallery, or why there is none."""
    st.markdown("## Templates")
    try:
        known = templates()
    except BuilderError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    wanted = _filters(known)
    chosen = found(known, wanted)
    if not chosen:
        _nothing()
        return
    everything = wanted != Wanted() or bool(current().drafts.get(ALL)) or len(chosen) <= FIRST
    cells = st.grid(4, min_column_width=240, gap="small", key="grid_templates")
    for one in chosen if everything else chosen[:FIRST]:
        with cells, st.container(border=True, key=f"card_template_{one.id}"):
            projects.template_card(one, picture(one.project))
    if not everything:
        st.button(
            f"Show all {len(chosen)} templates",
            icon=":material/expand_more:",
            key="template_more",
            on_click=_show_all,
        )
    elif wanted != Wanted():
        st.caption(f"{len(chosen)} of {words.plural(len(known), 'template')}")


def _filters(known: tuple[Template, ...]) -> Wanted:
    with st.container(
        key="template_filters", horizontal=True, vertical_alignment="bottom", gap="small"
    ):
        text = st.text_input(
            "Find a template",
            key=SEARCH,
            type="search",
            placeholder="residual, attention, table…",
            icon=":material/search:",
            live=True,
            width=280,
        )
        task = st.selectbox(
            "Task",
            sorted({one.recipe for one in known}),
            format_func=projects.task_title,
            index=None,
            placeholder="Any task",
            key=TASK,
            width=200,
        )
        dataset = st.selectbox(
            "Data",
            list(dict.fromkeys(one.dataset for one in known)),
            format_func=projects.data_title,
            index=None,
            placeholder="Any data",
            key=DATA,
            width=240,
        )
        time = st.selectbox(
            "Time here", list(MINUTES), index=None, placeholder="Any time", key=TIME, width=160
        )
    return Wanted(str(text or "").strip(), task, dataset, MINUTES.get(str(time)))


def _nothing() -> None:
    with st.container(border=True, key="templates_none"):
        st.markdown("No template is like that. Look for a layer, a task or the name of a network.")
        st.button(
            "Show all templates", icon=":material/close:", key="template_clear", on_click=_clear
        )


def _show_all() -> None:
    current().drafts[ALL] = True


def _clear() -> None:
    for key in (SEARCH, TASK, DATA, TIME):
        forget_widget(key)
