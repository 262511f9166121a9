"""From a file to data in use: what was guessed and why, column types, target, and what was set aside."""

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import streamlit as st

from builder.data.describe import describe
from builder.data.ingest.found import Ingested, Inspection
from builder.data.ingest.ingest import ingest
from builder.data.ingest.inspect import inspect
from builder.data.ingest.messages import Task
from builder.spec.data import ColumnType, DataSpec, Windows
from builder.ui import words
from builder.ui.screens import data_time
from builder.ui.shell.jobs import Job, Progress, show_job
from builder.ui.state import current

_DRAFT = "data_wizard"
TYPES: tuple[ColumnType, ...] = get_args(ColumnType)
SHOWN_SKIPPED = 5
NOUNS = {"table": "row", "image": "picture", "text": "text"}


@dataclass
class Draft:
    """A file on its way to becoming data."""

    path: Path
    name: str
    temporary: bool
    job: Job
    found: Inspection | None = None
    target: str | None = None
    types: dict[str, ColumnType] = field(default_factory=dict)
    task: Task = "detect"
    windows: Windows | None = None
    """As changed here; None takes what was found."""


def begin(path: Path, name: str, *, temporary: bool = False) -> None:
    """Starts looking at a file; a temporary one is deleted when the wizard closes."""
    close()
    current().drafts[_DRAFT] = Draft(path, name, temporary, _look(path, name))


def is_open() -> bool:
    """Whether a file is being looked at."""
    return _DRAFT in current().drafts


def close() -> None:
    """Forgets the file being looked at."""
    draft: Draft | None = current().drafts.pop(_DRAFT, None)
    if draft is not None:
        draft.job.cancel()
        if draft.temporary:
            with contextlib.suppress(OSError):
                shutil.rmtree(draft.path.parent)


def wizard(*, use: Callable[[DataSpec, str], None]) -> None:
    """The step the file is at: being read, shown with guesses, being taken in."""
    draft: Draft = current().drafts[_DRAFT]
    st.markdown(f"## {words.plain(words.cut(draft.name, 60))}")
    if not draft.job.wait(0.3):
        show_job(draft.job, key="data_cancel")
        return
    if draft.job.error or draft.job.cancelled:
        _failed(draft)
        return
    if isinstance(draft.job.result, Ingested):
        _finish(draft, draft.job.result, use)
        return
    if draft.found is None:
        draft.found = draft.job.result
        forecast = draft.found is not None and draft.found.windows is not None
        draft.target = draft.found.target if draft.found and not forecast else None
    if draft.found is not None:
        _guesses(draft, draft.found)


def _look(path: Path, name: str, target: str | None = None, task: Task = "detect") -> Job:
    def work(told: Progress) -> Inspection:
        told(0.0, "")
        return inspect(path, target=target, task=task)

    return Job(f"Reading {name}", work)


def _take_in(draft: Draft) -> None:
    def work(told: Progress) -> Ingested:
        taken = ingest(
            draft.path,
            target=draft.target,
            column_types=draft.types,
            task=draft.task,
            progress=told,
        )
        if draft.windows is None or taken.spec.windows is None:
            return taken
        spec = taken.spec.model_copy(update={"windows": draft.windows})
        return taken._replace(spec=describe(spec))

    draft.job = Job(f"Taking in {draft.name}", work)


def _failed(draft: Draft) -> None:
    if draft.job.error:
        st.error(words.plain(draft.job.error), icon=":material/error:")
    else:
        st.info("Cancelled. Nothing was changed.", icon=":material/info:")
    with st.container(horizontal=True):
        if draft.found is not None and st.button(
            "Back to the columns", key="data_back", type="primary"
        ):
            draft.job = _look(draft.path, draft.name, draft.target)
            draft.found = None
            st.rerun()
        st.button("Choose another file", key="data_other", on_click=close)


def _guesses(draft: Draft, found: Inspection) -> None:
    st.markdown(_sentence(found))
    for note in found.notes:
        st.caption(words.plain(note))
    for warning in found.warnings:
        st.warning(words.plain(warning.what), icon=":material/warning:")
    _skipped(found)
    if found.columns:
        data_time.task(draft.task, found, partial(_task_chosen, draft))
        if found.windows is None:
            _target(draft, found)
        else:
            draft.windows = data_time.windows(found, found.windows, file=draft.path.parent.name)
        _columns(draft, found)
        _preview(found)
    elif found.classes:
        noun = "Masks" if found.task == "segmentation" else NOUNS[found.kind].capitalize() + "s"
        st.dataframe(
            pd.DataFrame(found.classes, columns=["Class", noun]),
            hide_index=True,
            alt=f"{noun} of each class",
        )
    if found.kind == "text" and not found.columns:
        _preview(found)
    with st.container(horizontal=True):
        st.button(
            "Use this data",
            key="data_use",
            type="primary",
            icon=":material/check:",
            on_click=partial(_take_in, draft),
        )
        st.button("Cancel", key="data_discard", on_click=close)


