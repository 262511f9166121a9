"""The learner of variational autoencoders (Kingma and Welling 2013; beta: Higgins et al. 2017)."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from builder.errors import TrainError
from builder.train.learner import Forward, Inputs, Learner, LearnerContext, chunks, named
from builder.train.recipes.options import Draw
from builder.train.recipes.vae import (
    CODE,
    DECODER,
    ENCODER,
    LOG_VARIANCE,
    MEAN,
    VariationalOptions,
)
from builder.train.step import optimise_together

MEASURING_SEED = 20_131
SHOWN_SEED, SHOWN = 0, 32
"""The same new samples are followed while a run trains."""


class VariationalLearner(Learner):
    """Encode, draw a code, decode; reconstruction plus beta times KL drives both networks at once."""

    def __init__(self, context: LearnerContext) -> None:
        options = context.resolved.options
        assert isinstance(options, VariationalOptions)
        roles = (ENCODER, DECODER)
        super().__init__(
            {context.names[role]: context.networks[role] for role in roles},
            {role: context.optimizer(role) for role in roles},
            loss_names=("loss", "reconstruction", "kl"),
        )
        if any(context.resolved.drivers[role].optimizer.by_closure for role in roles):
            raise TrainError(
                "This optimizer computes the loss several times a step, which two networks that learn together "
                "do not allow. Choose another one, such as AdamW."
            )
        self._names = context.names
        self._encoder, self._decoder = context.networks[ENCODER], context.networks[DECODER]
        self._encode, self._decode = context.forward(ENCODER), context.forward(DECODER)
        self._gives = context.gives.get(ENCODER, (CODE, MEAN, LOG_VARIANCE))
        self._field = context.schema.fields[0].name
        self._options = options
        self._loss = context.resolved.loss.build()
        self._parameters = [
            p for role in roles for p in context.networks[role].parameters() if p.requires_grad
        ]
        self._clip_norm = context.resolved.training.clip_norm
        self._steps = 0

    def step(self, inputs: Inputs, target: Tensor) -> Tensor:
        """One step down reconstruction and KL of this batch; the draw comes from torch's own generator."""
        parts: list[Tensor] = []

        def loss() -> Tensor:
            made = named(self._encode(inputs), self._gives)
            reconstruction, kl = self._parts(made, self._decode({CODE: made[CODE]}), inputs)
            parts[:] = [reconstruction.detach(), kl.detach()]
            return reconstruction + self._beta() * kl

        total = optimise_together(
            list(self.optimizers.values()),
            loss,
            parameters=self._parameters,
            clip_norm=self._clip_norm,
        )
        self._steps += 1
        return torch.stack([total, *parts])

    def outputs(self, inputs: Inputs) -> Tensor:
        """The reconstructions of one batch, from whatever code the encoder gives."""
        return self._decode({CODE: named(self._encode(inputs), self._gives)[CODE]})

    def fed(self, inputs: Inputs) -> Mapping[str, Inputs]:
        """The samples for the encoder, their codes for the decoder."""
        with torch.no_grad():
            code = named(self._encode(inputs), self._gives)[CODE]
        return {self._names[ENCODER]: inputs, self._names[DECODER]: {CODE: code}}

    @torch.no_grad()
    def shown(self, inputs: Inputs) -> Mapping[str, Tensor]:
        """The inputs, their reconstructions, and new samples that are followed all the time."""
        device = inputs[self._field].device
        new = sampled(self._decode, Draw(SHOWN, SHOWN_SEED), self._options.code_size, device)
        return {
            "input": inputs[self._field],
            "reconstruction": self.outputs(inputs),
            "generated": new,
        }

    def state(self) -> dict[str, Any]:
        """The steps taken, which say how far beta has risen."""
        return {"steps": self._steps}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on counting."""
        self._steps = int(state["steps"])

    @torch.no_grad()
    def measure(self, inputs: Inputs, target: Tensor, *, chunk: int) -> dict[str, float]:
        """Both parts at the full beta for codes drawn the same way every time, and the error at the mean code."""
        modes = [(network, network.training) for network in (self._encoder, self._decoder)]
        for network, _ in modes:
            network.eval()
        generator = torch.Generator().manual_seed(MEASURING_SEED)
        reconstruction = kl = error = 0.0
        count = len(inputs[self._field])
        try:
            for piece in chunks(inputs, chunk):
                made = named(self._encode(piece), self._gives)
                noise = torch.randn(made[MEAN].shape, generator=generator).to(made[MEAN].device)
                drawn = made[MEAN] + torch.exp(0.5 * made[LOG_VARIANCE]) * noise
                share = len(piece[self._field]) / count
                one, other = self._parts(made, self._decode({CODE: drawn}), piece)
                reconstruction += float(one) * share
                kl += float(other) * share
                truth = piece[self._field]
                plain = self._decode({CODE: made[MEAN]}).reshape(truth.shape)
                error += float(((plain - truth) ** 2).mean()) * share
        finally:
            for network, training in modes:
                network.train(training)
        loss = reconstruction + self._options.beta * kl
        return {"loss": loss, "elbo_loss": loss, "mse": error, "kl": kl}

    def _parts(
        self, made: dict[str, Tensor], back: Tensor, inputs: Inputs
    ) -> tuple[Tensor, Tensor]:
        """Reconstruction loss and KL of a sample, both summed over its values and meant over the batch."""
        truth = inputs[self._field]
        mean, log_variance = made[MEAN], made[LOG_VARIANCE]
        reconstruction = self._loss(back, truth) * truth[0].numel()
        spread = 1 + log_variance - mean**2 - log_variance.exp()
        return reconstruction, -0.5 * spread.flatten(1).sum(1).mean()

    def _beta(self) -> float:
        warm = self._options.kl_warm_up
        return self._options.beta * min(1.0, self._steps / warm if warm else 1.0)


def sampled(decode: Forward, draw: Draw, size: int, device: torch.device | str = "cpu") -> Tensor:
    """New samples: normal numbers (count, size) of this seed through the decoder."""
    generator = torch.Generator().manual_seed(draw.seed)
    return decode({CODE: torch.randn(draw.count, size, generator=generator).to(device)})
