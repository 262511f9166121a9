"""Functions of one value at a time that pass what is positive: ReLU and its kin."""

from typing import Any, ClassVar, Literal

from builder.layers import needs
from builder.layers.base import Family, Mismatch, TensorType, beyond_defaults, knob
from builder.layers.bounds import Axis, Number, Positive, Slope
from builder.layers.pointwise import Activation


class ReLU(Activation):
    """Negative values become 0."""

    kind: ClassVar[str] = "relu"
    title: ClassVar[str] = "ReLU"
    reference: ClassVar[str] = "torch.nn.ReLU"
    summary: ClassVar[str] = "Keeps positive values, turns negative ones into 0."
    when: ClassVar[str] = "The first choice after Linear and convolutions."
    synonyms: ClassVar[tuple[str, ...]] = ("rectifier", "activation", "nonlinearity")
    usual_after: ClassVar[tuple[Family, ...]] = ("dense", "convolution", "normalisation", "merge")


class LeakyReLU(Activation):
    """Negative values are shrunk, not lost."""

    kind: ClassVar[str] = "leaky_relu"
    title: ClassVar[str] = "LeakyReLU"
    reference: ClassVar[str] = "torch.nn.LeakyReLU"
    summary: ClassVar[str] = "Keeps positive values and a small share of negative ones."
    when: ClassVar[str] = "Where ReLU leaves units dead, and in GANs."
    synonyms: ClassVar[tuple[str, ...]] = ("leaky", "rectifier", "activation")

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


class PReLU(Activation):
    """A leaky ReLU that learns its slope."""

    kind: ClassVar[str] = "prelu"
    title: ClassVar[str] = "PReLU"
    reference: ClassVar[str] = "torch.nn.PReLU"
    summary: ClassVar[str] = "Keeps positive values and a learned share of negative ones."
    when: ClassVar[str] = "In deeper image networks with enough data."
    synonyms: ClassVar[tuple[str, ...]] = ("parametric", "rectifier", "activation")

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


