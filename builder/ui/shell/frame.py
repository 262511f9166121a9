"""What surrounds every screen: style, bar, notices, coach line, and words when nothing is open."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from builder.errors import BuilderError
from builder.paths import ASSETS
from builder.ui import theme, words
from builder.ui.shell import keys
from builder.ui.shell.bar import bar_place, show_bar
from builder.ui.shell.boot import boot
from builder.ui.shell.coach import show_coach
from builder.ui.shell.collecting import set_imports_aside
from builder.ui.shell.history import show_history
from builder.ui.shell.notices import show_notice
from builder.ui.shell.router import SCREENS, Screen, go
from builder.ui.state import current

LOGO = ASSETS / "logo.svg"
PLACES = ("gone", "notice", "coach", *(screen.name for screen in SCREENS))
KEPT_SCREENS = frozenset({"data", "build", "train", "results"})
"""Screens worth coming back to with Continue."""
_CSS = (ASSETS / "css" / "shell.css").read_text(encoding="utf-8")


def configure() -> None:
    """Title, icon, width and menu of the app."""
    st.set_page_config(
        page_title="LayerLoom",
        page_icon=str(LOGO),
        layout="wide",
        initial_sidebar_state="collapsed",
        menu_items={"About": "LayerLoom: draw a network, train it, see inside it, take it away."},
    )


def surround(screen: Screen, page: StreamlitPage, complaint: str) -> None:
    """Draws the frame, and the screen within it."""
    boot()
    st.logo(str(LOGO), size="large")
    st.html(f"<style>{stylesheet()}</style>")
    keys.stand_by()
    bar = bar_place()
    state = current()
    screen_first, state.screen_first = state.screen_first, False
    if not screen_first:
        show_bar(screen, bar)
    show_history()
    # Each part has a place of its own, filled or not: a live fragment of one screen then never writes into
    # another's, even when a run of the page was cut short.
    places = {name: st.container(key=f"slot_{name}") for name in PLACES}
    with places["gone"]:
        _or_nothing(bool(complaint) and _gone(complaint))
    with places["notice"]:
        _or_nothing(show_notice())
    with places[screen.name]:
        _show(screen, page, places["coach"])
    if screen_first:
        show_bar(screen, bar)
    set_imports_aside()


def _show(screen: Screen, page: StreamlitPage, coach: DeltaGenerator) -> None:
    if screen.needs_project and current().document is None:
        _nothing_open(screen)
        return
    if screen.name in KEPT_SCREENS:
        current().remember("screen", screen.name)
    with coach:
        _or_nothing(show_coach(screen.name))
    try:
        page.run()
    except BuilderError as error:
        st.error(words.plain(str(error)), icon=":material/error:")


def _or_nothing(drawn: bool) -> None:
    """Clears a strip that is not drawn this time, at once.

    Streamlit would take it away only at the end of the run, and the whole screen would jump under the pointer.
    """
    if not drawn:
        st.empty()


def stylesheet() -> str:
    """The shell's CSS with the values of both themes: the first paint by what the server knows, then exact."""
    return "".join(
        (
            theme.css_block(":root", theme.mode()),
            theme.css_block(":root[data-ll-theme=light]", "light"),
            theme.css_block(":root[data-ll-theme=dark]", "dark"),
            _CSS,
        )
    )


def _gone(complaint: str) -> bool:
    """What was asked for and is not there; True, because it is drawn."""
    with st.container(key="gone", border=True):
        st.markdown(f":material/link_off: {words.plain(complaint)}")
    return True


def _nothing_open(screen: Screen) -> None:
    with st.container(key="nothing_open", horizontal_alignment="center"):
        st.space("large")
        st.markdown(f"### No project is open, so {screen.title} has nothing to show")
        st.markdown(
            "Open a project, start from a template or begin with a blank one on the Start page."
        )
        if st.button(
            "Go to Start", type="primary", icon=":material/home:", key="nothing_open_start"
        ):
            go("start")
