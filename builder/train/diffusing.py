"""The learner of a diffusion model: one network that takes noise away, at random times."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from builder.spec.data import DataSchema
from builder.train.averaging import Average
from builder.train.labels import asked, in_turn, one_hot
from builder.train.learner import Forward, Inputs, Learner, LearnerContext, chunks, forward_of
from builder.train.noising import Denoiser, Noising
from builder.train.recipes.diffusion import TIME, DiffusionOptions
from builder.train.recipes.options import Draw
from builder.train.recipes.pictures import LABEL
from builder.train.step import optimise

SHOWN = 32
ROLE = "network"


class DiffusionLearner(Learner):
    """Puts noise into a batch, and teaches the network to tell it from the pictures."""

    def __init__(self, context: LearnerContext) -> None:
        network = context.networks[ROLE]
        self._name = context.names[ROLE]
        super().__init__({self._name: network}, {ROLE: context.optimizer(ROLE)})
        options = context.resolved.options
        assert isinstance(options, DiffusionOptions)
        self._options, self._schema = options, context.schema
        self._field = context.schema.fields[0].name
        self._network = network
        self._noising = noising_of(options)
        self._loss = context.resolved.loss.build()
        self._parameters = [p for p in network.parameters() if p.requires_grad]
        self._clip_norm = context.resolved.training.clip_norm
        self._by_closure = context.resolved.drivers[ROLE].optimizer.by_closure
        self._forward = context.forward(ROLE)
        self._average = Average(network, options.average) if options.average else None
        self._kept = self._forward
        if self._average is not None:
            feeds = context.feeds.get(ROLE, (self._field, TIME))
            self._kept = forward_of(self._average.network, feeds)

    def step(self, inputs: Inputs, target: Tensor) -> Tensor:
        """One step down the loss of telling noise from pictures."""
        images = inputs[self._field]
        times = torch.randint(self._options.noise_steps, (len(images),), device=images.device)
        noise = torch.randn_like(images)
        label = self._some_labels(target)
        noisy = self._noising.noisy(images, noise, times)
        wanted = self._noising.target(images, noise, times)
        loss = optimise(
            self.optimizers[ROLE],
            lambda: self._loss(self._forward({self._field: noisy, TIME: times, **label}), wanted),
            parameters=self._parameters,
            clip_norm=self._clip_norm,
            by_closure=self._by_closure,
        )
        if self._average is not None:
            self._average.follow()
        return loss

    def _some_labels(self, target: Tensor) -> dict[str, Tensor]:
        """The classes, a share of them left out."""
        if not self._options.by_class:
            return {}
        labels = one_hot(target, self._schema)[LABEL]
        stays = torch.rand(len(labels), 1, device=labels.device) >= self._options.label_dropped
        return {LABEL: labels * stays}

    def outputs(self, inputs: Inputs) -> Tensor:
        """What the network says of noisy pictures."""
        return self._kept(inputs)

    @torch.no_grad()
    def measure(self, inputs: Inputs, target: Tensor, *, chunk: int) -> dict[str, float]:
        """The loss with fixed noise, at times spread evenly over the samples."""
        images = inputs[self._field]
        given, wanted = self._fixed(images)
        if self._options.by_class:
            given |= one_hot(target, self._schema)
        was_training = self._network.training
        self._network.eval()
        try:
            said = torch.cat([self._kept(some) for some in chunks(given, chunk)])
        finally:
            self._network.train(was_training)
        return {"loss": float(self._loss(said, wanted))}

    def _fixed(self, images: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """Noisy pictures with their times, always the same for the same pictures, and what is to be said of them."""
        count = len(images)
        generator = torch.Generator().manual_seed(0)
        noise = torch.randn(images.shape, generator=generator).to(images.device)
        places = torch.randperm(count, generator=generator)
        times = (places * self._options.noise_steps // count).to(images.device)
        noisy = self._noising.noisy(images, noise, times)
        return {self._field: noisy, TIME: times}, self._noising.target(images, noise, times)

    def fed(self, inputs: Inputs) -> Mapping[str, Inputs]:
        """The pictures with noise in them, classes in turn."""
        images = inputs[self._field]
        given, _ = self._fixed(images)
        if self._options.by_class:
            given |= in_turn(len(images), self._schema, images.device)
        return {self._name: given}

    @torch.no_grad()
    def shown(self, inputs: Inputs) -> Mapping[str, Tensor]:
        """Pictures from the same noise every time, so that they are seen to improve."""
        device = inputs[self._field].device
        made = drawn(self._kept, Draw(SHOWN), self._options, self._schema, device)
        return {"generated": made}

    def kept(self) -> Mapping[str, torch.nn.Module]:
        """The averaged network."""
        return {self._name: self._average.network} if self._average is not None else self.networks

    def state(self) -> dict[str, Any]:
        """The averaged network."""
        return {"average": self._average.state()} if self._average is not None else {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Puts the averaged network back."""
        if self._average is not None:
            self._average.restore(state["average"])


def noising_of(options: DiffusionOptions) -> Noising:
    """The times and shares of noise these settings stand for."""
    return Noising(options.noise_steps, options.noise_schedule, options.predicts)


def drawn(
    denoise: Forward,
    draw: Draw,
    options: DiffusionOptions,
    schema: DataSchema,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Pictures from the noise of a seed by DDIM, prepared, float32 (count, C, H, W)."""
    field = schema.fields[0]
    generator = torch.Generator().manual_seed(draw.seed)
    noise = torch.randn(draw.count, *field.shape, generator=generator).to(device)
    labels = asked(draw, schema, device)[LABEL] if options.by_class else None
    return noising_of(options).sample(
        by_name(denoise, field.name),
        noise,
        steps=options.sampling_steps,
        labels=labels,
        guidance=options.guidance,
    )


def by_name(denoise: Forward, field: str) -> Denoiser:
    """A network that is fed by name, as the sampler calls it."""

    def called(images: Tensor, times: Tensor, labels: Tensor | None) -> Tensor:
        label = {} if labels is None else {LABEL: labels}
        return denoise({field: images, TIME: times, **label})

    return called
