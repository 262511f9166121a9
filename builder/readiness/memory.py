"""What a run takes of the machine's memory, estimated before anything is allocated."""

from collections.abc import Iterable

from builder.network.report import Report
from builder.spec.data import DataSchema
from builder.train.device import Device, free_memory
from builder.train.settings import Resolved

COMFORTABLE, POSSIBLE = 0.5, 0.9
"""Shares of the free memory: beyond the first it is told, beyond the second refused."""
COPIES = 5
"""Of every weight: itself, its gradient, two of the optimizer, the best so far."""
BACKWARD = 2
"""Outputs are kept for the backward pass, and their gradients come on top."""


def bytes_needed(reports: Iterable[Report], resolved: Resolved, schema: DataSchema) -> int:
    """Weights with what belongs to them, outputs of a batch, and the prepared data, in bytes."""
    weights = activations = 0
    for report in reports:
        weights += 4 * COPIES * report.parameters
        activations += BACKWARD * resolved.batch_size * (report.bytes or 0)
    sample = 4 * sum(_count(field.shape) for field in schema.fields)
    return weights + activations + schema.samples * sample


def heaviest(reports: Iterable[Report], batch_size: int) -> tuple[str, str, str]:
    """The layer that takes most: network, node id, identifier."""
    found = [
        (
            4 * COPIES * node.parameters + BACKWARD * batch_size * (node.bytes or 0),
            (report.network, node.node, node.identifier),
        )
        for report in reports
        for node in report.nodes.values()
    ]
    return max(found)[1] if found else ("", "", "the data")


def free_bytes(device: Device) -> int:
    """Memory that is free now on the device."""
    return free_memory(device)


def words(count: int) -> str:
    """12.5 GB, 340 MB."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
