"""The eight screens, in order, and how a page knows that it runs inside the app."""

from typing import NamedTuple

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.pages_manager import PagesManager


class Screen(NamedTuple):
    """One screen: its file and URL name, its name, its icon and the question it answers."""

    name: str
    title: str
    icon: str
    question: str
    needs_project: bool = True


SCREENS = (
    Screen("start", "Start", "home", "What can I do here, where was I?", needs_project=False),
    Screen("data", "Data", "database", "What does it learn from, can I trust it?"),
    Screen("build", "Build", "account_tree", "What is the network, does it fit?"),
    Screen("train", "Train", "monitoring", "Is it learning; if not, which layer and why?"),
    Screen("results", "Results", "fact_check", "How good is it, where is it wrong, why?"),
    Screen("use", "Use", "touch_app", "What does it say about my own input?"),
    Screen("export", "Export", "ios_share", "How do I take it away, is it the same model?"),
    Screen("runs", "Runs", "history", "What did I try, which was best?", needs_project=False),
)


def navigation() -> tuple[Screen, StreamlitPage]:
    """Draws the top navigation; the screen to show and the page that shows it."""
    pages = {
        screen.name: st.Page(
            f"pages/{screen.name}.py",
            title=screen.title,
            icon=f":material/{screen.icon}:",
            url_path=screen.name,
            default=screen.name == "start",
            help=screen.question,
        )
        for screen in SCREENS
    }
    chosen = st.navigation(list(pages.values()), position="top")
    name = next(name for name, page in pages.items() if page == chosen)
    return next(screen for screen in SCREENS if screen.name == name), chosen


def go(screen: str, **ids: str) -> None:
    """Switches to a screen, with `project=` and `run=` in the URL."""
    st.switch_page(f"pages/{screen}.py", query_params={k: v for k, v in ids.items() if v})


def inside_app() -> bool:
    """True when app.py runs this page; otherwise hands over to app.py and starts again.

    On a fresh server a deep link runs `pages/x.py` alone, because Streamlit still takes the folder for its
    older kind of pages until app.py has run once.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()
    return True
