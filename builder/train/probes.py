"""Numbers and outputs of every layer, taken between steps without changing a single later loss."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from builder.data.batches import Tensors
from builder.train.events import LayerNumbers, LayersMeasured, ViewsTaken
from builder.train.learner import Inputs, forward_of

PROBED_SAMPLES = 32
ANSWERED_SAMPLES = 8
"""The first so many samples are answered whenever views are taken."""
MAX_CHANNELS = 64
MAX_SIDE = 64
MAX_FEATURES = 4096

Unscale = Callable[[Tensor], Tensor]
"""Turns answers into the target's own unit."""
Fed = Callable[[Inputs], Mapping[str, Inputs]]
"""From the fields of some samples to what each network is fed for them, by network name."""


@dataclass(frozen=True)
class Watched:
    """A trained network, and its twin that keeps what every node gives (`taps`), on the same weights.

    `nodes` turns identifiers into node ids; `weight_nodes` parameter names into node ids; `feeds` names the
    field of each argument of forward; `answer` is the node id of the first output.
    """

    network: nn.Module
    twin: nn.Module
    nodes: Mapping[str, str]
    weight_nodes: Mapping[str, str]
    feeds: tuple[str, ...]
    answer: str = ""


class Probes:
    """Looks into networks; `samples` are looked at in evaluation mode, the first ones for statistics."""

    def __init__(
        self,
        watched: Mapping[str, Watched],
        samples: Tensors,
        *,
        unscale: Unscale | None = None,
        fed: Fed | None = None,
    ) -> None:
        self._watched = dict(watched)
        self._unscale = unscale
        self._fed = fed
        self._samples = samples
        self._first = samples.cut(0, min(PROBED_SAMPLES, len(samples)))
        self._before: dict[str, list[Tensor]] = {}
        for one in self._watched.values():
            share_weights(one.network, one.twin)

    def before_step(self) -> None:
        """Remembers the weights of now, to tell how far the next step moves them."""
        with torch.no_grad():
            self._before = {
                name: [parameter.detach().clone() for parameter in one.network.parameters()]
                for name, one in self._watched.items()
            }

    def after_step(self, step: int, seconds: float) -> LayersMeasured:
        """Numbers of every layer after a step; needs `before_step` before it."""
        layers: list[LayerNumbers] = []
        total = 0.0
        given = self._given(self._first)
        for name, one in self._watched.items():
            weights = _weight_numbers(one, self._before.get(name, []))
            outputs = {
                node: _output_numbers(value) for node, value in self._taps(one, given[name]).items()
            }
            total += sum(gradient**2 for gradient, _, _ in weights.values())
            layers.extend(
                LayerNumbers(
                    name,
                    node,
                    *weights.get(node, (math.nan, math.nan, math.nan)),
                    *outputs.get(node, (math.nan, math.nan, math.nan)),
                )
                for node in dict.fromkeys([*outputs, *weights])
            )
        self._before = {}
        return LayersMeasured(step, seconds, tuple(layers), math.sqrt(total))

    def views(self, step: int, seconds: float, sample: int) -> ViewsTaken:
        """Outputs of every layer for the sample in row `sample`, and the answers to the first few samples."""
        row = min(max(sample, 0), len(self._samples) - 1)
        outputs: dict[str, NDArray[np.float16]] = {}
        shapes: dict[str, tuple[int, ...]] = {}
        answers: dict[str, NDArray[np.float32]] = {}
        first = next(iter(self._watched))
        given = self._given(self._samples.cut(row, row + 1))
        few = self._given(self._first.cut(0, min(ANSWERED_SAMPLES, len(self._first))))
        for name, one in self._watched.items():
            for node, value in self._taps(one, given[name]).items():
                key = node if name == first else f"{name}/{node}"
                shapes[key] = tuple(value.shape[1:])
                outputs[key] = bounded(value[0])
            told = self._taps(one, few[name]).get(one.answer)
            if told is not None and told[0].numel() <= MAX_FEATURES:
                answers[one.answer if name == first else f"{name}/{one.answer}"] = self._told(told)
        return ViewsTaken(step, seconds, row, outputs, shapes, answers)

    def _given(self, samples: Tensors) -> Mapping[str, Inputs]:
        """What each network is fed for these samples."""
        if self._fed is None:
            return dict.fromkeys(self._watched, samples.inputs)
        with ExitStack() as stack:
            for one in self._watched.values():
                stack.enter_context(undisturbed(one.network))
            return self._fed(samples.inputs)

    def _told(self, given: Tensor) -> NDArray[np.float32]:
        told = self._unscale(given) if self._unscale is not None else given
        return told.float().cpu().numpy()

    def _taps(self, one: Watched, inputs: Inputs) -> dict[str, Tensor]:
        """What every node gives for these samples, by node id; only floating point, batch first."""
        with undisturbed(one.twin):
            forward_of(one.twin, one.feeds)(inputs)
        count = len(next(iter(inputs.values())))
        taps: dict[str, Tensor] = one.twin.taps  # type: ignore[assignment]
        found = {
            one.nodes[identifier]: value
            for identifier, value in taps.items()
            if identifier in one.nodes
            and isinstance(value, Tensor)
            and value.is_floating_point()
            and value.ndim > 0
            and value.shape[0] == count
        }
        taps.clear()
        return found


