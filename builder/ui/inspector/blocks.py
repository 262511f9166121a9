"""The blocks at hand: those of this project, and your library with its files in and out."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from builder.errors import BuilderError
from builder.projects import library
from builder.projects.library import LibraryBlock
from builder.spec.edits import RemoveBlock
from builder.spec.network import Block
from builder.ui import words
from builder.ui.canvas.drawing import Drawing
from builder.ui.canvas.inside import count_uses
from builder.ui.shell.uploads import file_picker

LONGEST = 28


def show(drawing: Drawing) -> None:
    """Draws what can be done with blocks as a whole; placing them is done from the palette."""
    project = drawing.document.project
    with st.expander("Blocks", key="blocks_panel"):
        for block in project.blocks:
            _of_project(drawing, block)
        own = library.own_blocks()
        for each in own:
            _of_library(drawing, each)
        if not project.blocks and not own:
            st.caption(
                "No blocks of your own yet. Choose layers, press Ctrl+G, and save the block to your library: "
                "it then is in the palette of every project."
            )
        _import(drawing)


def _of_project(drawing: Drawing, block: Block) -> None:
    number = count_uses(drawing.document.project, block.id)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        used = f"used {words.plural(number, 'time')}" if number else "not used"
        st.markdown(f"{words.plain(words.cut(block.name, LONGEST))} · {used}")
        if not number:
            st.button(
                "",
                icon=":material/delete:",
                key=f"block_remove_{block.id}",
                type="tertiary",
                help=f"Remove {words.plain(block.name)} from this project",
                on_click=_remove,
                args=(drawing, block),
            )


def _remove(drawing: Drawing, block: Block) -> None:
    if drawing.apply(RemoveBlock(block=block.id)):
        drawing.state.say(f"Removed {block.name} from this project", undo=drawing.undo)


def _of_library(drawing: Drawing, each: LibraryBlock) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        said = each.problem or "your library"
        st.markdown(f"{words.plain(words.cut(each.title, LONGEST))} · {words.plain(said)}")
        if each.file is not None:
            st.download_button(
                "",
                library.export_text(each.id),
                file_name=library.file_name(each.title),
                mime="application/json",
                icon=":material/download:",
                key=f"library_download_{each.id}",
                type="tertiary",
                on_click="ignore",
                help=f"Download {words.plain(each.title)} as a file",
            )
        st.button(
            "",
            icon=":material/delete:",
            key=f"library_delete_{each.id}",
            type="tertiary",
            help=f"Delete {words.plain(each.title)} from your library; projects that use it keep theirs",
            on_click=_delete,
            args=(drawing, each),
        )


def _delete(drawing: Drawing, each: LibraryBlock) -> None:
    try:
        library.delete(each.id)
    except BuilderError as error:
        drawing.state.say(str(error), is_error=True)
        return
    drawing.state.say(f"Deleted {each.title} from your library", undo=lambda: _restore(each.id))


def _restore(block_id: str) -> None:
    library.restore(block_id)


def _import(drawing: Drawing) -> None:
    file_picker(
        "Import a block",
        types=["json"],
        key="block_import",
        on_file=lambda given: _imported(drawing, given),
        max_mb=8,
    )


def _imported(drawing: Drawing, given: UploadedFile) -> None:
    try:
        known = library.import_text(given.getvalue(), str(given.name)[:80])
    except BuilderError as error:
        drawing.state.say(str(error), is_error=True)
        return
    drawing.state.say(f"Imported {known.title}; it is in the palette, under Blocks.")
