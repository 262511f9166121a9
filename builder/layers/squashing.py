"""Functions of one value at a time that squeeze it into a range or shrink it towards 0."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from builder.layers import needs
from builder.layers.base import Mismatch, TensorType, beyond_defaults, knob
from builder.layers.bounds import Number
from builder.layers.pointwise import Activation

Margin = Annotated[float, Field(ge=0, le=1000)]


class Sigmoid(Activation):
    """Any value becomes a share between 0 and 1."""

    kind: ClassVar[str] = "sigmoid"
    title: ClassVar[str] = "Sigmoid"
    limits: ClassVar[tuple[float, float] | None] = (0, 1)
    reference: ClassVar[str] = "torch.nn.Sigmoid"
    summary: ClassVar[str] = "Squeezes any value into the range from 0 to 1."
    when: ClassVar[str] = "For gates and for pixels; deep inside, gradients fade."
    synonyms: ClassVar[tuple[str, ...]] = ("logistic", "probability", "gate", "activation")


class LogSigmoid(Activation):
    """The logarithm of a sigmoid."""

    kind: ClassVar[str] = "log_sigmoid"
    title: ClassVar[str] = "LogSigmoid"
    reference: ClassVar[str] = "torch.nn.LogSigmoid"
    summary: ClassVar[str] = "Takes the logarithm of a value squeezed between 0 and 1."
    when: ClassVar[str] = "For losses that want log-probabilities of yes and no."
    synonyms: ClassVar[tuple[str, ...]] = ("logistic", "log probability", "activation")


class Tanh(Activation):
    """Any value becomes one between -1 and 1."""

    kind: ClassVar[str] = "tanh"
    title: ClassVar[str] = "Tanh"
    limits: ClassVar[tuple[float, float] | None] = (-1, 1)
    reference: ClassVar[str] = "torch.nn.Tanh"
    summary: ClassVar[str] = "Squeezes any value into the range from -1 to 1."
    when: ClassVar[str] = "In small networks and at the end of generators."
    synonyms: ClassVar[tuple[str, ...]] = ("hyperbolic tangent", "activation", "squash")


class Softsign(Activation):
    """A gentle squeeze between -1 and 1."""

    kind: ClassVar[str] = "softsign"
    title: ClassVar[str] = "Softsign"
    limits: ClassVar[tuple[float, float] | None] = (-1, 1)
    reference: ClassVar[str] = "torch.nn.Softsign"
    summary: ClassVar[str] = "Squeezes values between -1 and 1, more gently than Tanh."
    when: ClassVar[str] = "As an alternative to Tanh."
    synonyms: ClassVar[tuple[str, ...]] = ("squash", "activation")


class Hardsigmoid(Activation):
    """Sigmoid made of straight lines."""

    kind: ClassVar[str] = "hardsigmoid"
    title: ClassVar[str] = "Hardsigmoid"
    limits: ClassVar[tuple[float, float] | None] = (0, 1)
    reference: ClassVar[str] = "torch.nn.Hardsigmoid"
    summary: ClassVar[str] = "Sigmoid rebuilt from straight lines, cheaper to compute."
    when: ClassVar[str] = "For gates in networks for phones."
    synonyms: ClassVar[tuple[str, ...]] = ("mobile", "gate", "activation")


class Hardtanh(Activation):
    """Values are cut off at both ends."""

    kind: ClassVar[str] = "hardtanh"
    title: ClassVar[str] = "Hardtanh"
    reference: ClassVar[str] = "torch.nn.Hardtanh"
    limits: ClassVar[tuple[float, float] | None] = (-1, 1)
    summary: ClassVar[str] = "Cuts values off below and above two limits."
    when: ClassVar[str] = "Instead of Tanh where speed matters, or to keep values in a range."
    synonyms: ClassVar[tuple[str, ...]] = ("clip", "clamp", "limit", "activation")

    min_val: Number = knob(
        -1.0,
        "Lowest",
        "Values below it become it. -1 is usual. Must be less than the highest.",
        essential=True,
        step=0.1,
    )
    max_val: Number = knob(
        1.0,
        "Highest",
        "Values above it become it. 1 is usual. Must be more than the lowest.",
        essential=True,
        step=0.1,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        wrong = needs.numbers(inputs[0][0])
        return wrong or needs.in_order(
            self.min_val, self.max_val, knobs=("min_val", "max_val"), usual=(-1, 1)
        )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(min_val=(self.min_val, -1.0), max_val=(self.max_val, 1.0))

    def brief(self) -> str:
        return f"{self.min_val:g} to {self.max_val:g}"


class Softshrink(Activation):
    """Everything moves towards 0 by a margin."""

    kind: ClassVar[str] = "softshrink"
    title: ClassVar[str] = "Softshrink"
    reference: ClassVar[str] = "torch.nn.Softshrink"
    summary: ClassVar[str] = "Moves every value towards 0 by a margin, small ones to 0."
    when: ClassVar[str] = "To keep few values other than 0, as in sparse coding and denoising."
    synonyms: ClassVar[tuple[str, ...]] = ("sparse", "soft threshold", "shrinkage", "activation")

    lambd: Margin = knob(
        0.5,
        "Margin",
        "How far values move towards 0. 0.5 is usual. More turns more of them to 0.",
        step=0.1,
    )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(lambd=(self.lambd, 0.5))

    def brief(self) -> str:
        return f"±{self.lambd:g}"


class Hardshrink(Activation):
    """Small values become 0."""

    kind: ClassVar[str] = "hardshrink"
    title: ClassVar[str] = "Hardshrink"
    reference: ClassVar[str] = "torch.nn.Hardshrink"
    summary: ClassVar[str] = "Turns values near 0 into 0 and keeps the others."
    when: ClassVar[str] = "To drop what is too weak to matter."
    synonyms: ClassVar[tuple[str, ...]] = ("sparse", "hard threshold", "shrinkage", "activation")

    lambd: Margin = knob(
        0.5,
        "Margin",
        "How near to 0 a value must be to become 0. 0.5 is usual. More drops more.",
        step=0.1,
    )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(lambd=(self.lambd, 0.5))

    def brief(self) -> str:
        return f"±{self.lambd:g}"


class Tanhshrink(Activation):
    """What a tanh cuts off."""

    kind: ClassVar[str] = "tanhshrink"
    title: ClassVar[str] = "Tanhshrink"
    reference: ClassVar[str] = "torch.nn.Tanhshrink"
    summary: ClassVar[str] = "A value less its own tanh: nearly 0 for small values."
    when: ClassVar[str] = "In sparse autoencoders, to ignore small values smoothly."
    synonyms: ClassVar[tuple[str, ...]] = ("sparse", "shrinkage", "activation")
