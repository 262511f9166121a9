"""The learner of segmentation: a class at every pixel, measured by the areas that overlap."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from builder.train.learner import Inputs, LearnerContext, chunks
from builder.train.measures import mask_metrics, pixel_confusion
from builder.train.supervised import SupervisedLearner

MOST_LOGITS = 16_000_000
"""Values of one piece while measuring, so that large pictures do not fill the memory."""


class SegmentationLearner(SupervisedLearner):
    """One network that answers logits (B, classes, H, W) for pictures (B, C, H, W)."""

    def __init__(self, context: LearnerContext) -> None:
        super().__init__(context, lambda outputs, target, watched: {})
        self._classes = len(context.schema.target.classes)

    def shown(self, inputs: Inputs) -> Mapping[str, Tensor]:
        """The pictures, and the class it gives each of their pixels: `input` (N, C, H, W), `mask` (N, H, W)."""
        (pictures,) = inputs.values()
        return {"input": pictures, "mask": self.outputs(inputs).argmax(1)}

    @torch.no_grad()
    def measure(self, inputs: Inputs, target: Tensor, *, chunk: int) -> dict[str, float]:
        """Loss, mean IoU and pixel accuracy over all pixels of the split."""
        size = max(1, min(chunk, MOST_LOGITS // max(1, self._classes * target[0].numel())))
        counts = np.zeros((self._classes, self._classes), np.int64)
        total, start = 0.0, 0
        was_training = self._network.training
        self._network.eval()
        try:
            for piece in chunks(inputs, size):
                logits = self.outputs(piece)
                wanted = target[start : start + len(logits)]
                start += len(logits)
                total += float(self._loss(logits, wanted)) * len(logits)
                counts += pixel_confusion(logits, wanted)
        finally:
            self._network.train(was_training)
        return {"loss": total / max(1, len(target)), **mask_metrics(counts)}
