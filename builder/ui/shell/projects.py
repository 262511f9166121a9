"""Projects as cards and rows: open, rename, duplicate, delete with undo, begin from data or a template."""

from collections.abc import Callable

import streamlit as st

from builder.data import builtin
from builder.data.describe import describe
from builder.errors import BuilderError
from builder.projects import store
from builder.projects.store import StoredProject
from builder.projects.templates import Template, find
from builder.readiness.blank import blank_project
from builder.runs import store as runs_store
from builder.runs import words as run_vocabulary
from builder.spec.codec import encode
from builder.train.recipes import catalogue as recipes
from builder.ui import words
from builder.ui.shell import training
from builder.ui.shell.menu import file_stem
from builder.ui.shell.pictures import picture, show_picture
from builder.ui.shell.router import go
from builder.ui.state import current, recalled, widget

ROWS = 10
FIRST_TEMPLATE = "mlp-digits"


def train_digits() -> None:
    """The shortest way to a trained network: the digits template, straight into training."""
    try:
        stored = create_from(find(FIRST_TEMPLATE))
        current().open(stored.id)
    except BuilderError as error:
        current().say(str(error), is_error=True)
        st.rerun()
    training.train(is_checked=True)


def digits_time() -> str:
    """How long that takes on such a machine: `about 20 s`, as the template promises."""
    try:
        return words.about_minutes(find(FIRST_TEMPLATE).minutes)
    except BuilderError:
        return "less than a minute"


def open_empty(name: str) -> None:
    """A project with nothing but Input and Output, on the Data screen."""
    go("data", project=store.create(blank_project(name=unused_name(name))).id)


@st.dialog(
    "Start from blank: what should it learn from?", width="medium", icon=":material/database:"
)
def choose_data_dialog() -> None:
    """Asks for the data; then Build opens with the smallest network that trains on it."""
    for about in builtin.sets():
        with st.container(horizontal=True, vertical_alignment="center", key=f"pick_{about.name}"):
            with st.container(gap=None):
                st.markdown(f"**{about.title}** · {words.plural(about.samples, 'sample')}")
                st.caption(about.summary if about.available else about.reason)
            if st.button(
                "Use it",
                key=f"blank_{about.name}",
                disabled=not about.available,
                help=None if about.available else about.reason,
            ):
                open_blank(about.name, about.title)
    if st.button("My own data", icon=":material/upload_file:", key="blank_own"):
        open_empty("My data")


def open_blank(set_name: str, title: str) -> None:
    """A project with the smallest network that trains on a built-in set, on the Build screen."""
    spec = describe(builtin.spec_of(set_name))
    name = unused_name(f"{title} from blank")
    go("build", project=store.create(blank_project(spec, name)).id)


def unused_name(wanted: str) -> str:
    """`wanted`, or with the next number when a project is called so already."""
    taken = {one.name for one in store.list_projects()}
    numbered = (f"{wanted} {number}" for number in range(2, len(taken) + 3))
    return next(name for name in (wanted, *numbered) if name not in taken)


def template_card(template: Template, svg: str) -> None:
    """A template in the gallery: picture, what it teaches, what it promises, and two acts."""
    show_picture(svg)
    st.markdown(f"**{words.plain(template.title)}**")
    st.markdown(words.plain(template.teaches))
    st.space("stretch")
    st.caption(f"{traits(template)}  \n{promise(template)}")
    with st.container(horizontal=True, gap="small"):
        if st.button("Open", key=f"open_{template.id}", icon=":material/arrow_forward:"):
            open_template(template)
        if st.button("Preview", key=f"preview_{template.id}", type="tertiary"):
            preview(template)


def traits(template: Template) -> str:
    """`Classification · Handwritten digits`, and beneath it `24.6 k parameters · from 2015`."""
    size = f"{words.count(template.parameters)} parameters".replace(" ", "\u00a0")
    born = f" · from {template.year}" if template.year else ""
    where = f"{task_title(template.recipe)} · {data_title(template.dataset)}"
    return f"{where}  \n{size}{born}"


def promise(template: Template) -> str:
    """`accuracy 98.0 % · about 20 s here`."""
    figure = words.metric(template.metric, template.expected)
    return f"{words.metric_name(template.metric)} {figure} · {words.about_minutes(template.minutes)} here"


def task_title(recipe: str) -> str:
    """The words for a recipe."""
    try:
        return recipes.find(recipe).title
    except BuilderError:
        return recipe.replace("_", " ").capitalize()


def data_title(name: str) -> str:
    """The words for a built-in set."""
    try:
        return builtin.find(name).title
    except BuilderError:
        return name


def open_template(template: Template) -> None:
    """A project of one's own, made from a template, on the Build screen."""
    go("build", project=create_from(template).id)


def create_from(template: Template) -> StoredProject:
    """A project made from a template, under a name that is still free."""
    project = template.project
    return store.create(project.model_copy(update={"name": unused_name(project.name)}))


