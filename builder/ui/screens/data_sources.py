"""Where data comes from: built-in sets, an upload, a path on this machine."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from builder.data import builtin
from builder.data.builtin import BuiltinSet
from builder.paths import room
from builder.spec.data import BuiltinSource
from builder.ui import words
from builder.ui.screens import data_wizard
from builder.ui.shell.uploads import copy_to, file_picker
from builder.ui.state import current

SOURCES = {
    "Built-in": ":material/inventory_2: Built-in",
    "Upload": ":material/upload_file: Upload",
    "Path here": ":material/folder: Path here",
}
MAX_UPLOAD_MB = 2000


def sources(*, choose_builtin: Callable[[str, str], None]) -> None:
    """The three sources, one shown at a time."""
    remembered = current().recall("data_source", "Built-in")
    own = current().project.data.source is None and current().project.name.startswith("My data")
    chosen = st.segmented_control(
        "Source",
        list(SOURCES),
        format_func=SOURCES.__getitem__,
        default="Upload" if own else remembered,
        required=True,
        key=f"data_source_{current().project_id}",
        label_visibility="collapsed",
    )
    {"Built-in": lambda: _builtin(choose_builtin), "Upload": _upload, "Path here": _path}[chosen]()


def _builtin(choose: Callable[[str, str], None]) -> None:
    source = current().project.data.source
    in_use = source.name if isinstance(source, BuiltinSource) else ""
    for about in builtin.sets():
        _card(about, choose, in_use=about.name == in_use)


def _card(about: BuiltinSet, choose: Callable[[str, str], None], *, in_use: bool) -> None:
    with st.container(border=True, key=f"set_{about.name}", gap="xsmall"):
        st.markdown(f"**{about.title}**")
        st.caption(f"{about.summary} {words.plural(about.samples, 'sample')}, {about.task}.")
        if in_use:
            st.markdown(":green[:material/check_circle: In use]")
        else:
            st.button(
                "Use this data",
                key=f"use_{about.name}",
                disabled=not about.available,
                help=about.reason or f"{about.licence}. From {about.origin}.",
                on_click=choose,
                args=(about.name, about.title),
            )


def _upload() -> None:
    file_picker(
        "A table as CSV or JSON lines, a text, or a ZIP: one folder of pictures or texts per class, or the folders "
        "images and masks",
        "data_upload",
        types=["csv", "tsv", "txt", "md", "jsonl", "ndjson", "zip"],
        max_mb=MAX_UPLOAD_MB,
        on_file=_take,
    )
    st.caption("Nothing leaves the computer LayerLoom runs on. For more than 2 GB use Path here.")


def _path() -> None:
    text = st.text_input(
        "File or folder on this machine", key="data_path", placeholder="/home/me/flowers.zip"
    )
    if st.button("Read this file", key="data_path_read", icon=":material/search:"):
        path = Path(text.strip()).expanduser()
        if not text.strip():
            current().say("Type the path of a file or folder first.", is_error=True)
        elif not path.is_file() and not path.is_dir():
            current().say(
                f"There is no file {path.name!r} at that path on this machine.", is_error=True
            )
        else:
            data_wizard.begin(path, path.name)
        st.rerun()


def _take(given: UploadedFile) -> None:
    folder = room("uploads") / given.file_id[:32].replace("/", "")
    data_wizard.begin(copy_to(given, folder), given.name, temporary=True)
