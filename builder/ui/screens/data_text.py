"""How texts are cut into tokens: the choice, and what comes of it."""

import streamlit as st

from builder.data import describe, plan
from builder.data.raw import PIECES
from builder.data.store import open_raw
from builder.errors import BuilderError
from builder.spec.data import DataSpec, PrepareStep
from builder.spec.edits import SetData
from builder.ui import words
from builder.ui.state import current


def cutting(spec: DataSpec) -> None:
    """The form: into which pieces texts are cut, and how many of them a sample has."""
    raw = open_raw(spec)
    how = plan.cut(raw, plan.steps(spec, raw))
    at = f"{current().project_id}_{current().revision}"
    with st.container(horizontal=True, vertical_alignment="bottom", key="cut_form"):
        by = st.selectbox(
            "Texts are cut into",
            PIECES,
            index=PIECES.index(how.by),
            format_func=str.capitalize,
            key=f"cut_by_{at}",
            width=180,
            help="Words suit most texts. Characters and bytes know no unknown words, and make longer samples.",
        )
        length = st.number_input(
            "Tokens at once" if raw.schema.is_corpus else "Tokens a text",
            plan.SHORTEST,
            plan.LONGEST,
            how.length,
            step=8,
            key=f"cut_length_{at}",
            width=160,
            help="The network looks at so many tokens. Longer texts are cut, shorter ones filled up.",
        )
        wanted = plan.target_cut(raw, plan.steps(spec, raw))
        written = None
        if wanted is not None:
            written = st.number_input(
                "Tokens written",
                2,
                plan.LONGEST,
                wanted.length,
                key=f"cut_target_length_{at}",
                width=160,
                help="The network writes at most so many tokens, the end of the text among them.",
            )
    if by != how.by:
        _change(spec, PrepareStep(kind=by))
    elif length != how.length or (wanted is not None and written != wanted.length):
        more = {"target_length": int(written)} if written else {}
        _change(spec, PrepareStep(kind=by, settings={"length": int(length), **more}))
    cut = plan.cut_off(raw, how)
    if cut:
        share = words.share(cut / max(1, len(raw)))
        st.caption(
            f":material/content_cut: {words.plural(cut, 'text')} ({share}) longer than {how.length:,} {how.by}; "
            "their end is not read."
        )
    st.caption(
        f"{how.vocabulary:,} different tokens: padding, unknown, and room for {how.vocabulary - plan.SPECIAL:,} "
        f"{how.by}, filled from the training texts alone."
    )
    if wanted is not None:
        st.caption(
            f"{wanted.vocabulary:,} different tokens are written: padding, unknown, begin, end, and room for "
            f"{wanted.vocabulary - plan.SPECIAL - plan.ENDS:,} {how.by}."
        )


def _change(spec: DataSpec, step: PrepareStep) -> None:
    others = tuple(one for one in spec.steps or () if one.kind not in PIECES)
    try:
        wanted = describe.describe(spec.model_copy(update={"steps": (step, *others)}))
    except BuilderError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    current().apply(SetData(data=wanted, words="Changed how texts are cut"))
    st.rerun()
