"""Functions of one value at a time, between the layers that mix; and the two that make shares of a whole."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from builder.layers import needs
from builder.layers.base import (
    Call,
    Inputs,
    LayerType,
    Mismatch,
    TensorType,
    beyond_defaults,
    knob,
)
from builder.layers.bounds import Axis

Slope = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, le=1000)]


class _Activation(LayerType):
    """What activations have in common: any numbers in, the same shape out."""

    family: ClassVar[Literal["activation"]] = "activation"
    constructor: ClassVar[str]
    follows: ClassVar[tuple[str, ...]] = (
        "linear",
        "conv2d",
        "max_pool2d",
        "dropout",
        "batch_norm2d",
    )
    example: ClassVar[Inputs] = ((TensorType((16,), "float32", "features"),),)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.numbers(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        return Call(self.constructor, arguments=self.settings(given), roles=(given.role,))

    def settings(self, given: TensorType) -> dict[str, Any]:
        """Arguments of the constructor; most activations have none."""
        return {}


class ReLU(_Activation):
    """Negative values become 0."""

    kind: ClassVar[str] = "relu"
    title: ClassVar[str] = "ReLU"
    summary: ClassVar[str] = "Keeps positive values, turns negative ones into 0."
    when: ClassVar[str] = "The first choice after Linear and convolutions."
    synonyms: ClassVar[tuple[str, ...]] = ("rectifier", "activation", "nonlinearity")
    constructor: ClassVar[str] = "nn.ReLU"


class LeakyReLU(_Activation):
    """Negative values are shrunk, not lost."""

    kind: ClassVar[str] = "leaky_relu"
    title: ClassVar[str] = "LeakyReLU"
    summary: ClassVar[str] = "Keeps positive values and a small share of negative ones."
    when: ClassVar[str] = "Where ReLU leaves units dead, and in GANs."
    synonyms: ClassVar[tuple[str, ...]] = ("leaky", "rectifier", "activation")
    constructor: ClassVar[str] = "nn.LeakyReLU"

    negative_slope: Slope = knob(
        0.01,
        "Negative slope",
        "The share of a negative value that passes. 0.01 is usual, 0.2 in GANs. More is more linear.",
        essential=True,
        step=0.01,
    )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(negative_slope=(self.negative_slope, 0.01))

    def brief(self) -> str:
        return f"slope {self.negative_slope:g}"


class PReLU(_Activation):
    """A leaky ReLU that learns its slope."""

    kind: ClassVar[str] = "prelu"
    title: ClassVar[str] = "PReLU"
    summary: ClassVar[str] = "Keeps positive values and a learned share of negative ones."
    when: ClassVar[str] = "In deeper image networks with enough data."
    synonyms: ClassVar[tuple[str, ...]] = ("parametric", "rectifier", "activation")
    constructor: ClassVar[str] = "nn.PReLU"

    per_channel: bool = knob(
        False,
        "A slope for each channel",
        "Learns one slope for each channel instead of one for all. For images and flat features. "
        "Costs one weight a channel.",
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = needs.numbers(given)
        if wrong or not self.per_channel or (given.shape and given.role != "sequence"):
            return wrong
        return Mismatch(
            "channels on the first axis to have a slope for each",
            "Turn off a slope for each channel.",
            knob="per_channel",
        )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return {"num_parameters": given.shape[0]} if self.per_channel else {}


class ELU(_Activation):
    """Negative values approach a floor smoothly."""

    kind: ClassVar[str] = "elu"
    title: ClassVar[str] = "ELU"
    summary: ClassVar[str] = "Like ReLU, but bends smoothly towards a negative floor."
    when: ClassVar[str] = "As a smooth alternative without normalisation."
    synonyms: ClassVar[tuple[str, ...]] = ("exponential", "activation")
    constructor: ClassVar[str] = "nn.ELU"

    alpha: Positive = knob(
        1.0,
        "Floor",
        "How far below zero values can go. 1 is usual. More lets more negative signal through.",
        step=0.1,
    )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(alpha=(self.alpha, 1.0))


class SELU(_Activation):
    """An ELU scaled so that values keep their spread."""

    kind: ClassVar[str] = "selu"
    title: ClassVar[str] = "SELU"
    summary: ClassVar[str] = "A scaled ELU that keeps mean and spread steady through many layers."
    when: ClassVar[str] = "In deep stacks of Linear layers without normalisation."
    synonyms: ClassVar[tuple[str, ...]] = ("self-normalising", "activation")
    constructor: ClassVar[str] = "nn.SELU"


class CELU(_Activation):
    """An ELU without a kink at any floor."""

    kind: ClassVar[str] = "celu"
    title: ClassVar[str] = "CELU"
    summary: ClassVar[str] = "Like ELU, smooth for every floor."
    when: ClassVar[str] = "Instead of ELU when its floor is not 1."
    synonyms: ClassVar[tuple[str, ...]] = ("exponential", "activation")
    constructor: ClassVar[str] = "nn.CELU"

    alpha: Positive = knob(
        1.0,
        "Floor",
        "How far below zero values can go. 1 is usual. More lets more negative signal through.",
        step=0.1,
    )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(alpha=(self.alpha, 1.0))


class GELU(_Activation):
    """A smooth ReLU weighted by how likely a value is positive."""

    kind: ClassVar[str] = "gelu"
    title: ClassVar[str] = "GELU"
    summary: ClassVar[str] = "A smooth ReLU that lets small negative values through."
    when: ClassVar[str] = "In transformers."
    synonyms: ClassVar[tuple[str, ...]] = ("gaussian", "transformer", "activation")
    constructor: ClassVar[str] = "nn.GELU"

    approximate: Literal["none", "tanh"] = knob(
        "none",
        "Formula",
        "The exact formula, or the faster one by tanh that older models were trained with.",
    )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(approximate=(self.approximate, "none"))


class SiLU(_Activation):
    """A value times its own sigmoid."""

    kind: ClassVar[str] = "silu"
    title: ClassVar[str] = "SiLU"
    summary: ClassVar[str] = "A value times its own sigmoid: a smooth ReLU."
    when: ClassVar[str] = "In modern image networks and diffusion models."
    synonyms: ClassVar[tuple[str, ...]] = ("swish", "activation")
    constructor: ClassVar[str] = "nn.SiLU"


class Mish(_Activation):
    """A smooth ReLU that dips below zero."""

    kind: ClassVar[str] = "mish"
    title: ClassVar[str] = "Mish"
    summary: ClassVar[str] = "A smooth ReLU that dips slightly below zero."
    when: ClassVar[str] = "As an alternative to SiLU; a little slower."
    synonyms: ClassVar[tuple[str, ...]] = ("activation", "smooth")
    constructor: ClassVar[str] = "nn.Mish"


class Sigmoid(_Activation):
    """Any value becomes a share between 0 and 1."""

    kind: ClassVar[str] = "sigmoid"
    title: ClassVar[str] = "Sigmoid"
    limits: ClassVar[tuple[float, float] | None] = (0, 1)
    summary: ClassVar[str] = "Squeezes any value into the range from 0 to 1."
    when: ClassVar[str] = "For gates and for pixels; deep inside, gradients fade."
    synonyms: ClassVar[tuple[str, ...]] = ("logistic", "probability", "gate", "activation")
    constructor: ClassVar[str] = "nn.Sigmoid"


class Tanh(_Activation):
    """Any value becomes one between -1 and 1."""

    kind: ClassVar[str] = "tanh"
    title: ClassVar[str] = "Tanh"
    limits: ClassVar[tuple[float, float] | None] = (-1, 1)
    summary: ClassVar[str] = "Squeezes any value into the range from -1 to 1."
    when: ClassVar[str] = "In small networks and at the end of generators."
    synonyms: ClassVar[tuple[str, ...]] = ("hyperbolic tangent", "activation", "squash")
    constructor: ClassVar[str] = "nn.Tanh"


class Softplus(_Activation):
    """A smooth ReLU that is always positive."""

    kind: ClassVar[str] = "softplus"
    title: ClassVar[str] = "Softplus"
    summary: ClassVar[str] = "A smooth ReLU that is always above 0."
    when: ClassVar[str] = "For answers that must be positive, such as a spread."
    synonyms: ClassVar[tuple[str, ...]] = ("positive", "smooth", "activation")
    constructor: ClassVar[str] = "nn.Softplus"

    beta: Positive = knob(
        1.0, "Sharpness", "How sharp the bend is. 1 is usual. More comes closer to ReLU.", step=0.1
    )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(beta=(self.beta, 1.0))


class Softsign(_Activation):
    """A gentle squeeze between -1 and 1."""

    kind: ClassVar[str] = "softsign"
    title: ClassVar[str] = "Softsign"
    limits: ClassVar[tuple[float, float] | None] = (-1, 1)
    summary: ClassVar[str] = "Squeezes values between -1 and 1, more gently than Tanh."
    when: ClassVar[str] = "As an alternative to Tanh."
    synonyms: ClassVar[tuple[str, ...]] = ("squash", "activation")
    constructor: ClassVar[str] = "nn.Softsign"


class ReLU6(_Activation):
    """A ReLU that stops at 6."""

    kind: ClassVar[str] = "relu6"
    title: ClassVar[str] = "ReLU6"
    summary: ClassVar[str] = "ReLU that stops at 6."
    when: ClassVar[str] = "In networks for phones that are stored with few bits."
    synonyms: ClassVar[tuple[str, ...]] = ("rectifier", "mobile", "activation")
    constructor: ClassVar[str] = "nn.ReLU6"


class Hardswish(_Activation):
    """SiLU made of straight lines."""

    kind: ClassVar[str] = "hardswish"
    title: ClassVar[str] = "Hardswish"
    summary: ClassVar[str] = "SiLU rebuilt from straight lines, cheaper to compute."
    when: ClassVar[str] = "In networks for phones."
    synonyms: ClassVar[tuple[str, ...]] = ("mobile", "swish", "activation")
    constructor: ClassVar[str] = "nn.Hardswish"


class Hardsigmoid(_Activation):
    """Sigmoid made of straight lines."""

    kind: ClassVar[str] = "hardsigmoid"
    title: ClassVar[str] = "Hardsigmoid"
    limits: ClassVar[tuple[float, float] | None] = (0, 1)
    summary: ClassVar[str] = "Sigmoid rebuilt from straight lines, cheaper to compute."
    when: ClassVar[str] = "For gates in networks for phones."
    synonyms: ClassVar[tuple[str, ...]] = ("mobile", "gate", "activation")
    constructor: ClassVar[str] = "nn.Hardsigmoid"


class _Shares(_Activation):
    """What softmax and its logarithm have in common: an axis whose values become shares of a whole."""

    follows: ClassVar[tuple[str, ...]] = ("output", "multiply")

    axis: Axis = knob(
        -1,
        "Axis",
        "Along which axis the shares add up to 1. -1 is the last, right for classes. "
        "0 is the channels of an image.",
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0]) or needs.axis_there(self.axis, inputs[0][0])

    def settings(self, given: TensorType) -> dict[str, Any]:
        return {"dim": self.axis if self.axis < 0 else self.axis + 1}


class Softmax(_Shares):
    """Logits become shares that add up to 1."""

    kind: ClassVar[str] = "softmax"
    title: ClassVar[str] = "Softmax"
    shares: ClassVar[bool] = True
    summary: ClassVar[str] = "Turns logits into shares that add up to 1."
    when: ClassVar[str] = "For attention weights; not before cross-entropy, which has its own."
    synonyms: ClassVar[tuple[str, ...]] = ("probabilities", "normalise", "classes")
    constructor: ClassVar[str] = "nn.Softmax"


class LogSoftmax(_Shares):
    """Logits become logarithms of shares."""

    kind: ClassVar[str] = "log_softmax"
    title: ClassVar[str] = "LogSoftmax"
    shares: ClassVar[bool] = True
    summary: ClassVar[str] = "Turns logits into logarithms of shares that add up to 1."
    when: ClassVar[str] = "For losses that want log-probabilities."
    synonyms: ClassVar[tuple[str, ...]] = ("log probabilities", "nll", "classes")
    constructor: ClassVar[str] = "nn.LogSoftmax"
