"""The data in use: verdict first, then warnings, then Look, Columns, Splits and Preparation."""

from typing import Literal

import pandas as pd
import streamlit as st

from builder.data import describe, plan
from builder.data.profile import Profile
from builder.data.raw import TEXT
from builder.data.store import open_raw
from builder.errors import BuilderError
from builder.spec.data import DataSpec, SplitSpec, Windows
from builder.spec.edits import SetData
from builder.ui import words
from builder.ui.screens import data_masks
from builder.ui.screens.data_series import series_look
from builder.ui.screens.data_text import cutting
from builder.ui.screens.sample_picture import address, enlarged
from builder.ui.state import current

How = Literal["stratified", "random", "in order"]
HOW: tuple[How, ...] = ("stratified", "random", "in order")
SHOWN = 24
WINDOW_FIELDS = (
    ("lookback", "Steps back", 100_000, "How many rows the network sees."),
    ("horizon", "Steps ahead", 10_000, "How many rows it forecasts."),
    ("stride", "A window every", 100_000, "1 begins one at each row; more makes fewer samples."),
    ("season", "Season", 100_000, "Steps after which the series repeats itself; 1 if it does not."),
)
THUMB = 72


def verdict_and_warnings(spec: DataSpec) -> None:
    """One sentence, then what should be known before trusting it."""
    try:
        st.markdown(f":material/fact_check: {words.plain(_verdict(_text(spec)))}")
        found = _examined(_text(spec))
    except BuilderError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    for caution in found.cautions[:4]:
        st.warning(words.plain(caution.what), icon=":material/warning:")
    if len(found.cautions) > 4:
        with st.expander(f"{len(found.cautions) - 4} more to know", icon=":material/warning:"):
            for caution in found.cautions[4:]:
                st.markdown(f":material/warning: {words.plain(caution.what)}")
    for note in found.notes:
        st.caption(words.plain(note))


def tabs(spec: DataSpec) -> None:
    """The four tabs; a broken source has said so above and draws none."""
    try:
        found = _examined(_text(spec))
    except BuilderError:
        return
    look, columns, splits, preparation = st.tabs(
        ["Look", "Columns", "Splits", "Preparation"], key="data_tabs"
    )
    with look:
        _look(spec, found)
    with columns:
        _columns(found)
    with splits:
        _splits(spec, found)
    with preparation:
        _preparation(spec)


def _look(spec: DataSpec, found: Profile) -> None:
    chosen = None
    if 1 < len(found.class_counts) <= 50:
        chosen = st.selectbox(
            "Class",
            [name for name, _ in found.class_counts],
            index=None,
            placeholder="All classes",
            key="look_class",
            width=240,
        )
    shown = describe.samples(spec, SHOWN, class_name=chosen)
    if shown and shown[0].mask is not None:
        data_masks.look(shown, found)
    elif shown and shown[0].image is not None:
        cells = st.grid(12, min_column_width=THUMB, gap="small", key="grid_samples")
        for one in shown:
            with cells:
                st.image(
                    address(enlarged(one.image, 2 * THUMB)),
                    caption=words.plain(one.answer),
                    width=THUMB,
                    alt=f"{one.answer}",
                )
    elif shown and shown[0].text is not None:
        _texts(spec, shown)
    elif spec.windows is not None:
        series_look(spec)
        return
    else:
        target = spec.snapshot.target.name if spec.snapshot else "target"
        rows = pd.DataFrame([{target: _as_number(one.answer), **(one.row or {})} for one in shown])
        st.dataframe(
            rows, hide_index=True, placeholder="missing", alt="Rows spread over the whole table"
        )
    st.caption(f"{len(shown)} of {found.samples:,}, spread over the whole set, before preparation.")
    if found.class_counts:
        _class_counts(found)


def _texts(spec: DataSpec, shown: list[describe.Sample]) -> None:
    """Texts with their answers; of a corpus, its parts in order."""
    target = spec.snapshot.target.name if spec.snapshot else "target"
    labelled = any(one.answer for one in shown)
    is_pairs = spec.snapshot is not None and spec.snapshot.target.kind == "text"
    rows = pd.DataFrame(
        [{**({target: one.answer} if labelled else {}), "text": one.text} for one in shown]
    )
    rows = rows[["text", target]] if is_pairs else rows  # read from left to right
    st.dataframe(
        rows,
        hide_index=True,
        row_height=64 if not is_pairs else None,
        column_config={
            target: st.column_config.TextColumn(width="large" if is_pairs else "small"),
            "text": st.column_config.TextColumn(width="large"),
        },
        alt="Texts spread over the whole set",
    )


def _as_number(text: str) -> str | float:
    """A target as a number where it is one, so that the table aligns and sorts it as such."""
    try:
        return float(text)
    except ValueError:
        return text


def _class_counts(found: Profile) -> None:
    most = max(count for _, count in found.class_counts) or 1
    table = pd.DataFrame(
        [
            {
                "Class": name,
                "Samples": count,
                "Share": count / found.samples,
                "Beside the largest": count / most,
            }
            for name, count in found.class_counts
        ]
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "Share": st.column_config.NumberColumn(format="percent"),
            "Beside the largest": st.column_config.ProgressColumn(
                format="percent", min_value=0, max_value=1
            ),
        },
        alt="Samples of each class",
    )


