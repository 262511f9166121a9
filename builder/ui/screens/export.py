"""The Export screen: one card a format; nothing is offered for download before it has shown itself the same."""

from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from builder.errors import BuilderError
from builder.export.formats import PURPOSES, Format, formats
from builder.runs.store import Run
from builder.ui import words
from builder.ui.screens.run_head import changed_strip, has_weights, nothing_trained, pick_run
from builder.ui.screens.run_watch import file_stem, project_of
from builder.ui.screens.style import use_style
from builder.ui.state import current


class Prepared(NamedTuple):
    """What became of preparing a format: a checked file, or why there is none."""

    path: str = ""
    sentence: str = ""
    trouble: str = ""


def show() -> None:
    """Draws the cards by purpose; the first format checks itself on arrival."""
    use_style()
    run = pick_run()
    if run is None:
        nothing_trained("This page then takes the model away, and proves that it is the same one.")
        return
    changed_strip(run)
    if not has_weights(run):
        return
    known = formats()
    for number, (purpose, title) in enumerate(PURPOSES.items()):
        inside = [one for one in known if one.purpose == purpose]
        if not inside:
            continue
        st.markdown(f"#### {title}")
        with st.container(key=f"export_{number}"):
            for one in inside:
                _card(run, one, first=one is known[0])


def _card(run: Run, one: Format, *, first: bool) -> None:
    with st.container(border=True, key=f"format_{one.kind}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch"):
                st.markdown(f"**{words.plain(one.title)}**  \n{words.plain(one.summary)}")
            waits = st.empty()
        done = _prepared(run).get(one.kind)
        if done is None and first:
            with st.spinner("Exporting, and checking it in a clean process", show_time=True):
                done = prepare(run, one.kind)
        if done is None:
            if waits.button(
                "Check and prepare", key=f"prepare_{one.kind}", icon=":material/fact_check:"
            ):
                with st.spinner("Exporting, and checking it in a clean process", show_time=True):
                    prepare(run, one.kind)
                st.rerun()
            return
        if done.trouble:
            st.error(words.plain(done.trouble), icon=":material/error:")
            if waits.button("Check again", key=f"again_{one.kind}", icon=":material/refresh:"):
                _prepared(run).pop(one.kind, None)
                prepare(run, one.kind)
                st.rerun()
            return
        st.markdown(f":green[:material/check_circle:] {words.plain(done.sentence)}")
        waits.download_button(
            f"Download {download_name(run, one, Path(done.path))}",
            data=Path(done.path).read_bytes,
            file_name=download_name(run, one, Path(done.path)),
            key=f"download_{one.kind}",
            icon=":material/download:",
            type="primary" if first else "secondary",
            on_click="ignore",
        )


def prepare(run: Run, kind: str) -> Prepared:
    """Has a format written and checked against the app's answers; what came of it is kept for this session."""
    try:
        answer = current().sidecar.request("export", {"run": str(run.path), "kind": kind})
        done = Prepared(str(answer["path"]), sentence_of(answer["verified"]))
    except BuilderError as error:
        done = Prepared(trouble=str(error))
    _prepared(run)[kind] = done
    return done


def sentence_of(verified: dict[str, Any]) -> str:
    """`Same answers on 200 real samples: largest difference 4e-7 · 0.4 MB · 0.3 ms`."""
    mantissa, exponent = f"{float(verified['max_abs_difference']):.0e}".split("e")
    difference = f"{mantissa}e{int(exponent)}" if mantissa != "0" else "0"
    milliseconds = float(verified["milliseconds"])
    return (
        f"Same answers on {words.count(int(verified['samples']))} real samples: "
        f"largest difference {difference} · {words.size(int(verified['bytes']))} · "
        f"{milliseconds:.1f} ms a prediction"
    )


def download_name(run: Run, one: Format, path: Path) -> str:
    """`digits-run7-onnx.zip`: project, run, format."""
    project = project_of(run)
    stem = file_stem(run, project) if project else f"model-run{run.number}"
    return f"{stem}-{one.kind}{path.suffix}"


def _prepared(run: Run) -> dict[str, Prepared]:
    kept: dict[str, Prepared] = current().drafts.setdefault(f"exports {run.path}", {})
    for kind, done in list(kept.items()):
        if done.path and not Path(done.path).is_file():
            del kept[kind]
    return kept