@st.dialog("Template", width="large", icon=":material/account_tree:")
def preview(template: Template) -> None:
    """The template at full size: the drawing, the data, the settings."""
    st.markdown(f"### {words.plain(template.title)}")
    st.markdown(words.plain(template.teaches))
    st.caption(f"{traits(template)}  \n{promise(template)}")
    if st.button(
        "Open this template", type="primary", key="preview_open", icon=":material/arrow_forward:"
    ):
        open_template(template)
    _preview_map(template)


def _preview_map(template: Template) -> None:
    from builder.ui.model_map import model_map  # agraph only where a preview is open

    model_map(template.project.networks[0], {}, selected="", key=f"preview_map_{template.id}")


def thumbnail(stored: StoredProject) -> str:
    """The picture of a project's drawing, drawn anew where it has changed; empty for an unreadable one."""
    kept = store.thumbnail(stored.id) if stored.problem is None else None
    if kept is not None or stored.problem is not None:
        return kept or ""
    svg = picture(store.load(stored.id))
    store.set_thumbnail(stored.id, svg)
    return svg


def standing(stored: StoredProject) -> str:
    """`best 97.2 % · edited 3 May, 14:20`."""
    best = best_figure(stored.id)
    return " · ".join(part for part in (best, f"edited {words.when(stored.edited)}") if part)


def best_figure(project_id: str) -> str:
    """The best figure of any run of a project; `never trained` when there is none."""
    runs = runs_store.list_runs(project_id)
    told = [run.state() for run in runs]
    done = [state for state in told if state.best is not None]
    if not done:
        return run_vocabulary.chip(told[0]).lower() if told else "never trained"
    best = done[0]
    for state in done[1:]:
        if state.metric == best.metric and words.better(state.metric, state.best, best.best):
            best = state
    return f"best {words.metric_name(best.metric)} {words.metric(best.metric, best.best)}"


def last_screen(project_id: str) -> str:
    """Where this project was looked at last: Build, unless another screen was remembered."""
    return str(recalled(project_id, "screen", "build"))


def all_projects(known: list[StoredProject]) -> None:
    """Every project as a row with its acts, and the trash."""
    if not known and not store.trashed():
        return
    st.markdown("## All projects")
    everything = len(known) <= ROWS or st.toggle(f"Show all {len(known)}", key="projects_all")
    for one in known if everything else known[:ROWS]:
        _row(one)
    _trash()


def _row(one: StoredProject) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"row_{one.id}"):
        icon = "error" if one.problem else "account_tree"
        if st.button(
            words.plain(words.cut(one.name, 60)),
            key=f"row_open_{one.id}",
            type="tertiary",
            icon=f":material/{icon}:",
            help=words.plain(one.problem or one.name),
            disabled=one.problem is not None,
        ):
            go(last_screen(one.id), project=one.id)
        st.space("stretch")
        st.caption(words.plain(one.problem) if one.problem else standing(one), width="content")
        with st.popover(
            "More", icon=":material/more_horiz:", type="tertiary", key=f"row_more_{one.id}"
        ):
            _acts(one)


def _acts(one: StoredProject) -> None:
    if one.problem is None:
        key = f"row_name_{one.id}_{one.edited.timestamp()}"
        st.text_input(
            "Name", one.name, max_chars=200, key=key, on_change=_rename, args=(one.id, key)
        )
        st.button(
            "Duplicate",
            icon=":material/content_copy:",
            key=f"row_copy_{one.id}",
            on_click=_duplicate,
            args=(one.id,),
            width="stretch",
        )
        st.download_button(
            "Download project file",
            data=lambda: encode(store.load(one.id)),
            file_name=f"{file_stem(one.name)}.loom.json",
            mime="application/json",
            icon=":material/download:",
            key=f"row_file_{one.id}",
            on_click="ignore",
            width="stretch",
        )
    st.button(
        "Delete",
        icon=":material/delete:",
        key=f"row_delete_{one.id}",
        on_click=_delete,
        args=(one.id, one.name),
        help="Goes to the trash, where it stays for 30 days",
        width="stretch",
    )


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
                st.button("Restore", key=f"restore_{one.id}", on_click=_restore, args=(one.id,))


def _rename(project_id: str, key: str) -> None:
    wanted = str(widget(key, "")).strip()
    if wanted:
        _told(lambda: store.rename(project_id, wanted))


def _duplicate(project_id: str) -> None:
    _told(lambda: store.duplicate(project_id), "A copy was made.")


def _delete(project_id: str, name: str) -> None:
    state = current()
    if _told(lambda: store.delete(project_id)):
        if state.project_id == project_id:
            state.close()
        state.say(f"{name} is in the trash.", undo=lambda: _restore(project_id))


def _restore(project_id: str) -> None:
    _told(lambda: store.restore(project_id), "The project is back.")


def _told(act: Callable[[], object], success: str = "") -> bool:
    try:
        act()
    except BuilderError as error:
        current().say(str(error), is_error=True)
        return False
    if success:
        current().say(success)
    return True
