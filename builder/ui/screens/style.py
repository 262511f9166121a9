"""The stylesheet of the screens about a run."""

from functools import cache
from pathlib import Path

import streamlit as st


def use_style() -> None:
    """Puts the stylesheet on the page; draws nothing."""
    st.html(f"<style>{_css()}</style>")


@cache
def _css() -> str:
    return (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
