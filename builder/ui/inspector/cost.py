"""The Cost tab: parameters, arithmetic, memory in parts, time of an epoch, and every layer's share."""

import streamlit as st

from builder.network.report import Report
from builder.readiness.report import Memory, ProjectReport
from builder.ui import rehearsals, words
from builder.ui.canvas.drawing import Drawing

PARTS = (
    ("weights", "Weights", "The parameters themselves, as float32, and running means"),
    ("gradients", "Gradients", "One number for each trained weight"),
    ("optimizer", "Optimizer", "What it remembers for each trained weight"),
    ("activations", "Activations", "Held from forward to backward, for a whole batch"),
    ("best_weights", "Best so far", "A copy of the weights of the best epoch"),
    ("data", "Data", "All samples, prepared"),
)


def show(drawing: Drawing, report: Report | None, whole: ProjectReport | None) -> None:
    """Draws the totals, the memory in parts, the time, and one row a layer in the order of the forward pass."""
    if report is None:
        st.caption("The cost is known once the network has been checked.")
        return
    disk = 4 * (report.parameters + report.buffers)
    st.markdown(
        f"**{words.count(report.parameters)}** parameters, {words.size(disk)} on disk as float32"
    )
    if report.flops is not None:
        st.caption(
            f"{words.count(report.flops)} FLOPs and {words.size(report.saved)} held for the backward pass a sample"
        )
    if whole is not None and whole.memory is not None:
        _memory(whole.memory)
    _time(drawing, whole)
    _layers(drawing, report)


def _memory(memory: Memory) -> None:
    st.markdown("##### Memory while it trains")
    icon, colour = ("check_circle", "green") if memory.fits else ("error", "red")
    verdict = "Fits" if memory.fits else "Does not fit"
    st.markdown(
        f":{colour}[:material/{icon}:] {verdict}: about **{words.size(memory.total)}** with batches of "
        f"{memory.batch_size:,}; {words.size(memory.free)} are free on {words.plain(memory.device)}"
    )
    if memory.largest_batch:
        st.caption(f"Largest batch that fits: {memory.largest_batch:,}")
    st.dataframe(
        [
            {"Part": title, "Size": words.size(getattr(memory, name)), "What it is": what}
            for name, title, what in PARTS
        ],
        hide_index=True,
        key="cost_memory",
    )


def _time(drawing: Drawing, whole: ProjectReport | None) -> None:
    st.markdown("##### Time")
    if whole is None or whole.errors() or whole.memory is None:
        st.caption("An epoch can be timed once the network fits its data.")
        return
    state = drawing.state
    told = rehearsals.known(state)
    if told is None:
        st.caption("A few real steps tell how long an epoch takes on this machine.")
        rehearsals.button(state, "cost_time")
        return
    epochs = state.project.training.epochs
    whole_run = f"; {words.plain(rehearsals.said(told, epochs))}" if epochs is not None else ""
    st.markdown(f"**{words.duration(told.seconds_per_epoch)}** an epoch{whole_run}")
    st.caption(
        f"A batch of {told.batch_size:,} held {words.size(told.held_bytes)} from forward to backward; "
        f"estimated were {words.size(sum(one.saved for one in whole.reports.values()) * told.batch_size)}."
    )


def _layers(drawing: Drawing, report: Report) -> None:
    st.markdown("##### Layer by layer")
    names = {node.id: node.name for node in drawing.network.nodes}
    known = [report.nodes[node_id] for node_id in report.order if node_id in report.nodes]
    rows = [
        {
            "Layer": names.get(told.node, ""),
            "Output": words.shape(told.outputs[0].shape) if told.outputs else "–",
            "Parameters": told.parameters,
            "FLOPs": told.flops,
            "Memory": words.size(told.bytes) if told.bytes is not None else "–",
            "Sees": words.shape(told.sees) if told.sees else "–",
        }
        for told in known
        if told.node in names
    ]
    st.dataframe(
        rows,
        hide_index=True,
        key="cost_layers",
        column_config={
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "FLOPs": st.column_config.NumberColumn(
                format="compact", help="2 × multiply-adds a sample"
            ),
            "Memory": st.column_config.TextColumn(help="Its output, for one sample, in float32"),
            "Sees": st.column_config.TextColumn(
                help="Receptive field: how much of the input one place of its output depends on"
            ),
        },
    )
