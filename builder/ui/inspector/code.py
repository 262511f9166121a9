"""The Code tab: the PyTorch source that trains, with the lines of the chosen layer on top."""

import re

import streamlit as st

from builder.errors import BuilderError
from builder.spec.codec import digest
from builder.ui import words
from builder.ui.canvas.drawing import Drawing

SECONDS = 20.0


def show(drawing: Drawing) -> None:
    """Draws the source of the project as it is now, or why there is none yet."""
    try:
        answer = _source(drawing)
    except BuilderError as error:
        st.info(words.plain(str(error)), icon=":material/info:")
        return
    text = str(answer["text"])
    identifiers = answer["identifiers"].get(drawing.network_name, {})
    for node in drawing.chosen[:1]:
        lines = lines_of(text, identifiers.get(node.id, ""))
        if lines:
            st.caption(
                f"{words.plain(node.name)}, line {', '.join(str(number) for number, _ in lines)}"
            )
            st.code("\n".join(line for _, line in lines), language="python", wrap_lines=True)
    st.caption("This source trains, and this source is exported.")
    st.code(text, language="python", line_numbers=True, wrap_lines=True)


def lines_of(text: str, identifier: str) -> list[tuple[int, str]]:
    """The numbered lines of a source that build, run or name one layer."""
    if not identifier:
        return []
    word = re.compile(rf"\bself\.{re.escape(identifier)}\b|^\s*{re.escape(identifier)}\s*=")
    return [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if word.search(line)]


def _source(drawing: Drawing) -> dict[str, dict[str, dict[str, str]]]:
    """The sidecar's answer, kept until the project changes."""
    project, memory = drawing.document.project, drawing.state.drafts
    now = digest(project)
    kept = memory.get("code")
    if kept is None or kept[0] != now:
        payload = {"project": project.model_dump(mode="json")}
        kept = (now, drawing.state.sidecar.request("code", payload, timeout=SECONDS))
        memory["code"] = kept
    answer: dict[str, dict[str, dict[str, str]]] = kept[1]
    return answer
