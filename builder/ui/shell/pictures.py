"""Thumbnails of drawings: the SVG of layout.py, painted with the theme's colours."""

import streamlit as st

from builder.network import layout
from builder.spec.network import Network


def picture(network: Network) -> str:
    """The SVG of a network."""
    return layout.thumbnail_svg(network)


def show_picture(svg: str) -> None:
    """Draws a thumbnail, centred in its frame; it holds no text, so nothing of the user's reaches the page."""
    st.html(f"<div class='ll-thumb' aria-hidden='true'>{svg}</div>")
