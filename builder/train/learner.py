"""The torch half of a recipe: networks with their optimizers, one step, and how a split is measured."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from builder.errors import TrainError
from builder.spec.data import DataSchema
from builder.train.settings import Resolved

Inputs = Mapping[str, Tensor]
Forward = Callable[[Inputs], Tensor]

NORMALISATIONS = (
    nn.modules.batchnorm._BatchNorm,
    nn.LayerNorm,
    nn.GroupNorm,
    nn.RMSNorm,
    nn.modules.instancenorm._InstanceNorm,
)
"""Modules whose weights are scales: shrinking them is no regularisation."""


@dataclass(frozen=True)
class LearnerContext:
    """What a recipe gets to build its learner.

    `networks` by role, on their device; `names` role -> network name; `feeds` role -> field of each argument of
    its forward (all fields of the data where it is not given); `gives` role -> name of each tensor it returns
    (one without a name where it is not given); `unscale` puts standardised answers
    (N, width) on the CPU back into the target's own unit; `target` is the fitted preparation of the target.
    """

    networks: Mapping[str, nn.Module]
    names: Mapping[str, str]
    resolved: Resolved
    schema: DataSchema
    fused: bool = False
    unscale: Callable[[Tensor], Tensor] | None = None
    feeds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    target: nn.Module | None = None

    def forward(self, role: str) -> Forward:
        """A call of the network of that role with the fields of a batch."""
        fields = tuple(one.name for one in self.schema.fields)
        return forward_of(self.networks[role], self.feeds.get(role, fields))

    def optimizer(self, role: str) -> torch.optim.Optimizer:
        """A fresh optimizer for the network of that role; weight decay spares biases and norms."""
        driver = self.resolved.drivers[role]
        groups = parameter_groups(self.networks[role], driver.weight_decay)
        if not groups:
            raise TrainError(
                f"The network {self.names[role]} has no weights to learn. Add a layer with weights, such as Linear."
            )
        built: torch.optim.Optimizer = driver.optimizer.build(
            groups, lr=driver.learning_rate, fused=self.fused
        )
        return built


@dataclass
class Learner:
    """Knows how to take one step and how to measure; subclasses fill in both.

    `optimizers` by role; the loop sets their learning rates. `loss_names` names what `step` returns.
    """

    networks: Mapping[str, nn.Module]
    """By network name, in a fixed order."""
    optimizers: dict[str, torch.optim.Optimizer]
    loss_names: tuple[str, ...] = field(default=("loss",), kw_only=True)

    def step(self, inputs: Inputs, target: Tensor) -> Tensor:
        """One optimisation step on one batch.

        Returns:
            The loss, a scalar, or the losses of `loss_names` in a row, without graph, on their device.
        """
        raise NotImplementedError

    def outputs(self, inputs: Inputs) -> Tensor:
        """The answer for one batch, in whatever mode the networks are in."""
        raise NotImplementedError

    def fed(self, inputs: Inputs) -> Mapping[str, Inputs]:
        """What each network is fed for these samples, by network name; the same at every call.

        The fields themselves unless a recipe feeds some network with things of its own (noise, a code).
        """
        return dict.fromkeys(self.networks, inputs)

    def shown(self, inputs: Inputs) -> Mapping[str, Tensor]:
        """Rows of samples to look at for these few, as a network sees them, by word; nothing by default.

        `input` beside `reconstruction`, or `generated`. Called in evaluation mode without gradients; whatever it
        draws comes from generators of its own.
        """
        return {}

    def kept(self) -> Mapping[str, nn.Module]:
        """The networks as they are used after training, by name; a recipe may keep running averages instead."""
        return self.networks

    def state(self) -> dict[str, Any]:
        """What an exact resume needs besides weights, optimizers and torch's generators: nested, see `pack`."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Puts back what `state` gave."""

    def measure(self, inputs: Inputs, target: Tensor, *, chunk: int) -> dict[str, float]:
        """Loss and metrics of a whole split, in evaluation mode, `chunk` samples at a time.

        Modes are put back; no generator, buffer or gradient is touched.
        """
        raise NotImplementedError

    def train_mode(self) -> None:
        """Puts every network into training mode."""
        for network in self.networks.values():
            network.train()


def parameter_groups(network: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Parameters that learn, in at most two groups: with weight decay, and (biases, norms) without."""
    spared = {
        id(parameter)
        for module in network.modules()
        if isinstance(module, NORMALISATIONS)
        for parameter in module.parameters(recurse=False)
    }
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    if weight_decay == 0:
        return [{"params": learning, "weight_decay": 0.0}] if learning else []
    decayed = [p for p in learning if p.ndim > 1 and id(p) not in spared]
    others = [p for p in learning if p.ndim <= 1 or id(p) in spared]
    groups: list[dict[str, object]] = [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]


def forward_of(network: nn.Module, feeds: tuple[str, ...]) -> Forward:
    """A call of the network on a batch: `feeds` names the field of each argument, in order."""
    if len(feeds) == 1:
        only = feeds[0]
        return lambda inputs: network(inputs[only])
    return lambda inputs: network(*[inputs[name] for name in feeds])


def named(made: Tensor | tuple[Tensor, ...], names: tuple[str, ...]) -> dict[str, Tensor]:
    """What a network gave, by the names of its outputs."""
    several = made if isinstance(made, tuple) else (made,)
    return dict(zip(names or ("",), several, strict=True))


def answer_of(made: Tensor | tuple[Tensor, ...], place: int) -> Tensor:
    """The tensor at that place of what a network gave."""
    return made[place] if isinstance(made, tuple) else made


def chunks(inputs: Inputs, size: int) -> Iterator[Inputs]:
    """A split in pieces of at most `size` samples."""
    count = next(iter(inputs.values())).shape[0]
    if count <= size:
        yield inputs
        return
    for start in range(0, count, size):
        yield {name: values[start : start + size] for name, values in inputs.items()}
