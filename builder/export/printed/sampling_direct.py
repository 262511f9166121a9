"""New samples straight out of the network: random numbers go in, samples come out."""

from typing import Any

import torch
from torch import Tensor

SETTINGS: dict[str, type] = {}


def samples(model: Any, shapes: dict[str, Any], seed: int, labels: Tensor, settings: Any) -> Tensor:
    """Samples as the network gives them, float32 (count, ...), the same for the same seed.

    Args:
        model: takes one tensor for each of `shapes`, in that order.
        shapes: of what the network is fed, by name, without the batch; `label` is the class.
        seed: start of all chance.
        labels: a row for each sample, its class as 1 at its place and 0 elsewhere, float32 (count, classes).
        settings: none are known here.
    """
    generator = torch.Generator().manual_seed(seed)
    fed = [
        labels if name == "label" else torch.randn(len(labels), *shape, generator=generator)
        for name, shape in shapes.items()
    ]
    made: Tensor = model(*fed)
    return made
