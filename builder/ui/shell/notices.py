"""The strip above the content: what just happened, and Undo for ten seconds."""

import time

import streamlit as st

from builder.ui import words
from builder.ui.state import Notice, current


def show_notice() -> None:
    """Draws the current notice, if its time is not over."""
    notice = current().notice
    if notice is None:
        return
    left = notice.until - time.monotonic()
    if left <= 0 and not notice.is_error:
        current().notice = None
        return
    _strip(notice, None if notice.is_error else max(left, 1.0))


def _strip(notice: Notice, seconds: float | None) -> None:
    @st.fragment(run_every=seconds)
    def strip() -> None:
        if current().notice is not notice:
            return
        with st.container(key="notice_error" if notice.is_error else "notice", horizontal=True):
            icon = "error" if notice.is_error else "info"
            st.markdown(f":material/{icon}: {words.plain(notice.text)}", width="stretch")
            if notice.undo is not None and st.button(
                "Undo", key="notice_undo", icon=":material/undo:"
            ):
                current().notice = None
                notice.undo()
                st.rerun()  # the whole page shows what came back
            if st.button("Dismiss", key="notice_close", type="tertiary"):
                current().notice = None
                st.rerun()

        if not notice.is_error and time.monotonic() >= notice.until:
            current().notice = None
            st.rerun()  # last, so that a button pressed meanwhile has had its effect

    strip()
