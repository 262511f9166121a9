"""What happens once per server: repairs of Streamlit, lower priority, waiting runs go on, torch gets warm beside it."""

import contextlib
import threading

import streamlit as st

from builder.errors import BuilderError
from builder.paths import workspace
from builder.runs import priority, queue
from builder.ui import state
from builder.ui.shell.left_pages import let_go
from builder.ui.shell.presses import count_once


def boot() -> None:
    """Does the start-up work of this server, the first time any page is shown."""
    _once(str(workspace()))


@st.cache_resource(show_spinner=False)
def _once(home: str) -> bool:
    priority.lower_this_process()
    count_once()
    let_go()
    threading.Thread(target=_in_background, name="boot", daemon=True).start()
    return True


def _in_background() -> None:
    with contextlib.suppress(BuilderError):  # a page that needs either says so itself
        queue.relaunch_orphans()
    with contextlib.suppress(BuilderError):
        state.warm()
