"""The learner of autoencoders: spoilt input in, clean input wanted."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from builder.train.learner import Inputs, Learner, LearnerContext, chunks, named
from builder.train.recipes.autoencoder import CODE, RECONSTRUCTION, AutoencoderOptions
from builder.train.step import optimise

MEASURING_SEED = 20_160
"""Noise of measured samples is the same after every epoch."""


class AutoencoderLearner(Learner):
    """Forward, loss against the input itself, backward, one optimizer."""

    def __init__(self, context: LearnerContext) -> None:
        role = "network"
        network = context.networks[role]
        options = context.resolved.options
        assert isinstance(options, AutoencoderOptions)
        parts = ("loss", "reconstruction", "sparsity") if options.sparsity else ("loss",)
        super().__init__(
            {context.names[role]: network}, {role: context.optimizer(role)}, loss_names=parts
        )
        self._network = network
        self._forward = context.forward(role)
        self._gives = context.gives.get(role, ())
        self._field = context.schema.fields[0].name
        self._options = options
        self._loss = context.resolved.loss.build()
        self._parameters = [p for p in network.parameters() if p.requires_grad]
        self._clip_norm = context.resolved.training.clip_norm
        self._by_closure = context.resolved.drivers[role].optimizer.by_closure

    def step(self, inputs: Inputs, target: Tensor) -> Tensor:
        """One step down the error of this batch's reconstruction."""
        clean = inputs[self._field]
        given = self.spoilt(clean)
        rest: list[Tensor] = []

        def loss() -> Tensor:
            made = self._made(given)
            error = self._loss(made[RECONSTRUCTION], clean)
            if not self._options.sparsity:
                return error
            price = self._options.sparsity * made[CODE].abs().mean()
            rest[:] = [error.detach(), price.detach()]
            return error + price

        total = optimise(
            self.optimizers["network"],
            loss,
            parameters=self._parameters,
            clip_norm=self._clip_norm,
            by_closure=self._by_closure,
        )
        return torch.stack([total, *rest]) if rest else total

    def spoilt(self, clean: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """The input with the noise of the settings, float32 like `clean`; the same tensor where there is none.

        While training, draws come from torch's own generator, which checkpoints keep.
        """
        given = clean
        if self._options.noise:
            given = given + self._options.noise * _drawn(torch.randn, clean, generator)
        if self._options.hidden:
            given = given * (_drawn(torch.rand, clean, generator) >= self._options.hidden)
        return given

    def outputs(self, inputs: Inputs) -> Tensor:
        """The reconstructions of one batch, as it is."""
        return self._made(inputs[self._field])[RECONSTRUCTION]

    def fed(self, inputs: Inputs) -> Mapping[str, Inputs]:
        """The input as it comes while training, with the same noise at every call."""
        spoilt = {**inputs, self._field: self.measured_input(inputs[self._field])}
        return dict.fromkeys(self.networks, spoilt)

    @torch.no_grad()
    def shown(self, inputs: Inputs) -> Mapping[str, Tensor]:
        """The inputs, what the noise makes of them where there is any, and the reconstructions."""
        clean = inputs[self._field]
        given = self.measured_input(clean)
        middle = {} if given is clean else {"noisy": given}
        return {"input": clean, **middle, "reconstruction": self._made(given)[RECONSTRUCTION]}

    @torch.no_grad()
    def measure(self, inputs: Inputs, target: Tensor, *, chunk: int) -> dict[str, float]:
        """Loss under the noise of the settings, squared error from the clean and from the noisy input."""
        was_training = self._network.training
        self._network.eval()
        try:
            clean = inputs[self._field]
            given = self.measured_input(clean)
            loss, error, count = 0.0, 0.0, len(clean)
            for wanted, seen in zip(
                chunks({self._field: clean}, chunk),
                chunks({self._field: given}, chunk),
                strict=True,
            ):
                truth = wanted[self._field]
                made = self._made(seen[self._field])
                part = float(self._loss(made[RECONSTRUCTION], truth))
                if self._options.sparsity:
                    part += self._options.sparsity * float(made[CODE].abs().mean())
                loss += part * len(truth) / count
                error += _squared(made[RECONSTRUCTION], truth) * len(truth) / count
            found = {"loss": loss, "mse": error}
            if given is not clean:
                plain = sum(
                    _squared(self.outputs(piece), piece[self._field]) * len(piece[self._field])
                    for piece in chunks({self._field: clean}, chunk)
                )
                found |= {"mse": plain / count, "denoised_mse": error}
            return found
        finally:
            self._network.train(was_training)

    def measured_input(self, clean: Tensor) -> Tensor:
        """The input with the noise of the settings, the same draws at every call; itself where there is none."""
        return self.spoilt(clean, torch.Generator().manual_seed(MEASURING_SEED))

    def _made(self, given: Tensor) -> dict[str, Tensor]:
        return named(self._forward({self._field: given}), self._gives or (RECONSTRUCTION,))


def _drawn(draw: Callable[..., Tensor], like: Tensor, generator: torch.Generator | None) -> Tensor:
    if generator is None:
        return draw(like.shape, device=like.device, dtype=like.dtype)
    return draw(like.shape, generator=generator, dtype=like.dtype).to(like.device)


def _squared(made: Tensor, truth: Tensor) -> float:
    return float(torch.mean((made.reshape(truth.shape) - truth) ** 2))
