"""The learner of recipes with one network and a target for every sample."""

from collections.abc import Callable

import torch
from torch import Tensor

from builder.train.learner import Inputs, Learner, LearnerContext, chunks
from builder.train.step import optimise

Measure = Callable[[Tensor, Tensor, str], dict[str, float]]
"""From all outputs and targets of a split, on the CPU, and the watched metric's name, to metrics."""


class SupervisedLearner(Learner):
    """Forward, loss, backward, one optimizer."""

    def __init__(self, context: LearnerContext, measure: Measure) -> None:
        role = "network"
        network = context.networks[role]
        super().__init__({context.names[role]: network}, {role: context.optimizer(role)})
        self._network = network
        self._forward = context.forward(role)
        self._loss = context.resolved.loss.build()
        self._optimizer = self.optimizers[role]
        self._parameters = [p for p in network.parameters() if p.requires_grad]
        self._clip_norm = context.resolved.training.clip_norm
        self._by_closure = context.resolved.drivers[role].optimizer.by_closure
        self._measure = measure
        self._watched = context.resolved.metric.kind
        self._unscale = context.unscale

    def step(self, inputs: Inputs, target: Tensor) -> Tensor:
        """One step down the loss of this batch."""
        return optimise(
            self._optimizer,
            lambda: self._loss(self._forward(inputs), target),
            parameters=self._parameters,
            clip_norm=self._clip_norm,
            by_closure=self._by_closure,
        )

    def outputs(self, inputs: Inputs) -> Tensor:
        """Logits, or standardised numbers."""
        return self._forward(inputs)

    @torch.no_grad()
    def measure(self, inputs: Inputs, target: Tensor, *, chunk: int) -> dict[str, float]:
        """Loss and metrics in evaluation mode."""
        was_training = self._network.training
        self._network.eval()
        try:
            pieces = [self._forward(piece) for piece in chunks(inputs, chunk)]
        finally:
            self._network.train(was_training)
        outputs = pieces[0] if len(pieces) == 1 else torch.cat(pieces)
        loss = float(self._loss(outputs, target))
        outputs, target = outputs.cpu(), target.cpu()
        if self._unscale is not None:
            if outputs.numel() == target.numel():
                outputs = outputs.reshape(target.shape)
            outputs, target = self._unscale(outputs), self._unscale(target)
        return {"loss": loss, **self._measure(outputs, target, self._watched)}