@contextmanager
def undisturbed(module: nn.Module) -> Iterator[None]:
    """Within the block the module is in evaluation mode and keeps no graph; afterwards its modes, and every
    random generator, are as they were."""
    modes = [(part, part.training) for part in module.modules()]
    generator = torch.default_generator.get_state()
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        torch.default_generator.set_state(generator)
        for part, training in modes:
            part.training = training


def share_weights(network: nn.Module, twin: nn.Module) -> None:
    """Makes the twin compute with the very same parameters and buffers as the network."""
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    twin.to(device)
    twin.load_state_dict(network.state_dict(keep_vars=True), assign=True)
    twin.eval()


def bounded(value: Tensor) -> NDArray[np.float16]:
    """One output as float16, at most 64 channels of 64×64; larger maps are averaged down."""
    value = value.float()
    if value.ndim >= 3:
        value = value[:MAX_CHANNELS]
        while value.ndim > 3:
            value = value[:, value.shape[1] // 2]  # the middle slice of a volume
        size = (min(value.shape[1], MAX_SIDE), min(value.shape[2], MAX_SIDE))
        if size != tuple(value.shape[1:]):
            value = F.adaptive_avg_pool2d(value[None], size)[0]
    elif value.ndim == 2:
        value = value[: 4 * MAX_SIDE, : 4 * MAX_SIDE]
    else:
        value = value.reshape(-1)[:MAX_FEATURES]
    return value.clamp(-65504, 65504).cpu().numpy().astype(np.float16)


def _weight_numbers(one: Watched, before: list[Tensor]) -> dict[str, tuple[float, float, float]]:
    """Gradient norm, weight norm and update ratio by node."""
    nodes: list[str] = []
    gradients, weights, updates = [], [], []
    with torch.no_grad():
        for place, (name, parameter) in enumerate(one.network.named_parameters()):
            node = one.weight_nodes.get(name)
            if node is None:
                continue
            nodes.append(node)
            gradient = parameter.grad
            nothing = parameter.new_zeros(())
            gradients.append(nothing if gradient is None else gradient.norm())
            weights.append(parameter.norm())
            updates.append((parameter - before[place]).norm() if before else nothing)
        if not nodes:
            return {}
        rows = torch.stack([torch.stack(gradients), torch.stack(weights), torch.stack(updates)])
        squares = (rows.double() ** 2).cpu().numpy()
    sums: dict[str, NDArray[np.float64]] = {}
    for place, node in enumerate(nodes):
        sums[node] = sums.get(node, np.zeros(3)) + squares[:, place]
    found = {}
    for node, (gradient_square, weight_square, update_square) in sums.items():
        weight = math.sqrt(weight_square)
        ratio = math.sqrt(update_square) / weight if weight > 0 and before else math.nan
        found[node] = (math.sqrt(gradient_square), weight, ratio)
    return found


def _output_numbers(value: Tensor) -> tuple[float, float, float]:
    """Mean, standard deviation and share of units that are zero throughout."""
    value = value.float()
    unit = 1 if value.ndim != 3 else 2  # (B, C, H, W) and (B, F): 1; (B, steps, F): 2
    if value.ndim < 2:
        return float(value.mean()), float(value.std(correction=0)), math.nan
    others = [axis for axis in range(value.ndim) if axis != unit]
    dead = (value == 0).all(dim=others[0]) if len(others) == 1 else (value == 0).amin(others)
    row = torch.stack([value.mean(), value.std(correction=0), dead.float().mean()]).tolist()
    return row[0], row[1], row[2]
