"""The history drawer: every edit in words, a click away; and the named versions, with the runs among them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import streamlit as st

from builder.projects import store
from builder.projects.history import Entry
from builder.ui import words
from builder.ui.shell import versions_list
from builder.ui.shell.compare_link import see_difference
from builder.ui.state import State, current, set_widget

OPEN = "history_open"
PAGE = "history_page"
ROWS = 14
TABS = ("Edits", "Versions")
BEGINNING = "Created"


class Row(NamedTuple):
    """One step of the list; `step` as `State.go_to` takes it, `now` where the project stands."""

    step: int
    label: str
    at: datetime
    undone: bool
    now: bool
    saved_as: str


def open_history(tab: str = "Edits") -> None:
    """Opens the drawer on the next run of the page, at the present step."""
    drafts = current().drafts
    drafts[OPEN] = True
    drafts[PAGE] = None
    set_widget("history_tab", tab)


def show_history() -> None:
    """Draws the drawer while it is open; it stays open over jumps, so that the drawing behind can be watched."""
    if current().document is not None and current().drafts.get(OPEN):
        _drawer()


def _closed() -> None:
    current().drafts[OPEN] = False


@st.dialog("History", width="small", icon=":material/history:", on_dismiss=_closed)
def _drawer() -> None:
    with st.container(key="history"):
        tab = st.segmented_control(
            "Show",
            TABS,
            required=True,
            key="history_tab",
            label_visibility="collapsed",
            width="stretch",
        )
        # A place of its own for each tab, so that nothing of one is left in the other while it is drawn.
        edits, kept = st.container(key="history_edits"), st.container(key="history_versions")
        with kept if tab == "Versions" else edits:
            if tab == "Versions":
                versions_list.show()
            else:
                _edits(current())


def num_rows(state: State) -> int:
    """Every step, and the beginning."""
    assert state.document is not None
    return state.document.num_entries + 1


def found(state: State, wanted: str) -> Sequence[int]:
    """Places of the list, the newest 0, whose words have this text in them; of all without a text."""
    count = num_rows(state)
    if not wanted:
        return range(count)
    assert state.document is not None
    places = [count - 2 - place for place in reversed(state.document.places_of(wanted))]
    return [*places, *[count - 1] * (wanted.lower() in BEGINNING.lower())]


def rows(state: State, places: Iterable[int]) -> list[Row]:
    """The steps at these places of the list; only they are read."""
    document = state.document
    assert document is not None
    saved, last = versions_list.by_revision(state), document.num_entries - 1
    beginning = Entry(0, BEGINNING, store.info(state.project_id).created, undone=False)
    told = [
        document.entries(last - place, last - place + 1)[0] if place <= last else beginning
        for place in places
    ]
    here = document.step
    return [
        Row(e.revision, e.label, e.at, e.undone, e.revision == here, saved.get(e.revision, ""))
        for e in told
    ]


def _edits(state: State) -> None:
    wanted = str(
        st.text_input(
            "Find an edit",
            placeholder="Find an edit",
            key="history_find",
            label_visibility="collapsed",
            icon=":material/search:",
        )
    ).strip()
    places = found(state, wanted)
    if not places:
        st.caption(f"No edit is called like “{words.plain(wanted)}”.")
        return
    pages = (len(places) - 1) // ROWS + 1
    page = min(max(_page(state, searching=bool(wanted)), 0), pages - 1)
    if num_rows(state) == 1:
        st.caption(
            "Every change of the drawing, the data and the training settings is listed here."
        )
    with st.container(gap="xxsmall"):
        for row in rows(state, places[page * ROWS : (page + 1) * ROWS]):
            _row(state, row)
    if pages > 1:
        _pager(page, pages, len(places))


def _page(state: State, *, searching: bool) -> int:
    """The page looked at; at first the one with the present step."""
    kept = state.drafts.get(PAGE)
    if searching or isinstance(kept, int):
        return kept if isinstance(kept, int) else 0
    assert state.document is not None
    return (state.document.num_entries - 1 - state.document.place) // ROWS


def _row(state: State, row: Row) -> None:
    key = "history_now" if row.now else f"history_{'undone' if row.undone else 'done'}_{row.step}"
    with st.container(key=key, horizontal=True, vertical_alignment="center", gap="xxsmall"):
        icon = "radio_button_checked" if row.now else "redo" if row.undone else "check"
        told = (
            f"{row.label} · here now"
            if row.now
            else f"{row.label} · undone"
            if row.undone
            else row.label
        )
        pressed = st.button(
            words.plain(words.cut(told, 64)),
            icon=f":material/{icon}:",
            key=f"history_step_{row.step}",
            type="tertiary",
            width="stretch",
            help=words.plain(_help(row)),
        )
        if row.saved_as:
            st.caption(
                f":material/bookmark: {words.plain(words.cut(row.saved_as, 16))}", width="content"
            )
        st.caption(words.when(row.at), width="content")
        compared = not row.now and st.button(
            "Compare with now",
            icon=":material/difference:",
            key=f"history_compare_{row.step}",
            type="tertiary",
            help="See what differs between this step and now",
        )
    if pressed and not row.now:
        _jump(state, row)
    if compared:
        see_difference(f"step:{row.step}")


def _help(row: Row) -> str:
    where = "The project stands here" if row.now else "Go to this step; nothing is lost"
    saved = f" Saved as {row.saved_as}." if row.saved_as else ""
    return f"{row.label}. {where}.{saved}"


def _jump(state: State, row: Row) -> None:
    if state.go_to(row.step):
        state.say(f"Now at: {row.label}")
    st.rerun()  # the whole page shows the project; the drawer stays open


def _pager(page: int, pages: int, count: int) -> None:
    with st.container(
        key="history_pager", horizontal=True, vertical_alignment="center", gap="xxsmall"
    ):
        for label, icon, to in (
            ("Newest", "first_page", 0),
            ("Newer", "chevron_left", page - 1),
            ("Older", "chevron_right", page + 1),
            ("Oldest", "last_page", pages - 1),
        ):
            st.button(
                label,
                icon=f":material/{icon}:",
                key=f"history_page_{label.lower()}",
                type="tertiary",
                disabled=to == page or not 0 <= to < pages,
                help=label,
                on_click=_turn,
                args=(to,),
            )
        st.caption(
            f"page {page + 1:,} of {pages:,} · {words.plural(count, 'step')}", width="content"
        )


def _turn(page: int) -> None:
    current().drafts[PAGE] = page
