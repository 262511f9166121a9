"""File pickers that hand a file over once and let go of its bytes at once."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from builder.ui.state import current, widget

CHUNK = 8 * 1024 * 1024


def file_picker(
    label: str,
    key: str,
    *,
    types: Sequence[str],
    max_mb: int,
    on_file: Callable[[UploadedFile], None],
    help: str | None = None,
) -> None:
    """A picker and drop area; `on_file` gets the file once, then Streamlit's copy in memory is dropped."""
    st.file_uploader(
        label,
        type=list(types),
        key=_key(key),
        max_upload_size=max_mb,
        on_change=_hand_over,
        args=(key, on_file),
        help=help,
    )


def copy_to(given: UploadedFile, folder: Path) -> Path:
    """The upload as a file in `folder`, under its own last name part, written in pieces."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / safe_name(given.name)
    given.seek(0)
    with target.open("wb") as file:
        shutil.copyfileobj(given, file, CHUNK)
    return target


def safe_name(name: str) -> str:
    """A file name from outside without folders, control characters or leading dots."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(sign for sign in last if sign.isprintable() and sign not in ':*?"<>|').strip(
        " ."
    )
    return kept[-120:] or "upload"


def _key(key: str) -> str:
    return f"{key}_{current().drafts.get(f'uploads_{key}', 0)}"


def _hand_over(key: str, on_file: Callable[[UploadedFile], None]) -> None:
    given: Any = widget(_key(key))
    if given is None:
        return
    try:
        on_file(given)
    finally:
        _forget(given)
        drafts = current().drafts
        drafts[f"uploads_{key}"] = drafts.get(f"uploads_{key}", 0) + 1


def _forget(given: UploadedFile) -> None:
    context = get_script_run_ctx()
    if context is not None:
        # Not public in Streamlit: without it the bytes stay in memory until the session ends.
        remove = getattr(context.uploaded_file_mgr, "remove_file", None)
        if remove is not None:
            remove(context.session_id, given.file_id)