def _columns(found: Profile) -> None:
    if not found.columns:
        st.markdown(_NO_COLUMNS)
        return
    table = pd.DataFrame(
        [
            {
                "Column": column.name,
                "Type": column.type,
                "Missing": column.missing,
                "Distinct": column.distinct,
                "Spread of values": list(column.counts),
                "Smallest": column.minimum,
                "Largest": column.maximum,
                "Mean": column.mean,
                "Why this type": column.reason,
            }
            for column in found.columns
        ]
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "Spread of values": st.column_config.BarChartColumn(width="small"),
            "Smallest": st.column_config.NumberColumn(format="%.4g"),
            "Largest": st.column_config.NumberColumn(format="%.4g"),
            "Mean": st.column_config.NumberColumn(format="%.4g"),
        },
        alt="Columns with type, gaps, spread and the reason for the type",
    )


_NO_COLUMNS = (
    "Only tables have columns. Of a picture each pixel is one number, and a text is cut into tokens; "
    "see Preparation."
)


def _splits(spec: DataSpec, found: Profile) -> None:
    total = max(1, found.samples)
    for name, count in found.splits:
        st.progress(
            count / total, text=f"{name.capitalize()}: {count:,} ({100 * count / total:.0f} %)"
        )
    st.caption(
        "Training is what the network learns from, validation is watched while it learns, "
        "the test is kept closed until the end."
    )
    at = f"{current().project_id}_{current().revision}"
    if spec.windows is not None:
        _window_form(spec, spec.windows, at)
    with st.container(horizontal=True, vertical_alignment="bottom", key="split_form"):
        validation = st.number_input(
            "Validation, %",
            0,
            90,
            round(100 * spec.split.validation),
            step=5,
            key=f"split_validation_{at}",
            width=140,
        )
        test = st.number_input(
            "Test, %",
            0,
            90,
            round(100 * spec.split.test),
            step=5,
            key=f"split_test_{at}",
            width=140,
        )
        how, seed = spec.split.how, spec.split.seed
        if spec.windows is None:
            how, seed = _drawn(spec, at)
    if validation + test >= 95:
        st.error(
            "At least 5 % must be left for training. Make one of the shares smaller.",
            icon=":material/error:",
        )
        return
    wanted = SplitSpec(validation=validation / 100, test=test / 100, how=how, seed=int(seed))
    if wanted != spec.split:
        _change(spec.model_copy(update={"split": wanted}), "Changed the split")


def _drawn(spec: DataSpec, at: str) -> tuple[How, int]:
    """How samples are drawn into the splits; a series has no choice, it is split by time."""
    how = st.selectbox(
        "How",
        HOW,
        index=HOW.index(spec.split.how),
        key=f"split_how_{at}",
        width=180,
        help="Stratified keeps the classes in proportion. In order takes the last samples for the test.",
    )
    seed = st.number_input(
        "Draw number", 0, 2**31 - 1, spec.split.seed, key=f"split_seed_{at}", width=140
    )
    return how, int(seed)


def _window_form(spec: DataSpec, windows: Windows, at: str) -> None:
    """How far a sample looks back and ahead, and how often one begins."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="window_form"):
        numbers = {
            name: st.number_input(
                title,
                1,
                most,
                getattr(windows, name),
                key=f"window_{name}_{at}",
                width=140,
                help=help,
            )
            for name, title, most, help in WINDOW_FIELDS
        }
    wanted = windows.model_copy(update={name: int(value) for name, value in numbers.items()})
    if wanted == windows:
        return
    try:
        changed = describe.describe(spec.model_copy(update={"windows": wanted}))
    except BuilderError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    _change(changed, "Changed the windows")


def _change(spec: DataSpec, what: str) -> None:
    state = current()
    try:
        describe.examine(spec)
    except BuilderError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    state.apply(SetData(data=spec, words=what))
    st.rerun()


def _preparation(spec: DataSpec) -> None:
    for fact in describe.facts(spec):
        st.markdown(
            f"**{fact.name.capitalize()}**: {words.plain(fact.value)} · {words.plain(fact.reason)}"
        )
    if TEXT in open_raw(spec).fields:
        cutting(spec)
    st.markdown("**Steps, in order**")
    for number, step in enumerate(plan.steps(spec, open_raw(spec)), start=1):
        about = plan.StepKind.known[step.kind]
        st.markdown(f"{number}. **{about.title}**: {about.summary}")
    if spec.snapshot is not None:
        for one in spec.snapshot.fields:
            st.caption(f"The network sees {words.plain(one.name)} as {words.shape(one.shape)}.")


def _text(spec: DataSpec) -> str:
    return spec.model_dump_json()


@st.cache_data(max_entries=8, show_spinner="Reading the data")
def _verdict(spec_json: str) -> str:
    return describe.verdict(DataSpec.model_validate_json(spec_json))


@st.cache_data(max_entries=8, show_spinner="Looking at every column")
def _examined(spec_json: str) -> Profile:
    return describe.examine(DataSpec.model_validate_json(spec_json))
