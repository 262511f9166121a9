"""The project menu: rename, duplicate, export and import the project file, all projects."""

import streamlit as st

from builder.projects import store
from builder.spec.codec import encode
from builder.spec.edits import RenameProject
from builder.ui import words
from builder.ui.shell import facts, keys, train_menu
from builder.ui.shell.history import open_history
from builder.ui.shell.router import go
from builder.ui.state import State, current, widget


def project_menu(state: State) -> None:
    """The project's name as a menu."""
    project = state.project
    name_key = f"menu_name_{state.project_id}_{state.revision}"
    label = words.plain(words.cut(project.name, 28))
    with st.popover(
        f"**{label}**", type="tertiary", key="bar_project", help=words.plain(project.name)
    ):
        st.text_input(
            "Project name",
            value=project.name,
            max_chars=200,
            key=name_key,
            on_change=_rename,
            args=(name_key,),
        )
        if keys.browser().width == "phone":
            facts.data_facts(project.data)
            st.caption(facts.device_label())
            train_menu.more_ways(state)
        st.button(
            "History and versions",
            icon=":material/history:",
            key="menu_history",
            on_click=open_history,
            width="stretch",
            help="Every edit and every named version; go to any of them, nothing is lost",
        )
        if st.button(
            "Duplicate", icon=":material/content_copy:", key="menu_duplicate", width="stretch"
        ):
            copy = store.duplicate(state.project_id)
            state.say(f"This is the copy, {copy.name}. The original is unchanged.")
            go("build", project=copy.id)
        st.download_button(
            "Download project file",
            data=lambda: encode(current().project),
            file_name=f"{file_stem(project.name)}.loom.json",
            mime="application/json",
            icon=":material/download:",
            key="menu_export",
            on_click="ignore",
            width="stretch",
            help="Network, data source and settings as one readable file; the data itself and runs stay here",
        )
        if st.button(
            "All projects and import",
            icon=":material/folder_open:",
            key="menu_all",
            width="stretch",
        ):
            go("start", project=state.project_id)
        st.caption(f"Every change is saved in {words.plain(state.folder)}")


def file_stem(name: str) -> str:
    """A file name made of a project's name: small letters, digits and hyphens."""
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name.lower())
    return "-".join(part for part in kept.split("-") if part)[:60] or "project"


def _rename(key: str) -> None:
    wanted = str(widget(key, "")).strip()
    state = current()
    if wanted and wanted != state.project.name:
        state.apply(RenameProject(name=wanted))
