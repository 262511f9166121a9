"""Named versions in the history drawer: save, open, rename, delete with a way back; runs count as versions too."""

from collections.abc import Callable

import streamlit as st

from builder.errors import BuilderError
from builder.projects import versions
from builder.projects.versions import Version
from builder.runs.store import Run
from builder.ui import comparing, words
from builder.ui.shell.compare_link import see_difference
from builder.ui.state import State, current, set_widget, widget

FIRST = 8
GONE = "version_gone"


def show() -> None:
    """Draws the form that saves one, then all versions and runs, last first."""
    state = current()
    _save_form(state)
    _just_deleted(state)
    kept = versions.versions(state.project_id)
    st.markdown(f"**Versions · {len(kept)}**" if kept else "**Versions**")
    if not kept:
        st.caption("None yet. Save one before you try something; it stays until you delete it.")
    everything = len(kept) <= FIRST or st.toggle(f"Show all {len(kept)}", key="versions_all")
    for version in kept if everything else kept[:FIRST]:
        _version(state, version)
    _runs(state)
    _deleted(state)


def by_revision(state: State) -> dict[int, str]:
    """Names of versions by the step of the history on which they were saved."""
    return {version.revision: version.name for version in versions.versions(state.project_id)}


def _save_form(state: State) -> None:
    with st.form("version_form", border=False, enter_to_submit=True):
        st.text_input("Name", key="version_name", max_chars=200, placeholder="before dropout")
        st.text_input("Note", key="version_note", max_chars=2000, placeholder="Optional")
        st.form_submit_button(
            "Save this version",
            type="primary",
            icon=":material/bookmark_add:",
            key="version_save",
            on_click=_save,
        )
    trouble = state.drafts.pop("version_trouble", "")
    if trouble:
        st.error(words.plain(trouble), icon=":material/error:")


def _save() -> None:
    state = current()
    document = state.document
    if document is None:
        return

    def act() -> None:
        versions.save(
            state.project_id,
            document.project,
            str(widget("version_name", "")),
            note=str(widget("version_note", "")),
            revision=document.step,
        )
        set_widget("version_name", "")
        set_widget("version_note", "")

    _told(act)


def _version(state: State, version: Version) -> None:
    with st.container(key=f"version_{version.id}", border=True, gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
            st.markdown(
                f":material/bookmark: **{words.plain(words.cut(version.name, 40))}**",
                width="stretch",
            )
            st.caption(words.when(version.at), width="content")
        if version.note:
            st.caption(words.plain(version.note))
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
            _open_and_compare(state, f"version:{version.id}", version.id)
            st.space("stretch")
            with st.popover(
                "More",
                icon=":material/more_horiz:",
                type="tertiary",
                key=f"version_more_{version.id}",
            ):
                _acts(version)


def _open_and_compare(state: State, key: str, widget_id: str) -> None:
    if st.button(
        "Go back to it",
        icon=":material/settings_backup_restore:",
        key=f"version_open_{widget_id}",
        help="Makes it the present drawing and settings, as one edit that Undo takes back",
    ):
        title = comparing.title(state, key)
        if comparing.go_back_to(state, key):
            state.say(f"Went back to {title}.")
        st.rerun()
    if st.button(
        "Compare",
        icon=":material/difference:",
        key=f"version_compare_{widget_id}",
        type="tertiary",
        help="See what differs between it and now",
    ):
        see_difference(key)


def _acts(version: Version) -> None:
    name, note = f"version_rename_{version.id}", f"version_renote_{version.id}"
    for key, label, value, most in (
        (name, "Name", version.name, 200),
        (note, "Note", version.note, 2000),
    ):
        st.text_input(
            label,
            value,
            key=key,
            max_chars=most,
            on_change=_describe,
            args=(version.id, name, note),
        )
    st.button(
        "Delete",
        icon=":material/delete:",
        key=f"version_delete_{version.id}",
        on_click=_delete,
        args=(version,),
        help="Can be brought back for 30 days",
        width="stretch",
    )


def _describe(version_id: str, name: str, note: str) -> None:
    old = versions.find(current().project_id, version_id)
    wanted, remark = str(widget(name, old.name)), str(widget(note, old.note))
    _told(lambda: versions.describe(current().project_id, version_id, name=wanted, note=remark))


def _delete(version: Version) -> None:
    if _told(lambda: versions.delete(current().project_id, version.id)):
        current().drafts[GONE] = version.id


def _restore(version_id: str) -> None:
    current().drafts.pop(GONE, None)
    _told(lambda: versions.restore(current().project_id, version_id))


def _just_deleted(state: State) -> None:
    gone = state.drafts.get(GONE)
    found = next((one for one in versions.deleted(state.project_id) if one.id == gone), None)
    if found is None:
        return
    with st.container(key="version_gone", horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/info: {words.plain(words.cut(found.name, 40))} was deleted.",
            width="stretch",
        )
        st.button(
            "Undo", key="version_undo", icon=":material/undo:", on_click=_restore, args=(found.id,)
        )


def _runs(state: State) -> None:
    runs = state.runs()
    if not runs:
        return
    st.markdown(f"**Runs · {len(runs)}**")
    st.caption("Each run keeps the drawing and settings it was trained with.")
    everything = len(runs) <= FIRST or st.toggle(f"Show all {len(runs)}", key="versions_runs_all")
    for run in runs if everything else runs[:FIRST]:
        _run(state, run)


def _run(state: State, run: Run) -> None:
    with st.container(key=f"version_run_{run.id}", border=True, gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
            st.markdown(
                f":material/monitoring: **{words.plain(words.cut(run.name, 40))}**", width="stretch"
            )
            st.caption(_standing(run), width="content")
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
            _open_and_compare(state, f"run:{run.id}", run.id)


def _standing(run: Run) -> str:
    try:
        told = run.state()
        figure = words.metric(told.metric, told.best) if told.best is not None else ""
        return " · ".join(part for part in (figure, words.when(run.info.created)) if part)
    except BuilderError:
        return ""


def _deleted(state: State) -> None:
    gone = versions.deleted(state.project_id)
    if not gone:
        return
    with st.expander(f"Deleted · {len(gone)}", icon=":material/delete:", key="versions_deleted"):
        st.caption("Kept for 30 days.")
        for one in gone[:50]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(words.plain(words.cut(one.name, 40)), width="stretch")
                st.button(
                    "Restore", key=f"version_back_{one.id}", on_click=_restore, args=(one.id,)
                )


def _told(act: Callable[[], object]) -> bool:
    try:
        act()
    except BuilderError as error:
        current().drafts["version_trouble"] = str(error)
        return False
    return True
