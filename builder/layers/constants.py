"""Values that do not come from the data: a fixed number everywhere, or learned ones."""

from math import prod
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from builder.layers import needs
from builder.layers.base import (
    Call,
    Inputs,
    LayerType,
    Mismatch,
    Port,
    TensorType,
    guess_role,
    knob,
)
from builder.layers.bounds import Number, times

Lengths = Annotated[
    tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...], Field(min_length=1, max_length=6)
]


class _Given(LayerType):
    """What values that do not depend on the input have in common; it only says how many samples there are."""

    family: ClassVar[Literal["merge"]] = "merge"
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", "batch"),)
    example: ClassVar[Inputs] = ((TensorType((5,), "int64", "tokens"),),)

    shape: Lengths = knob(
        (1, 16),
        "Shape",
        "Sizes of one sample, without the batch, such as 1, 16 for a sequence of one step.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.holdable(self.shape, knob="shape")

    def brief(self) -> str:
        return times(self.shape)


class Constant(_Given):
    """One fixed number everywhere."""

    kind: ClassVar[str] = "constant"
    title: ClassVar[str] = "Constant"
    reference: ClassVar[str] = "torch.full"
    summary: ClassVar[str] = "Gives the same number everywhere, whatever comes in."
    when: ClassVar[str] = "To add, compare or fill with a fixed number."
    more: ClassVar[str] = "Connect anything: it only tells the number of samples."
    synonyms: ClassVar[tuple[str, ...]] = ("number", "fill", "ones", "zeros", "full")

    value: Number = knob(
        0.0, "Value", "The number that stands everywhere. Usually 0 or 1.", essential=True, step=0.1
    )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        sizes = "".join(f", {size}" for size in self.shape)
        line = "torch.full(({in}.shape[0]{sizes}), {value}, device={in}.device)"
        values = {"sizes": sizes, "value": self.value}
        return Call(None, line, values=values, roles=(guess_role(self.shape),))

    def brief(self) -> str:
        return f"{times(self.shape)} · {self.value:g}"


class Parameter(_Given):
    """Learned numbers, the same for every sample."""

    kind: ClassVar[str] = "parameter"
    title: ClassVar[str] = "Parameter"
    reference: ClassVar[str] = "torch.nn.parameter.Parameter"
    summary: ClassVar[str] = "Gives learned numbers, the same for every sample."
    when: ClassVar[str] = "For class tokens, learned queries and scales, before Concat or Multiply."
    more: ClassVar[str] = "Connect anything: it only tells the number of samples."
    synonyms: ClassVar[tuple[str, ...]] = ("learned", "class token", "cls", "query", "weight")

    spread: Number = knob(
        0.02,
        "Spread at first",
        "How far the numbers scatter before training. 0.02 is usual. 0 starts from nothing.",
        step=0.01,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        if prod(self.shape) <= 100_000_000:
            return None
        return Mismatch(
            f"at most 100,000,000 learned numbers, not {prod(self.shape):,}",
            "Make the sizes smaller.",
            knob="shape",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {"shape": self.shape, "spread": self.spread}
        roles = (guess_role(self.shape),)
        return Call("modules.LearnedValues", arguments=arguments, roles=roles)