def _task_chosen(draft: Draft, task: Task) -> None:
    draft.task, draft.windows, draft.target, draft.found = task, None, None, None
    draft.job = _look(draft.path, draft.name, None, task)


def _sentence(found: Inspection) -> str:
    if found.task == "language model":
        return "**One text.** The network learns how it goes on; there is nothing to label."
    if found.task == "sequence to sequence":
        pairs = words.plural(found.rows, "pair")
        return f"**{pairs} of texts.** The network learns to write the second for the first."
    rows = words.plural(found.rows, NOUNS[found.kind])
    columns = f", {words.plural(len(found.columns), 'column')}" if found.columns else ""
    return f"**{rows}{columns}.** What was guessed is shown with its reason; change what is wrong."


def _skipped(found: Inspection) -> None:
    if not found.skipped:
        return
    total = max(found.skipped_total, len(found.skipped))
    with st.expander(
        f"{words.plural(total, 'entry', 'entries')} set aside", icon=":material/rule:"
    ):
        rows = pd.DataFrame([{"Where": item.where, "Why": item.why} for item in found.skipped])
        st.dataframe(
            rows.head(SHOWN_SKIPPED), hide_index=True, alt="Entries set aside, with the reason"
        )
        st.download_button(
            "Download the list",
            data=lambda: rows.map(_safe_cell).to_csv(index=False),
            file_name="set-aside.csv",
            mime="text/csv",
            icon=":material/download:",
            key="data_skipped",
            on_click="ignore",
        )


def _safe_cell(value: Any) -> str:
    """Text a spreadsheet will not take for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _target(draft: Draft, found: Inspection) -> None:
    names = [column.name for column in found.columns]
    index = names.index(found.target) if found.target in names else None
    chosen = st.selectbox(
        "Target: the column to predict",
        names,
        index=index,
        key=f"data_target_{draft.path.parent.name}",
        placeholder="Choose the column to predict",
        help="What the network learns to answer. The other columns are its input.",
    )
    if chosen is not None and chosen != draft.target:
        draft.job = _look(draft.path, draft.name, chosen)
        draft.found, draft.target = None, chosen
        st.rerun()
    if found.task:
        because = "" if found.target == draft.target else "chosen because "
        why = f", {because}{words.plain(found.target_reason)}" if found.target_reason else ""
        st.caption(f"Target **{words.plain(found.target or '')}**{why}. Task: {found.task}.")


def _columns(draft: Draft, found: Inspection) -> None:
    table = pd.DataFrame(
        [
            {
                "Column": column.name,
                "Type": draft.types.get(column.name, column.type),
                "Missing": column.missing,
                "Why": column.reason,
            }
            for column in found.columns
        ]
    )
    edited = st.data_editor(
        table,
        hide_index=True,
        disabled=["Column", "Missing", "Why"],
        key=f"data_columns_{draft.path.parent.name}_{draft.target}",
        column_config={
            "Column": st.column_config.TextColumn(width="medium"),
            "Type": st.column_config.SelectboxColumn(
                options=list(TYPES), required=True, width="small"
            ),
            "Missing": st.column_config.NumberColumn(width="small"),
            "Why": st.column_config.TextColumn(width="large"),
        },
        alt="Columns with their guessed types",
    )
    guessed = {column.name: column.type for column in found.columns}
    draft.types = {
        name: kind
        for name, kind in zip(edited["Column"], edited["Type"], strict=True)
        if kind != guessed[name]
    }


def _preview(found: Inspection) -> None:
    if not found.preview:
        return
    title = "First rows as they stand in the file" if found.columns else "How it begins"
    with st.expander(title, icon=":material/table_rows:"):
        rows = [dict(enumerate(row)) for row in found.preview]
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="First rows of the file")


def _finish(draft: Draft, taken: Ingested, use: Callable[[DataSpec, str], None]) -> None:
    title = taken.source.name or draft.name
    close()
    use(taken.spec, title)
    st.rerun()
