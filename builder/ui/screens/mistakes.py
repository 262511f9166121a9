"""The gallery of the worst mistakes: the samples themselves, with truth and answer."""

from typing import Any

import pandas as pd
import streamlit as st

from builder.data.describe import cell, window_row
from builder.data.raw import TEXT, Raw
from builder.data.texts import text_at
from builder.evaluate.results import Mistake, Results
from builder.runs.store import Run
from builder.ui import words
from builder.ui.follow import follow_choice
from builder.ui.live_plots.component import Picked
from builder.ui.screens.run_watch import samples
from builder.ui.screens.sample_picture import sample_picture
from builder.ui.state import current, widget

SHOWN = 12
A_ROW = 4


def show_mistakes(run: Run, results: Results, *, picked: Picked | None = None) -> None:
    """Draws the worst answers, the surest first, or the samples of the chosen cell of the confusion matrix."""
    data = samples(run)
    cell = _choice(run, results, picked)
    found = _of_cell(results, cell) if cell else results.worst
    if not found:
        st.markdown("None: every sample is answered rightly.")
        return
    if data is None:
        st.caption("The data of this run are gone, so the samples cannot be shown.")
        return
    if data.raw.kind == "image":
        _pictures(data.raw, found[:SHOWN])
    else:
        st.dataframe(_table(data.raw, found[:SHOWN]), hide_index=True, placeholder="missing")
    if len(found) > SHOWN:
        st.caption(f"{SHOWN} of {len(found)}, the surest first")


def _choice(run: Run, results: Results, picked: Picked | None) -> str:
    """The cell to show as `truth,answer`, chosen here or by a click on the matrix; empty: the worst mistakes."""
    cells = cells_of(results)
    if not cells:
        st.markdown("**Worst mistakes**  \n:gray[Where is it sure and wrong?]")
        return ""
    memory = current().drafts.setdefault(f"cell {run.id} {results.split}", {"cell": "", "at": 0.0})
    if picked is not None and picked.chart == "confusion" and picked.at != memory["at"]:
        wanted = f"{picked.row},{picked.column}"
        memory.update(at=picked.at, cell=wanted if wanted in cells else memory["cell"])
    options = ["", *cells]
    st.selectbox(
        "Samples",
        options,
        format_func=lambda cell: cells.get(cell, "Worst mistakes: sure and wrong"),
        help="A click on a cell of the confusion matrix chooses here, too",
        on_change=_chosen,
        args=(memory,),
        **follow_choice("results_cell", memory["cell"], options),
    )
    return str(memory["cell"])


def _chosen(memory: dict[str, Any]) -> None:
    memory["cell"] = str(widget("results_cell") or "")


def cells_of(results: Results) -> dict[str, str]:
    """Cells with samples in words by `truth,answer`: mistakes first, the most frequent on top."""
    if results.answers is None:
        return {}
    names = results.classes
    counted = [
        (t != a, count, t, a)
        for t, row in enumerate(results.confusion)
        for a, count in enumerate(row)
        if count
    ]
    counted.sort(key=lambda cell: (not cell[0], -cell[1], cell[2], cell[3]))
    return {f"{t},{a}": _cell_words(names[t], names[a], count) for _, count, t, a in counted}


def _cell_words(truth: str, answer: str, count: int) -> str:
    truth, answer = words.cut(truth, 20), words.cut(answer, 20)
    what = f"{truth}, rightly named" if truth == answer else f"{truth} taken for {answer}"
    return f"{what}: {words.plural(count, 'sample')}"


def _of_cell(results: Results, cell: str) -> tuple[Mistake, ...]:
    truth, answer = (int(number) for number in cell.split(","))
    return results.answers.of_cell(truth, answer, results.classes) if results.answers else ()


def _pictures(raw: Raw, worst: tuple[Mistake, ...]) -> None:
    for start in range(0, len(worst), A_ROW):
        with st.container(horizontal=True, gap="small", key=f"mistakes_{start}"):
            for mistake in worst[start : start + A_ROW]:
                with st.container(width=104):
                    truth, answer = (words.cut(str(x), 14) for x in (mistake.truth, mistake.answer))
                    picture = sample_picture(raw, mistake.index)
                    if picture is not None:
                        st.image(picture, width=96, alt=f"{truth}, taken for {answer}")
                    truth, answer = words.plain(truth), words.plain(answer)
                    st.caption(f"said {answer}, {words.share(mistake.score, 100)}  \ntruth {truth}")


def _table(raw: Raw, worst: tuple[Mistake, ...]) -> pd.DataFrame:
    rows = []
    for mistake in worst:
        row: dict[str, object]
        if raw.target is not None and not raw.classes:
            row = {"truth": mistake.truth, "answer": _short(mistake.answer)}
            row["off by"] = _short(mistake.score)
        else:
            row = {"truth": mistake.truth, "answer": mistake.answer}
            row["sure"] = round(mistake.score, 3)
        if TEXT in raw.fields:
            row["text"] = text_at(raw.fields[TEXT], mistake.index)
        if raw.timeline is not None:
            rows.append({**row, **window_row(raw, mistake.index)})
            continue
        for column in raw.schema.columns:
            if column.is_kept:
                row[column.name] = cell(raw, column, mistake.index)
        rows.append(row)
    return pd.DataFrame(rows)


def _short(value: object) -> object:
    """A number with the digits that tell something; anything else as it is."""
    return float(f"{value:.5g}") if isinstance(value, float) else value