class RReLU(Activation):
    """A leaky ReLU whose slope is drawn by lot."""

    kind: ClassVar[str] = "rrelu"
    title: ClassVar[str] = "RReLU"
    reference: ClassVar[str] = "torch.nn.RReLU"
    summary: ClassVar[str] = (
        "Keeps positive values and a random share of negative ones while training."
    )
    when: ClassVar[str] = "Against overfitting, instead of LeakyReLU."
    synonyms: ClassVar[tuple[str, ...]] = ("randomized", "leaky", "rectifier", "activation")

    lower: Slope = knob(
        0.125,
        "Least slope",
        "The smallest share of a negative value that passes. 0.125 is usual. At most the largest.",
        step=0.01,
    )
    upper: Slope = knob(
        0.3333,
        "Largest slope",
        "The largest share of a negative value that passes. A third is usual. More is more linear.",
        step=0.01,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        wrong = needs.numbers(inputs[0][0])
        if wrong or self.lower <= self.upper:
            return wrong
        return Mismatch(
            f"a least slope of at most the largest of {self.upper:g}, not {self.lower:g}",
            f"Set least slope to {self.upper:g} or less.",
            knob="lower" if self.lower != 0.125 else "upper",
        )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return {"lower": self.lower, "upper": self.upper}

    def brief(self) -> str:
        return f"slope {self.lower:g} to {self.upper:g}"


class ELU(Activation):
    """Negative values approach a floor smoothly."""

    kind: ClassVar[str] = "elu"
    title: ClassVar[str] = "ELU"
    reference: ClassVar[str] = "torch.nn.ELU"
    summary: ClassVar[str] = "Like ReLU, but bends smoothly towards a negative floor."
    when: ClassVar[str] = "As a smooth alternative without normalisation."
    synonyms: ClassVar[tuple[str, ...]] = ("exponential", "activation")

    alpha: Positive = knob(
        1.0,
        "Floor",
        "How far below zero values can go. 1 is usual. More lets more negative signal through.",
        step=0.1,
    )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(alpha=(self.alpha, 1.0))


class SELU(Activation):
    """An ELU scaled so that values keep their spread."""

    kind: ClassVar[str] = "selu"
    title: ClassVar[str] = "SELU"
    reference: ClassVar[str] = "torch.nn.SELU"
    summary: ClassVar[str] = "A scaled ELU that keeps mean and spread steady through many layers."
    when: ClassVar[str] = "In deep stacks of Linear layers without normalisation."
    synonyms: ClassVar[tuple[str, ...]] = ("self-normalising", "activation")


class CELU(Activation):
    """An ELU without a kink at any floor."""

    kind: ClassVar[str] = "celu"
    title: ClassVar[str] = "CELU"
    reference: ClassVar[str] = "torch.nn.CELU"
    summary: ClassVar[str] = "Like ELU, smooth for every floor."
    when: ClassVar[str] = "Instead of ELU when its floor is not 1."
    synonyms: ClassVar[tuple[str, ...]] = ("exponential", "activation")

    alpha: Positive = knob(
        1.0,
        "Floor",
        "How far below zero values can go. 1 is usual. More lets more negative signal through.",
        step=0.1,
    )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(alpha=(self.alpha, 1.0))


class GELU(Activation):
    """A smooth ReLU weighted by how likely a value is positive."""

    kind: ClassVar[str] = "gelu"
    title: ClassVar[str] = "GELU"
    reference: ClassVar[str] = "torch.nn.GELU"
    summary: ClassVar[str] = "A smooth ReLU that lets small negative values through."
    when: ClassVar[str] = "In transformers."
    synonyms: ClassVar[tuple[str, ...]] = ("gaussian", "transformer", "activation")

    approximate: Literal["none", "tanh"] = knob(
        "none",
        "Formula",
        "The exact formula, or the faster one by tanh that older models were trained with.",
    )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(approximate=(self.approximate, "none"))


class SiLU(Activation):
    """A value times its own sigmoid."""

    kind: ClassVar[str] = "silu"
    title: ClassVar[str] = "SiLU"
    reference: ClassVar[str] = "torch.nn.SiLU"
    summary: ClassVar[str] = "A value times its own sigmoid: a smooth ReLU."
    when: ClassVar[str] = "In modern image networks and diffusion models."
    synonyms: ClassVar[tuple[str, ...]] = ("swish", "activation")


class Mish(Activation):
    """A smooth ReLU that dips below zero."""

    kind: ClassVar[str] = "mish"
    title: ClassVar[str] = "Mish"
    reference: ClassVar[str] = "torch.nn.Mish"
    summary: ClassVar[str] = "A smooth ReLU that dips slightly below zero."
    when: ClassVar[str] = "As an alternative to SiLU; a little slower."
    synonyms: ClassVar[tuple[str, ...]] = ("activation", "smooth")


class Softplus(Activation):
    """A smooth ReLU that is always positive."""

    kind: ClassVar[str] = "softplus"
    title: ClassVar[str] = "Softplus"
    reference: ClassVar[str] = "torch.nn.Softplus"
    summary: ClassVar[str] = "A smooth ReLU that is always above 0."
    when: ClassVar[str] = "For answers that must be positive, such as a spread."
    synonyms: ClassVar[tuple[str, ...]] = ("positive", "smooth", "activation")

    beta: Positive = knob(
        1.0, "Sharpness", "How sharp the bend is. 1 is usual. More comes closer to ReLU.", step=0.1
    )

    threshold: Positive = knob(
        20.0,
        "Straight above",
        "Above it the curve is taken for a straight line, which keeps numbers finite. 20 is usual.",
    )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(beta=(self.beta, 1.0), threshold=(self.threshold, 20.0))


class ReLU6(Activation):
    """A ReLU that stops at 6."""

    kind: ClassVar[str] = "relu6"
    title: ClassVar[str] = "ReLU6"
    reference: ClassVar[str] = "torch.nn.ReLU6"
    summary: ClassVar[str] = "ReLU that stops at 6."
    when: ClassVar[str] = "In networks for phones that are stored with few bits."
    synonyms: ClassVar[tuple[str, ...]] = ("rectifier", "mobile", "activation")


class Hardswish(Activation):
    """SiLU made of straight lines."""

    kind: ClassVar[str] = "hardswish"
    title: ClassVar[str] = "Hardswish"
    reference: ClassVar[str] = "torch.nn.Hardswish"
    summary: ClassVar[str] = "SiLU rebuilt from straight lines, cheaper to compute."
    when: ClassVar[str] = "In networks for phones."
    synonyms: ClassVar[tuple[str, ...]] = ("mobile", "swish", "activation")


class Threshold(Activation):
    """Small values are replaced."""

    kind: ClassVar[str] = "threshold"
    title: ClassVar[str] = "Threshold"
    reference: ClassVar[str] = "torch.nn.Threshold"
    summary: ClassVar[str] = "Keeps values above a limit and replaces the others by one number."
    when: ClassVar[str] = "Where ReLU should bend elsewhere than at 0."
    synonyms: ClassVar[tuple[str, ...]] = ("cut", "limit", "activation")

    threshold: Number = knob(
        0.0,
        "Limit",
        "Values above it pass. 0 makes it a ReLU. More lets less through.",
        essential=True,
        step=0.1,
    )
    value: Number = knob(
        0.0,
        "Instead",
        "What stands in place of values at or below the limit. Usually 0 or the limit itself.",
        essential=True,
        step=0.1,
    )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return {"threshold": self.threshold, "value": self.value}

    def brief(self) -> str:
        return f"above {self.threshold:g}, else {self.value:g}"


class GLU(Activation):
    """One half of the features decides how much of the other passes. https://arxiv.org/abs/1612.08083"""

    kind: ClassVar[str] = "glu"
    title: ClassVar[str] = "GLU"
    reference: ClassVar[str] = "torch.nn.GLU"
    summary: ClassVar[str] = "Splits an axis in half and lets one half gate the other."
    when: ClassVar[str] = "In language models and after Conv1d, with twice the units before it."
    synonyms: ClassVar[tuple[str, ...]] = ("gated linear unit", "gate", "activation")

    axis: Axis = knob(
        -1,
        "Axis",
        "Which axis is split in half. -1 is the last, right for features; 0 is the channels of an image.",
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = needs.axes(given) or needs.axis_there(self.axis, given)
        if wrong or given.shape[self.axis] % 2 == 0:
            return wrong
        return Mismatch(
            f"an even number along axis {self.axis}, not {given.shape[self.axis]}",
            "Give the layer before it an even number of units or filters.",
            knob="axis" if self.axis != -1 else None,
        )

    def settings(self, given: TensorType) -> dict[str, Any]:
        return beyond_defaults(dim=(self.axis if self.axis < 0 else self.axis + 1, -1))

    def brief(self) -> str:
        return f"axis {self.axis}"
