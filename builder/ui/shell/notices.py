"""The strips above the content: what just happened, with Undo for ten seconds, and which version counts."""

import time

import streamlit as st

from builder.ui import words
from builder.ui.state import Clash, Notice, current


def show_notice() -> bool:
    """Draws the question which version counts, else the current notice in its time; False when there is neither."""
    clash = current().clash
    if clash is not None:
        _clash(clash)
        return True
    notice = current().notice
    if notice is None:
        return False
    left = notice.until - time.monotonic()
    if left <= 0 and not notice.is_error:
        current().notice = None
        return False
    _strip(notice, None if notice.is_error else max(left, 1.0))
    return True


def _clash(clash: Clash) -> None:
    theirs = f": {clash.theirs}" if clash.theirs else ""
    with st.container(key="clash", horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/warning: Another window changed this project meanwhile{words.plain(theirs)}. "
            f"Your change is not saved yet: {words.plain(clash.mine)}.",
            width="stretch",
        )
        st.button(
            "Keep mine",
            key="clash_mine",
            icon=":material/check:",
            help="Where both touch the same, yours counts; Undo brings theirs back",
            on_click=_keep_mine,
            args=(clash,),
        )
        st.button(
            "Take theirs",
            key="clash_theirs",
            type="tertiary",
            help="Leaves your change out",
            on_click=_take_theirs,
        )


def _keep_mine(clash: Clash) -> None:
    current().clash = None
    clash.keep_mine()


def _take_theirs() -> None:
    current().clash = None


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
