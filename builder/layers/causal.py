"""Convolutions over sequences that never look ahead."""

from math import gcd
from typing import ClassVar, Literal

from builder.layers import needs
from builder.layers.base import Call, Inputs, LayerType, Mismatch, TensorType, beyond_defaults, knob
from builder.layers.bounds import Size, Width


class CausalConv1d(LayerType):
    """A window over the steps that ends at each step."""

    kind: ClassVar[str] = "causal_conv1d"
    family: ClassVar[Literal["convolution"]] = "convolution"
    title: ClassVar[str] = "Causal Conv1d"
    reference: ClassVar[str] = "https://arxiv.org/abs/1609.03499"
    summary: ClassVar[str] = "Looks at a window of steps that ends at each step."
    when: ClassVar[str] = (
        "For forecasting and streams; doubling dilation layer by layer sees far back."
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "tcn",
        "wavenet",
        "dilated",
        "temporal convolution",
        "series",
    )
    slug: ClassVar[str] = "causal"
    example: ClassVar[Inputs] = ((TensorType((9, 8), "float32", "sequence"),),)

    out_features: Width = knob(
        32,
        "Filters",
        "How many patterns it looks for. 16 to 128 for most. Doubling it doubles weights and time.",
        essential=True,
    )
    kernel_size: Size = knob(
        3,
        "Kernel size",
        "How many steps the window holds. 2 to 7 is usual. More sees longer patterns and costs weights.",
        essential=True,
    )
    dilation: Size = knob(
        1,
        "Dilation",
        "The distance between the steps of the window. 1, 2, 4, 8 from layer to layer sees far back.",
        essential=True,
    )
    groups: Width = knob(
        1,
        "Groups",
        "Splits the features into parts that are read apart. 1 reads all together. More saves weights.",
    )
    bias: bool = knob(True, "Bias", "Adds a learned number to each filter. Off before a norm.")

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = needs.sequence(given)
        if wrong:
            return wrong
        both = gcd(given.shape[1], self.out_features)
        return needs.divides(
            self.groups, both, knob="groups", named="groups", words="features and filters"
        ) or needs.holdable((given.shape[0], self.out_features), knob="out_features")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "in_features": inputs[0][0].shape[1],
            "out_features": self.out_features,
            "kernel_size": self.kernel_size,
            **beyond_defaults(
                dilation=(self.dilation, 1), groups=(self.groups, 1), bias=(self.bias, True)
            ),
        }
        return Call("modules.CausalConv1d", arguments=arguments, roles=("sequence",))

    def brief(self) -> str:
        return f"{self.out_features} filters · {self.kernel_size} wide"
