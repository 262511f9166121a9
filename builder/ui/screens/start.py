"""Start: what can I do here, and where was I?"""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from builder.errors import BuilderError
from builder.projects import store
from builder.ui import words
from builder.ui.screens import gallery
from builder.ui.shell import facts, projects
from builder.ui.shell.pictures import show_picture
from builder.ui.shell.router import go
from builder.ui.shell.uploads import file_picker
from builder.ui.state import current

CONTINUE = 3


def show() -> None:
    """Continue cards, three doors, templates, and all projects."""
    known = store.list_projects()
    if facts.shared_address():
        st.warning(
            "Anyone who can open this address sees and can change all projects here.",
            icon=":material/public:",
        )
    if known:
        _continue(known[:CONTINUE])
    _doors(first_time=not known)
    gallery.show()
    projects.all_projects(known)
    _import()


def _continue(latest: list[store.StoredProject]) -> None:
    st.markdown("## Continue")
    cells = st.grid(3, min_column_width=260, gap="small", key="grid_continue")
    for place, one in enumerate(latest):
        with cells, st.container(border=True, key=f"card_continue_{place}"):
            _continue_card(one, first=place == 0)


def _continue_card(one: store.StoredProject, *, first: bool) -> None:
    show_picture(projects.thumbnail(one))
    st.markdown(f"**{words.plain(words.cut(one.name, 36))}**")
    st.caption((one.problem and words.plain(one.problem)) or projects.standing(one))
    if st.button(
        "Continue",
        key=f"continue_{one.id}",
        type="primary" if first else "secondary",
        icon=":material/arrow_forward:",
        width="stretch",
    ):
        go(projects.last_screen(one.id), project=one.id)


def _doors(*, first_time: bool) -> None:
    if first_time:
        _hero()
    cells = st.grid(2 if first_time else 3, min_column_width=280, gap="small", key="grid_doors")
    if not first_time:
        with cells, st.container(border=True, key="card_door_train"):
            st.markdown("### Train a first network")
            st.markdown(
                f"Handwritten digits, {projects.digits_time()} here. Watch it learn, then draw one yourself."
            )
            _train_it_now(filled=False)
    with cells, st.container(border=True, key="card_door_data"):
        st.markdown("### Bring my data")
        st.markdown(
            "A table, a series or texts as CSV; a ZIP with a folder of pictures per class. "
            "Nothing leaves the computer LayerLoom runs on."
        )
        if st.button("Bring my data", key="door_data", icon=":material/upload_file:"):
            projects.open_empty("My data")
    with cells, st.container(border=True, key="card_door_blank"):
        st.markdown("### Start from blank")
        st.markdown(
            "Choose the data; you begin with the smallest network that trains on it, and add layers."
        )
        if st.button("Start from blank", key="door_blank", icon=":material/add:"):
            projects.choose_data_dialog()


def _hero() -> None:
    with st.container(border=True, key="hero"):
        st.markdown("# Teach a network to read handwritten digits")
        st.markdown(
            f"1,797 small pictures and a small network, {projects.digits_time()} here. "
            "Watch every layer learn, then draw a digit and see what it says."
        )
        _train_it_now(filled=True)


def _train_it_now(*, filled: bool) -> None:
    if st.button(
        "Train it now",
        key="door_train",
        type="primary" if filled else "secondary",
        icon=":material/play_arrow:",
    ):
        projects.train_digits()


def _import() -> None:
    st.markdown("## Open a project file")
    file_picker(
        "Drop a .loom.json file here, or choose one",
        "import_file",
        types=["json"],
        max_mb=8,
        on_file=_imported,
    )
    target = current().drafts.pop("imported_project", None)
    if target:
        go("build", project=target)


def _imported(given: UploadedFile) -> None:
    try:
        stored = store.import_text(given.getvalue(), words.cut(given.name, 60))
    except BuilderError as error:
        current().say(str(error), is_error=True)
        return
    current().say(f"{stored.name} is open. The file itself is not changed.")
    current().drafts["imported_project"] = stored.id
