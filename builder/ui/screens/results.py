"""The Results screen: how good it is, against what, and where it is wrong; the test set stays closed until asked."""

from datetime import datetime

import streamlit as st

from builder.errors import BuilderError
from builder.evaluate.results import Results, read_results, results_path
from builder.observe.chart import Chart, Palette
from builder.observe.confusion import confusion_chart, confusion_of
from builder.observe.forecasts import forecast_chart, steps_chart
from builder.observe.residuals import truth_chart
from builder.runs.store import Run
from builder.train.recipes.base import MADE
from builder.ui import words
from builder.ui.live_plots.component import live_plots, picked
from builder.ui.screens import courses
from builder.ui.screens.mistakes import show_mistakes
from builder.ui.screens.results_made import show_made_samples, show_reconstructions
from builder.ui.screens.results_masks import show_masks, show_overlaps
from builder.ui.screens.results_translations import show_translations
from builder.ui.screens.run_head import changed_strip, has_weights, nothing_trained, pick_run
from builder.ui.screens.run_watch import file_stem, palette, project_of, shows_of
from builder.ui.screens.style import use_style
from builder.ui.screens.verdict import baseline_table, class_table, figure, verdict
from builder.ui.shell.router import go
from builder.ui.state import current

HEADLINES = 4


def show() -> None:
    """Draws verdict, figures and pictures of one run."""
    use_style()
    run = pick_run()
    if run is None:
        nothing_trained("This page then shows where the model is right, wrong and unsure.")
        return
    changed_strip(run)
    if not has_weights(run):
        return
    results = measured(run, "validation")
    tested = _known(run, "test")
    shown = _switch(results, tested)
    if shown is None:
        return
    st.markdown(f"## {words.plain(verdict(shown, things=_things(shown)))}")
    _test_set(run, tested)
    _headlines(shown)
    _pictures(run, shown)
    _tables(run, shown)


def measured(run: Run, split: str) -> Results | None:
    """The figures of a split, measured now when they are missing or older than the weights."""
    found = _known(run, split)
    if found is not None and not _stale(run, split) and _is_whole(found):
        return found
    try:
        with st.spinner("Measuring the model, and simple opponents beside it", show_time=True):
            current().sidecar.request("evaluate", {"run": str(run.path), "split": split})
    except BuilderError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return found
    return _known(run, split)


def _known(run: Run, split: str) -> Results | None:
    try:
        return read_results(run.path, split)
    except BuilderError:
        return None


def _is_whole(results: Results) -> bool:
    """Whether the samples behind the cells are known; an older version did not keep them."""
    return results.answers is not None or not results.confusion


def _stale(run: Run, split: str) -> bool:
    try:
        weights = (run.path / "checkpoints" / "index.json").stat().st_mtime_ns
        return results_path(run.path, split).stat().st_mtime_ns < weights
    except OSError:
        return False


def _switch(results: Results | None, tested: Results | None) -> Results | None:
    if tested is None or results is None:
        return results or tested
    chosen = st.segmented_control(
        "Measured on",
        ["Test set", "Validation set"],
        default="Test set",
        required=True,
        key="results_split",
        label_visibility="collapsed",
    )
    return results if chosen == "Validation set" else tested


def _things(results: Results) -> str:
    if any(results.metric == figure.kind for figure in MADE):
        return "new samples"
    return {"validation": "validation samples", "test": "test samples"}.get(
        results.split, "samples"
    )


