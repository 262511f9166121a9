"""Asking a trained run, and showing what it says: answer, top five, how long it took."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from builder.errors import BuilderError
from builder.observe.answers import answer_chart, answer_from_shares
from builder.runs.store import Run
from builder.sidecar.arrays import packed
from builder.ui import words
from builder.ui.live_plots.component import live_plots
from builder.ui.screens.run_watch import file_stem, palette, project_of
from builder.ui.screens.use_mask import show_mask
from builder.ui.screens.use_reconstruction import show_reconstruction
from builder.ui.state import current


class Said(NamedTuple):
    """One prediction for each input, and the time it took; or why there is none."""

    predictions: tuple[dict[str, Any], ...] = ()
    milliseconds: float = 0.0
    trouble: str = ""


def ask(run: Run, inputs: Sequence[Any]) -> Said:
    """What the best weights of the run say; the last question's answer is remembered."""
    kept = current().drafts.setdefault("last_question", {})
    sent = [packed(value) if isinstance(value, np.ndarray) else value for value in inputs]
    question = (str(run.path), repr(sent))
    if kept.get("question") == question:
        remembered: Said = kept["said"]
        return remembered
    try:
        answer = current().sidecar.request("predict", {"run": str(run.path), "inputs": sent})
        said = Said(tuple(answer["predictions"]), float(answer["milliseconds"]))
    except BuilderError as error:
        return Said(trouble=str(error))
    kept.update(question=question, said=said)
    return said


def show_answer(
    run: Run, said: Said, *, truth: str = "", picture: NDArray[Any] | None = None
) -> None:
    """Draws the answer to one input; `picture` (H, W, C) in 0..1 is that input where it was one."""
    if said.trouble:
        st.error(words.plain(said.trouble), icon=":material/error:")
        return
    project = project_of(run)
    if not said.predictions or project is None:
        return
    one = said.predictions[0]
    shares = one.get("probabilities")
    if "reconstruction" in one:
        show_reconstruction(one, run, truth)
    elif "text" in one:
        show_written(str(one["text"]), truth)
    elif "mask" in one:
        show_mask(one, run, truth, picture)
    elif shares:
        answer = answer_from_shares(shares)
        st.markdown(f"## {words.plain(answer.name)}")
        st.caption(
            f"{words.share(answer.certainty)} sure{f' · truth: {words.plain(truth)}' if truth else ''}"
        )
        chart = answer_chart(answer, palette())
        title = "The five likeliest" if len(shares) > 5 else "How sure"
        live_plots(
            [
                chart._replace(
                    title=title,
                    question="Shares of certainty; they add up to 100 % over all classes.",
                )
            ],
            "use",
            key="use_answer",
            file_name=file_stem(run, project),
            columns=1,
        )
    else:
        _numbers(one, run, truth)
    st.caption(f":material/timer: answered in {words.duration(said.milliseconds / 1000)}")


def show_written(text: str, truth: str) -> None:
    """What was written for a text; nothing of it is taken for markup."""
    with st.container(border=True, key="use_written"):
        st.text(text or "Nothing: it ends at once.")
    if truth:
        agree = "as wanted" if text == truth else f"wanted: {words.plain(truth)}"
        st.caption(agree)


def _numbers(one: dict[str, Any], run: Run, truth: str) -> None:
    project = project_of(run)
    schema = project.data.snapshot if project else None
    unit = f" {schema.target.unit}" if schema and schema.target.unit else ""
    values = one.get("values", [one.get("value")])
    name = schema.target.name if schema else "answer"
    shown = ", ".join(words.number(float(v)) for v in values if v is not None)
    st.markdown(f"## {words.plain(shown + unit)}")
    st.caption(f"{words.plain(name)}{f' · truth: {words.plain(truth)}' if truth else ''}")
