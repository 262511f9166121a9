"""The learner of a GAN: two networks with an optimizer each, and pictures from fixed noise."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from builder.spec.data import DataSchema
from builder.train.adversarial_losses import DuelLoss
from builder.train.averaging import Average
from builder.train.frechet import pixel_frechet
from builder.train.labels import asked, in_turn, one_hot
from builder.train.learner import Forward, Inputs, Learner, LearnerContext, chunks, forward_of
from builder.train.recipes.gan import DISCRIMINATOR, GENERATOR, NOISE, GANOptions
from builder.train.recipes.options import Draw
from builder.train.recipes.pictures import LABEL
from builder.train.step import optimise

SHOWN = 64
LOSSES = ("loss", GENERATOR, DISCRIMINATOR)


class AdversarialLearner(Learner):
    """Updates the discriminator a few times on a batch, then the generator once."""

    def __init__(self, context: LearnerContext) -> None:
        roles = (GENERATOR, DISCRIMINATOR)
        self._names = {role: context.names[role] for role in roles}
        modules = {role: context.networks[role] for role in roles}
        super().__init__(
            {self._names[role]: modules[role] for role in roles},
            {role: context.optimizer(role) for role in roles},
            loss_names=LOSSES,
        )
        options, loss = context.resolved.options, context.resolved.loss
        assert isinstance(options, GANOptions)
        assert isinstance(loss, DuelLoss)
        self._options, self._loss, self._judge = options, loss, loss.build()
        self._schema = context.schema
        self._field = context.schema.fields[0].name
        self._modules = modules
        self._forward = {role: context.forward(role) for role in roles}
        self._learning = {
            role: [p for p in modules[role].parameters() if p.requires_grad] for role in roles
        }
        self._by_closure = {
            role: context.resolved.drivers[role].optimizer.by_closure for role in roles
        }
        self._clip_norm = context.resolved.training.clip_norm
        self._average = Average(modules[GENERATOR], options.average) if options.average else None
        self._kept = self._kept_forward(context)

    def _kept_forward(self, context: LearnerContext) -> Forward:
        """The generator that is kept: its average where there is one."""
        if self._average is None:
            return self._forward[GENERATOR]
        feeds = context.feeds.get(GENERATOR, (NOISE,))
        return forward_of(self._average.network, feeds)

    def step(self, inputs: Inputs, target: Tensor) -> Tensor:
        """The generator's loss, again by its name, and the discriminator's last loss."""
        real = inputs[self._field]
        label = self._labels(target)
        generate = self._forward[GENERATOR]
        for _ in range(self._options.discriminator_updates):
            with torch.no_grad():
                made = generate({NOISE: self._noise(real), **label})
            seen = self._update(DISCRIMINATOR, partial(self._told, real, made, label))
        given = {NOISE: self._noise(real), **label}
        self._learns(DISCRIMINATOR, False)
        fooled = self._update(GENERATOR, lambda: self._fooling(generate(given), label))
        self._learns(DISCRIMINATOR, True)
        if self._average is not None:
            self._average.follow()
        return torch.stack([fooled, fooled, seen])

    def _update(self, role: str, compute_loss: Callable[[], Tensor]) -> Tensor:
        return optimise(
            self.optimizers[role],
            compute_loss,
            parameters=self._learning[role],
            clip_norm=self._clip_norm,
            by_closure=self._by_closure[role],
        )

    def _learns(self, role: str, learns: bool) -> None:
        """Spares the gradients of a network that only judges."""
        for parameter in self._learning[role]:
            parameter.requires_grad_(learns)

    def _told(self, real: Tensor, made: Tensor, label: Inputs) -> Tensor:
        """The discriminator's loss on real and made pictures."""
        loss = self._apart(real, made, label)
        if self._loss.penalty:
            loss = loss + self._loss.penalty * self._slope(real, made, label)
        return loss

    def _apart(self, real: Tensor, made: Tensor, label: Inputs) -> Tensor:
        discriminate = self._forward[DISCRIMINATOR]
        of_real = discriminate({self._field: real, **label})
        of_made = discriminate({self._field: made, **label})
        judged: Tensor = self._judge(of_real, torch.ones_like(of_real))
        return judged + self._judge(of_made, torch.zeros_like(of_made))

    def _slope(self, real: Tensor, made: Tensor, label: Inputs) -> Tensor:
        """How far the slope between real and made pictures is from 1, squared."""
        shares = torch.rand(len(real), *(1,) * (real.ndim - 1), device=real.device)
        between = (shares * real + (1 - shares) * made).requires_grad_()
        scores = self._forward[DISCRIMINATOR]({self._field: between, **label})
        (slope,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
        far: Tensor = (slope.flatten(1).norm(dim=1) - 1) ** 2
        return far.mean()

    def _fooling(self, made: Tensor, label: Inputs) -> Tensor:
        """The generator's loss on what it made."""
        return self._loss.for_generator(self._forward[DISCRIMINATOR]({self._field: made, **label}))

    def _noise(self, like: Tensor) -> Tensor:
        return torch.randn(len(like), self._options.noise_features, device=like.device)

    def _labels(self, target: Tensor) -> dict[str, Tensor]:
        return one_hot(target, self._schema) if self._options.by_class else {}

    def outputs(self, inputs: Inputs) -> Tensor:
        """Pictures from the noise in `inputs`."""
        return self._kept(inputs)

    @torch.no_grad()
    def measure(self, inputs: Inputs, target: Tensor, *, chunk: int) -> dict[str, float]:
        """Both losses, and how far as many pictures from fixed noise are from the real ones."""
        modes = {module: module.training for module in self._modules.values()}
        for module in modes:
            module.eval()
        try:
            return self._measured(inputs[self._field], target, chunk)
        finally:
            for module, mode in modes.items():
                module.train(mode)

    def _measured(self, real: Tensor, target: Tensor, chunk: int) -> dict[str, float]:
        given = {**fixed_noise(len(real), 0, self._options, real.device), **self._labels(target)}
        made, fooled, seen = [], 0.0, 0.0
        for some in chunks({**given, self._field: real}, chunk):
            label = {name: values for name, values in some.items() if name == LABEL}
            pictures = self._kept(some)
            share = len(pictures) / len(real)
            fooled += share * float(self._fooling(pictures, label))
            seen += share * float(self._apart(some[self._field], pictures, label))
            made.append(pictures)
        distance = pixel_frechet(torch.cat(made), real)
        return {"loss": fooled, GENERATOR: fooled, DISCRIMINATOR: seen, "pixel_frechet": distance}

    def fed(self, inputs: Inputs) -> Mapping[str, Inputs]:
        """Fixed noise for the generator, the real pictures for the discriminator."""
        real = inputs[self._field]
        label = in_turn(len(real), self._schema, real.device) if self._options.by_class else {}
        noise = fixed_noise(len(real), 0, self._options, real.device)
        return {
            self._names[GENERATOR]: {**noise, **label},
            self._names[DISCRIMINATOR]: {self._field: real, **label},
        }

    @torch.no_grad()
    def shown(self, inputs: Inputs) -> Mapping[str, Tensor]:
        """Pictures from the same noise every time, so that they are seen to improve."""
        device = inputs[self._field].device
        made = drawn(self._kept, Draw(SHOWN), self._options, self._schema, device)
        return {"generated": made}

    def kept(self) -> Mapping[str, torch.nn.Module]:
        """The averaged generator, and the discriminator as it is."""
        if self._average is None:
            return self.networks
        return {**self.networks, self._names[GENERATOR]: self._average.network}

    def state(self) -> dict[str, Any]:
        """The averaged generator."""
        return {"average": self._average.state()} if self._average is not None else {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Puts the averaged generator back."""
        if self._average is not None:
            self._average.restore(state["average"])


def fixed_noise(
    count: int, seed: int, options: GANOptions, device: torch.device | str = "cpu"
) -> dict[str, Tensor]:
    """The noise of a seed, the same on every device: float32 (count, noise features)."""
    generator = torch.Generator().manual_seed(seed)
    return {NOISE: torch.randn(count, options.noise_features, generator=generator).to(device)}


def drawn(
    generate: Forward,
    draw: Draw,
    options: GANOptions,
    schema: DataSchema,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Pictures from the noise of a seed, prepared, float32 (count, C, H, W)."""
    given = fixed_noise(draw.count, draw.seed, options, device)
    if options.by_class:
        given |= asked(draw, schema, device)
    return generate(given)
