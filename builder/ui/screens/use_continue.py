"""The Use screen of a language model: a beginning, how daring it may be, and the text as it is written."""

import streamlit as st

from builder.data.raw import TEXT
from builder.data.texts import text_at
from builder.errors import BuilderError
from builder.runs.store import Run
from builder.ui import words
from builder.ui.screens.run_watch import Samples
from builder.ui.state import current

CHUNK = 24
"""Tokens asked for at once, so that the text appears while it is written."""
BEGINNING = 60
"""Characters of the held-out text that stand there first."""


def show_continuing(run: Run, data: Samples) -> None:
    """Draws the beginning and the settings on the left and what the network writes on the right."""
    left, right = st.columns([440, 560], gap="large")
    with left:
        text = st.text_area("How it begins", _beginning(data), height=110, key="continue_text")
        with st.container(horizontal=True, key="continue_settings"):
            count = st.number_input(
                "Tokens", 8, 2000, 240, step=24, key="continue_count", width=120
            )
            seed = st.number_input(
                "Draw number", 0, 2**31 - 1, 0, key="continue_seed", width=120, help=_SEED
            )
        temperature = st.slider("Temperature", 0.0, 2.0, 0.8, 0.05, key="continue_warm", help=_WARM)
        top_k = st.slider("Top-k", 0, 100, 0, key="continue_k", help=_TOP_K)
        top_p = st.slider("Top-p", 0.05, 1.0, 0.95, 0.05, key="continue_p", help=_TOP_P)
        pressed = st.button(
            "Continue", type="primary", icon=":material/edit_note:", key="continue_go"
        )
    manner = {"temperature": temperature, "top_k": int(top_k), "top_p": top_p}
    with right, st.container(border=True, key="continue_says"):
        place = st.empty()
        kept = current().drafts.setdefault(f"continued {run.path}", {"begun": "", "text": ""})
        if pressed and text.strip():
            kept.update(begun=text, text="")
            _write(run, kept, place, count=int(count), seed=int(seed), manner=manner)
        elif kept["text"]:
            place.text(kept["begun"] + kept["text"])
        else:
            place.markdown("##### The text shows here\n:gray[It appears while it is written.]")
    if kept["text"]:
        with right:
            st.caption(f"{words.count(len(kept['text']))} characters written by the network.")


def _write(
    run: Run,
    kept: dict[str, str],
    place: object,
    *,
    count: int,
    seed: int,
    manner: dict[str, float],
) -> None:
    """Asks for a few tokens at a time and shows the text so far; what was written stays when it is interrupted."""
    done = 0
    while done < count:
        asked = min(CHUNK, count - done)
        payload = {
            "run": str(run.path),
            "text": kept["begun"] + kept["text"],
            "count": asked,
            "seed": seed + done,
            **manner,
        }
        try:
            kept["text"] += str(current().sidecar.request("continue", payload)["text"])
        except BuilderError as error:
            st.error(words.plain(str(error)), icon=":material/error:")
            return
        done += asked
        place.text(kept["begun"] + kept["text"])  # type: ignore[attr-defined]


def _beginning(data: Samples) -> str:
    """The first words of a held-out part, cut behind a whole word."""
    row = int(data.rows(data.shown())[0])
    part = " ".join(text_at(data.raw.fields[TEXT], row).split())
    return part[:BEGINNING].rpartition(" ")[0] or part[:BEGINNING]


_SEED = "The same number writes the same text."
_WARM = "Below 1 it keeps to likely tokens, above it dares more. 0 always takes the likeliest."
_TOP_K = "Only so many of the likeliest tokens are drawn from. 0 draws from all."
_TOP_P = "Only the likeliest tokens that together have this share are drawn from."
