"""Runs: what did I try, which was best?"""

import pandas as pd
import streamlit as st

from builder.errors import BuilderError
from builder.runs import store
from builder.runs.store import Run
from builder.ui import words
from builder.ui.screens import runs_compare, runs_table
from builder.ui.shell.router import go
from builder.ui.state import current

EVERYWHERE = "All projects"
HERE = "This project"


def show() -> None:
    """The table of runs; one selected can be opened or deleted, several are compared."""
    state = current()
    st.markdown("## Runs")
    everywhere = state.document is None or _scope() == EVERYWHERE
    runs = store.list_runs(None if everywhere else state.project_id)
    if not runs:
        _empty()
        _trash()
        return
    rows = runs_table.rows(runs)
    chosen = [runs[i] for i in _table(rows, project=everywhere) if i < len(runs)]
    if not chosen:
        st.caption("Select a run to open or delete it, or several to compare them.")
    else:
        _acts(chosen)
    if len(chosen) > 1:
        runs_compare.compare(chosen)
    _trash()


def _scope() -> str:
    chosen = st.segmented_control(
        "Show", [HERE, EVERYWHERE], default=HERE, key="runs_scope", label_visibility="collapsed"
    )
    return chosen or HERE


def _empty() -> None:
    with st.container(border=True, key="runs_empty"):
        st.markdown("#### :material/history: No runs yet")
        st.markdown("Every training is kept here with its exact network, data and code.")
        if st.button("Go to Start", key="runs_start", icon=":material/home:"):
            go("start", project=current().project_id)


def _table(rows: pd.DataFrame, *, project: bool) -> list[int]:
    columns = (
        list(rows.columns) if project else [name for name in rows.columns if name != "Project"]
    )
    event = st.dataframe(
        rows,
        key="runs_table",
        hide_index=True,
        placeholder="–",
        on_select="rerun",
        selection_mode="multi-row",
        column_order=columns,
        column_config={
            "Run": st.column_config.TextColumn(width="small"),
            "State": st.column_config.TextColumn(width="medium"),
            "Best": st.column_config.TextColumn(
                help="Best value of the run's metric on validation"
            ),
            "Loss": st.column_config.LineChartColumn(
                "Loss", help="Validation loss over epochs, each run on its own scale", width="small"
            ),
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "Minutes": st.column_config.NumberColumn(format="%.2f"),
            "When": st.column_config.DatetimeColumn(format="D MMM, HH:mm"),
        },
        alt="Runs with state, best figure, loss curve, parameters, minutes, data and time",
    )
    return list(event.selection.rows)


def _acts(chosen: list[Run]) -> None:
    with st.container(horizontal=True, key="runs_acts"):
        if len(chosen) == 1:
            run = chosen[0]
            if st.button("Open run", type="primary", icon=":material/monitoring:", key="runs_open"):
                go("train", project=run.project_id or current().project_id, run=run.id)
            if st.button("See results", icon=":material/fact_check:", key="runs_results"):
                go("results", project=run.project_id or current().project_id, run=run.id)
            with st.popover("Rename", icon=":material/edit:", key="runs_rename"):
                key = f"runs_name_{run.id}"
                wanted = st.text_input("Name", run.name, max_chars=200, key=key)
                if wanted != run.name:
                    run.rename(wanted)
                    st.rerun()
        label = "Delete run" if len(chosen) == 1 else f"Delete {len(chosen)} runs"
        st.button(
            label,
            icon=":material/delete:",
            key="runs_delete",
            on_click=_delete,
            args=(chosen,),
            help="Goes to the trash, where it stays for 30 days",
        )


def _delete(chosen: list[Run]) -> None:
    state = current()
    gone: list[tuple[str, str]] = []
    refused = ""
    for run in chosen:
        identity = (run.id, run.name)
        try:
            store.delete(run)
        except BuilderError as error:
            refused = str(error)
        else:
            gone.append(identity)
            if state.run_id == identity[0]:
                state.run_id = ""
    if refused:
        state.say(refused, is_error=True)
    elif gone:
        what = gone[0][1] if len(gone) == 1 else words.plural(len(gone), "run")
        state.say(f"{what} moved to the trash.", undo=lambda: _restore([i for i, _ in gone]))


def _restore(run_ids: list[str]) -> None:
    for run_id in run_ids:
        try:
            store.restore(run_id)
        except BuilderError as error:
            current().say(str(error), is_error=True)


def _trash() -> None:
    gone = store.trashed()
    if not gone:
        return
    with st.expander(f"Trash · {len(gone)}", icon=":material/delete:"):
        st.caption("Kept for 30 days.")
        for one in gone:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(words.plain(words.cut(one.name, 60)), width="content")
                st.caption(f"deleted {words.when(one.deleted)}", width="content")
                st.space("stretch")
                st.button(
                    "Restore", key=f"runs_restore_{one.id}", on_click=_restore, args=([one.id],)
                )
