"""What a run takes of the machine's memory, in parts, estimated before anything is allocated."""

from collections.abc import Iterable

from builder.network.report import Report
from builder.readiness.report import SPARED, Memory
from builder.spec.data import DataSchema
from builder.train.device import Device, free_memory
from builder.train.settings import Resolved

COMFORTABLE, POSSIBLE = 0.5, SPARED
"""Shares of the free memory: beyond the first it is told, beyond the second refused."""
FLOAT = 4
COPIES = 5
"""Of every weight, for telling which layer takes most: itself, its gradient, two of the optimizer, the best so far."""


def memory(
    reports: Iterable[Report], resolved: Resolved, schema: DataSchema, device: Device, samples: int
) -> Memory:
    """The parts of a run's memory at its batch size, and the largest batch with which it still fits."""
    reports = list(reports)
    weights = FLOAT * sum(report.parameters + report.buffers for report in reports)
    trained = FLOAT * sum(report.parameters - report.frozen for report in reports)
    sample = sum(report.saved + report.passing for report in reports)
    free = free_memory(device)
    copies = max((one.optimizer.copies() for one in resolved.drivers.values()), default=0.0)
    data = schema.samples * FLOAT * sum(_count(field.shape) for field in schema.fields)
    optimizer = round(trained * copies)
    fixed = 2 * weights + trained + optimizer + data
    room = max(int(POSSIBLE * free) - fixed, 0)
    return Memory(
        device=device.words,
        free=free,
        batch_size=resolved.batch_size,
        weights=weights,
        best_weights=weights,
        gradients=trained,
        optimizer=optimizer,
        activations=resolved.batch_size * sample,
        data=data,
        largest_batch=min(_power_of_two(room // max(sample, 1)), max(samples, 1)),
    )


def heaviest(reports: Iterable[Report], batch_size: int) -> tuple[str, str, str]:
    """The layer that takes most: network, node id, identifier."""
    found = [
        (
            FLOAT * COPIES * node.parameters + 2 * batch_size * (node.bytes or 0),
            (report.network, node.node, node.identifier),
        )
        for report in reports
        for node in report.nodes.values()
    ]
    return max(found)[1] if found else ("", "", "the data")


def words(count: int) -> str:
    """12.5 GB, 340 MB."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def _power_of_two(most: int) -> int:
    """The largest power of two that is not more; 0 for less than one."""
    return 1 << (most.bit_length() - 1) if most > 0 else 0


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
