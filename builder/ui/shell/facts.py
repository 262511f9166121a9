"""The data chip and the device chip: the facts, and one link."""

import os
from functools import cache

import psutil
import streamlit as st

from builder.spec.data import BuiltinSource, DataSchema, DataSpec
from builder.ui import words
from builder.ui.launch import is_loopback
from builder.ui.shell.router import go
from builder.ui.state import State, current


def data_chip(state: State) -> None:
    """Name and size of the project's data, with where to change it."""
    data = state.project.data
    with st.popover(data_label(data), icon=":material/database:", type="tertiary", key="bar_data"):
        data_facts(data)
        if st.button("Open Data", key="bar_open_data", icon=":material/arrow_forward:"):
            go("data", project=state.project_id)


def data_label(data: DataSpec) -> str:
    """`Digits · 1,797`, or `No data yet`."""
    if data.source is None:
        return "No data yet"
    name = words.plain(words.cut(data_name(data), 24))
    return f"{name} · {data.snapshot.samples:,}" if data.snapshot else name


def data_name(data: DataSpec) -> str:
    """The name of the data for people."""
    if data.source is None:
        return "No data"
    if isinstance(data.source, BuiltinSource):
        return builtin_titles().get(data.source.name, data.source.name)
    return data.source.name or "Your data"


@cache
def builtin_titles() -> dict[str, str]:
    """The title of each built-in set, by its name."""
    from builder.data import builtin

    return {known.name: known.title for known in builtin.sets()}


def data_facts(data: DataSpec) -> None:
    """What is known about the data, one line each."""
    if data.source is None:
        st.markdown(
            "The network has nothing to learn from yet. Pick a built-in set or bring your own."
        )
        return
    st.markdown(f"**{words.plain(data_name(data))}**")
    if data.snapshot is None:
        return
    snapshot = data.snapshot
    for one in snapshot.fields:
        st.caption(f"Input {words.plain(one.name)}: {words.shape(one.shape)}, {one.role}")
    target = snapshot.target
    what = {
        "classes": words.plural(len(target.classes), "class", "classes"),
        "mask": f"{words.plural(len(target.classes), 'class', 'classes')} of pixels",
        "numbers": words.plural(target.width, "number"),
        "text": f"a text of at most {words.plural(_written_tokens(snapshot), 'token')}",
        "tokens": f"one of {words.plural(snapshot.vocabulary, 'token')}",
    }[target.kind]
    st.caption(f"Target {words.plain(target.name)}: {what}")
    st.caption(f"{words.plural(snapshot.samples, 'sample')} in all")


def _written_tokens(snapshot: DataSchema) -> int:
    """Tokens of a text that is to be written, at most; 0 where none is."""
    return snapshot.fields[-1].shape[0] if snapshot.target_vocabulary else 0


def device_chip() -> None:
    """What training runs on here."""
    with st.popover(device_label(), icon=":material/memory:", type="tertiary", key="bar_device"):
        memory = psutil.virtual_memory()
        st.markdown(f"**{device_label()}**")
        st.caption(f"{words.size(memory.available)} of {words.size(memory.total)} memory free")
        setting = current().project.training.device
        st.caption(
            "The next run takes the fastest device found."
            if setting == "auto"
            else f"The next run uses {setting}, as set on Train."
        )


def device_label() -> str:
    """`CPU · 2 cores`; the graphics card where the driver names one."""
    card = _graphics_card()
    return card or f"CPU · {words.plural(_cores(), 'core')}"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _graphics_card() -> str:
    """The first NVIDIA card by the driver's own files, read without torch; empty when there is none."""
    from pathlib import Path

    for facts in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        for line in facts.read_text(errors="replace").splitlines():
            if line.startswith("Model:"):
                return line.removeprefix("Model:").strip().removeprefix("NVIDIA ")
    return ""


def shared_address() -> bool:
    """Whether machines other than this one can open the app."""
    return not is_loopback(str(st.get_option("server.address") or "0.0.0.0"))  # noqa: S104 (Streamlit's default)
