"""Samples to look at while a run trains, taken without changing a single later loss."""

from collections.abc import Callable
from contextlib import ExitStack

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from builder.data.batches import Tensors
from builder.train.learner import Learner
from builder.train.probes import ANSWERED_SAMPLES, undisturbed

Pictures = Callable[[Tensor], Tensor]
"""Prepared images (N, C, H, W) to pixels (N, H, W, C) in 0..1."""


class Display:
    """Asks a learner what it has to show for the first few samples."""

    def __init__(
        self, learner: Learner, samples: Tensors, *, pictures: Pictures | None = None
    ) -> None:
        self._learner = learner
        self._few = samples.cut(0, min(ANSWERED_SAMPLES, len(samples)))
        self._pictures = pictures

    def rows(self) -> dict[str, NDArray[np.float32]]:
        """By word: pixels (N, H, W, C) in 0..1 of images, else numbers (N, F) as the network sees them."""
        with ExitStack() as stack:
            for network in self._learner.networks.values():
                stack.enter_context(undisturbed(network))
            shown = self._learner.shown(self._few.inputs)
            return {name: self._told(values) for name, values in shown.items()}

    def _told(self, values: Tensor) -> NDArray[np.float32]:
        values = values.detach().float().cpu()
        if self._pictures is not None and values.ndim == 4:
            values = self._pictures(values)
        return torch.nan_to_num(values).numpy()
