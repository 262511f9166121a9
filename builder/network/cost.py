"""Whether a network fits this machine: memory of weights, gradients and outputs, estimated before any is taken."""

import os
from functools import cache
from pathlib import Path

FLOAT = 4
COPIES = 4
"""A trained weight is kept four times: itself, its gradient, and two averages of the optimizer."""


def training_bytes(parameters: int, activations: int, *, batch_size: int) -> int:
    """Bytes that training takes at least: weights four times, outputs of every layer and their gradients.

    `activations` is bytes of all outputs for one sample.
    """
    return parameters * FLOAT * COPIES + 2 * activations * batch_size


@cache
def machine_bytes() -> int:
    """Memory of this machine in bytes: of the container's limit, the physical memory and a CUDA device, what counts."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    try:
        allowed = int(limit.read_text())
    except (OSError, ValueError):
        allowed = physical
    return max(min(physical, allowed), _device_bytes())


def _device_bytes() -> int:
    import torch

    if not torch.cuda.is_available():
        return 0
    return int(torch.cuda.get_device_properties(0).total_memory)