def _test_set(run: Run, tested: Results | None) -> None:
    with st.container(key="test_set", horizontal=True, vertical_alignment="center"):
        if tested is None:
            st.markdown(
                ":material/lock: The test set is closed. Open it once, when you have chosen your model: "
                "each look makes its figure less honest.",
                width="stretch",
            )
            if st.button(
                "Open the test set", type="primary", icon=":material/lock_open:", key="open_test"
            ):
                measured(run, "test")
                st.rerun()
            return
        times = "once" if tested.openings <= 1 else f"{tested.openings} times"
        last = f", last on {words.when(_moment(tested.opened[-1]))}" if tested.opened else ""
        st.markdown(f":material/lock_open: The test set was opened {times}{last}.", width="stretch")
        if (_stale(run, "test") or not _is_whole(tested)) and st.button(
            "Measure again", key="open_test_again"
        ):
            current().sidecar.request("evaluate", {"run": str(run.path), "split": "test"})
            st.rerun()
        if st.button("Use it", type="primary", icon=":material/touch_app:", key="results_use"):
            go("use", project=run.project_id or "", run=run.id)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _headlines(results: Results) -> None:
    names = [results.metric, *[name for name in results.metrics if name != results.metric]]
    for place, name in zip(st.columns(HEADLINES), names[:HEADLINES], strict=False):
        with place, st.container(border=True):
            st.metric(words.capital(words.metric_name(name)), figure(results, name))


def _pictures(run: Run, results: Results) -> None:
    colours = palette()
    project = project_of(run)
    stem = file_stem(run, project) if project else "results"
    own = _OWN.get(shows_of(run))
    if own is not None:
        own(run, results, colours, stem)
        return
    left, right = st.columns([520, 480], gap="small")
    with left:
        charts = []
        if results.confusion:
            charts.append(
                confusion_chart(confusion_of(results.classes, results.confusion), colours)
            )
        if results.residuals:
            unit = project.data.snapshot.target.unit if project and project.data.snapshot else ""
            charts.append(
                truth_chart(results.residuals.truth, results.residuals.answer, colours, unit=unit)
            )
        if results.forecasts:
            charts += _forecasts(results, colours)
        live_plots(
            charts, f"{run.id}/{results.split}", key="results_plots", file_name=stem, columns=1
        )
    with right, st.container(border=True):
        show_mistakes(run, results, picked=picked("results_plots"))


def _nothing_more(run: Run, results: Results, colours: Palette, stem: str) -> None:
    """A language model is told in figures; what it writes is on Train and Use."""


_OWN = {
    "reconstructions": show_reconstructions,
    "generated": show_made_samples,
    "masks": show_masks,
    "translations": show_translations,
    "text": _nothing_more,
}
"""What results of another kind than answers to a target are drawn by."""


def _forecasts(results: Results, colours: Palette) -> list[Chart]:
    """One window of one series, chosen here, and the error each step ahead."""
    found = results.forecasts
    assert found is not None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.selectbox(
            "Window",
            range(len(found.drawn)),
            format_func=lambda i: f"from {found.drawn[i].times[len(found.drawn[i].past[0])]}",
            key="results_window",
            width=200,
        )
        names = found.series
        name = names[0]
        if len(names) > 1:
            name = st.selectbox("Series", names, key="results_series", width=200)
    series = names.index(name)
    course = courses.of_drawn(found.drawn[int(place)], series)
    chart = forecast_chart(course, colours, name=name)
    if found.inside is not None:
        wanted = found.levels[-1] - found.levels[0]
        note = f"{words.share(found.inside)} of all steps lie in the band; it is meant to hold {words.share(wanted)}"
        chart = chart._replace(note=note)
    others = {one.title: one.by_step for one in results.baselines}
    return [chart, steps_chart(found.by_step, others, colours)]


def _tables(run: Run, results: Results) -> None:
    st.markdown("#### Against something simple")
    st.dataframe(baseline_table(results), hide_index=True)
    if results.confusion:
        st.markdown("#### Class by class")
        share = st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100)
        st.dataframe(
            class_table(confusion_of(results.classes, results.confusion)),
            hide_index=True,
            column_config={"found": share, "right when named": share},
        )
    show_overlaps(results)
    st.caption(
        f"Weights of epoch {results.epoch}, the best on validation. ± is where 95 of 100 such samples would fall."
    )
