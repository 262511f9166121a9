"""Runs one layer for real: the constructor and the forward line of its Call, on real or meta tensors."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any

import pytest
import torch
from torch import nn

from builder.layers import modules
from builder.layers.base import Inputs, LayerType, TensorType

DTYPES = {"float32": torch.float32, "int64": torch.int64, "bool": torch.bool}


@dataclass
class Placed:
    """A layer as torch: its module (None for a plain function) and its forward line."""

    layer: LayerType
    types: Inputs
    module: nn.Module | None
    line: str
    names: dict[str, list[str]]

    def __call__(self, *values: Any) -> Any:
        """The output for tensors in the order of the wires."""
        flat = [name for names in self.names.values() for name in names]
        scope = {"torch": torch, "nn": nn, "module": self.module}
        scope.update(zip(flat, values, strict=True))
        return eval(self._code, scope)

    @cached_property
    def _code(self) -> CodeType:
        return compile(self.line, "<line>", "eval")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Examples are tiny: a second thread would only be waited for."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def place(layer: LayerType, types: Inputs, device: str = "cpu") -> Placed:
    """Builds the module and the forward line, as the generator does."""
    call = layer.call(*types)
    module = None
    if call.constructor is not None:
        room, name = call.constructor.split(".")
        with torch.device(device):
            torch.manual_seed(0)
            module = getattr({"nn": nn, "modules": modules}[room], name)(**call.arguments)
    names = {
        port.name: [f"{port.name}_{i}" for i in range(len(wired))]
        for port, wired in zip(layer.inputs, types, strict=True)
    }
    words = {port: call.joins.join(wired) for port, wired in names.items() if wired}
    line = call.forward.format(self="module", **words, **call.values)
    return Placed(layer, types, module, line, names)


def tensor(given: TensorType, batch: int, device: str = "cpu", seed: int = 0) -> torch.Tensor:
    """Values of this type; whole numbers are 0 or 1, so that they are valid tokens."""
    shape = (batch, *given.shape)
    if device == "meta":
        return torch.empty(shape, dtype=DTYPES[given.dtype], device="meta")
    generator = torch.Generator().manual_seed(seed)
    if given.dtype == "int64":
        return torch.randint(0, 2, shape, generator=generator)
    return torch.randn(shape, generator=generator)


def tensors(types: Inputs, batch: int, device: str = "cpu", seed: int = 0) -> list[torch.Tensor]:
    """One tensor a wire."""
    flat = [one for wired in types for one in wired]
    return [tensor(one, batch, device, seed + i) for i, one in enumerate(flat)]


def outputs(placed: Placed, values: list[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """What a layer gives, one tensor a port."""
    made = placed(*values)
    return made if isinstance(made, tuple) else (made,)


@pytest.fixture
def run() -> Any:
    """The functions above, for tests in other files."""

    class Run:
        place = staticmethod(place)
        tensor = staticmethod(tensor)
        tensors = staticmethod(tensors)
        outputs = staticmethod(outputs)

    return Run
