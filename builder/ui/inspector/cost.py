"""The Cost tab: parameters, arithmetic and memory of every layer, the largest easy to see."""

import streamlit as st

from builder.network.report import Report
from builder.spec.network import Network
from builder.ui import words


def show(network: Network, report: Report | None) -> None:
    """Draws the totals and one row a layer, in the order of the forward pass."""
    if report is None:
        st.caption("The cost is known once the network has been checked.")
        return
    st.markdown(
        f"**{words.count(report.parameters)}** parameters, {words.size(4 * report.parameters)} as float32"
    )
    if report.flops is not None:
        st.caption(
            f"{words.count(report.flops)} FLOPs and {words.size(report.bytes or 0)} of activations a sample"
        )
    names = {node.id: node.name for node in network.nodes}
    known = [report.nodes[node_id] for node_id in report.order if node_id in report.nodes]
    rows = [
        {
            "Layer": names.get(told.node, ""),
            "Output": words.shape(told.outputs[0].shape) if told.outputs else "–",
            "Parameters": told.parameters,
            "FLOPs": told.flops,
            "Memory": words.size(told.bytes) if told.bytes is not None else "–",
        }
        for told in known
        if told.node in names
    ]
    st.dataframe(
        rows,
        hide_index=True,
        column_config={
            "Parameters": st.column_config.NumberColumn(format="localized"),
            "FLOPs": st.column_config.NumberColumn(
                format="compact", help="2 × multiply-adds a sample"
            ),
            "Memory": st.column_config.TextColumn(help="Its output, for one sample, in float32"),
        },
    )
