"""Thumbnails of drawings: the SVG of network/thumbnail.py, painted with the theme's colours."""

import base64
import re

import streamlit as st

from builder.network.thumbnail import thumbnail_svg
from builder.spec.project import Project
from builder.ui import theme

_VARIABLE = re.compile(r"var\((--[a-z0-9_-]+), *(#[0-9A-Fa-f]{6})\)")


def picture(project: Project) -> str:
    """The SVG of a project's first network, with colours still as CSS variables."""
    return thumbnail_svg(project.networks[0], project.blocks)


def show_picture(svg: str) -> None:
    """Draws a thumbnail, centred in its frame; as an image, so that nothing in it can act on the page."""
    encoded = base64.b64encode(painted(svg, theme.mode()).encode()).decode()
    image = f"<img alt='' src='data:image/svg+xml;base64,{encoded}'>" if svg else ""
    st.html(f"<div class='ll-thumb' aria-hidden='true'>{image}</div>")


def painted(svg: str, mode: theme.Mode) -> str:
    """The SVG with every CSS variable replaced by its colour: an image does not see the page's variables."""
    colours = {**theme.css_variables(mode), "--wire": theme.THEMES[mode].control}
    return _VARIABLE.sub(lambda found: colours.get(found[1], found[2]), svg)
