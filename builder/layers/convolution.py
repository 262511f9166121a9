"""Layers that slide small learned filters over images and sequences."""

from functools import partial
from typing import Any, ClassVar, Literal

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
from builder.layers.bounds import Amount, AmountPair, Size, SizePair, Width, both, times

IMAGE: Inputs = ((TensorType((4, 12, 12), "float32", "image"),),)
CHANNELS_BY_STEPS: Inputs = ((TensorType((4, 20)),),)

# The same words stand on the forms of every convolution; types differ between one and two axes.
_filters = partial(
    knob,
    title="Filters",
    description="How many patterns this layer looks for. More for rich images. "
    "Doubling it doubles this layer's weights and time and can overfit small data.",
    essential=True,
)
_kernel = partial(
    knob,
    title="Kernel size",
    description="How far each filter sees along each axis. 3 suits most. "
    "Larger sees more around at once, for more weights and time.",
    essential=True,
)
_stride = partial(
    knob,
    title="Stride",
    description="How far the filter moves each time. 1 keeps the size, 2 halves it. "
    "More is faster and coarser.",
    essential=True,
)
_padding = partial(
    knob,
    title="Padding",
    description="Zeros added around the edges. Half the kernel size, rounded down, keeps the size. "
    "Without it, each layer shrinks the image.",
    essential=True,
)
_dilation = partial(
    knob,
    title="Dilation",
    description="Gaps between the points a filter looks at. 1 means none. "
    "More sees further with the same weights.",
)
_groups = partial(
    knob,
    title="Groups",
    description="Splits the channels into groups that do not see each other. "
    "1 for most. More groups means fewer weights; must divide the channels.",
)
_bias = partial(
    knob,
    title="Bias",
    description="Adds a learned number to each filter. Turn it off when a batch normalisation "
    "follows, which has its own.",
)
_output_padding = partial(
    knob,
    title="Extra size",
    description="Adds to one side of the output, to hit an exact size. "
    "Usually 0. Must be smaller than the stride.",
)


class Conv1d(LayerType):
    """Filters that slide along the steps of channels × steps."""

    kind: ClassVar[str] = "conv1d"
    family: ClassVar[Literal["convolution"]] = "convolution"
    title: ClassVar[str] = "Conv1d"
    linear_map: ClassVar[bool] = True
    summary: ClassVar[str] = "Slides small learned filters along the steps of channels × steps."
    when: ClassVar[str] = "For signals and series."
    more: ClassVar[str] = "Stacked, it sees longer stretches."
    synonyms: ClassVar[tuple[str, ...]] = ("convolution", "signal", "series", "temporal", "filter")
    slug: ClassVar[str] = "conv"
    follows: ClassVar[tuple[str, ...]] = ("relu", "batch_norm1d", "max_pool1d", "conv1d")
    example: ClassVar[Inputs] = CHANNELS_BY_STEPS

    out_channels: Width = _filters(32)
    kernel_size: Size = _kernel(3)
    stride: Size = _stride(1)
    padding: Amount = _padding(1)
    dilation: Size = _dilation(1)
    groups: Width = _groups(1)
    bias: bool = _bias(True)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        return (
            needs.channels_first(given, instead="Linear")
            or _groups_fit(self.groups, given.shape[0], self.out_channels)
            or needs.window(
                given.shape[1:],
                (self.kernel_size,),
                padding=(self.padding,),
                dilation=(self.dilation,),
            )
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call(
            "nn.Conv1d",
            arguments={
                "in_channels": inputs[0][0].shape[0],
                "out_channels": self.out_channels,
                "kernel_size": self.kernel_size,
                **beyond_defaults(
                    stride=(self.stride, 1),
                    padding=(self.padding, 0),
                    dilation=(self.dilation, 1),
                    groups=(self.groups, 1),
                    bias=(self.bias, True),
                ),
            },
            roles=("any",),
        )

    def brief(self) -> str:
        return f"{self.out_channels} filters · {self.kernel_size}"


class Conv2d(LayerType):
    """Filters that slide over an image."""

    kind: ClassVar[str] = "conv2d"
    family: ClassVar[Literal["convolution"]] = "convolution"
    title: ClassVar[str] = "Conv2d"
    linear_map: ClassVar[bool] = True
    summary: ClassVar[str] = "Slides small learned filters over an image, looking for patterns."
    when: ClassVar[str] = "For images and spectrograms."
    more: ClassVar[str] = "Stacked, it sees larger patterns."
    synonyms: ClassVar[tuple[str, ...]] = ("convolution", "cnn", "filter", "kernel", "image")
    slug: ClassVar[str] = "conv"
    follows: ClassVar[tuple[str, ...]] = ("relu", "batch_norm2d", "max_pool2d", "conv2d")
    example: ClassVar[Inputs] = IMAGE

    out_channels: Width = _filters(32)
    kernel_size: SizePair = _kernel(3)
    stride: SizePair = _stride(1)
    padding: AmountPair = _padding(1)
    dilation: SizePair = _dilation(1)
    groups: Width = _groups(1)
    bias: bool = _bias(True)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        return (
            needs.image(given, instead=_INSTEAD.get(len(given.shape), ""))
            or _groups_fit(self.groups, given.shape[0], self.out_channels)
            or needs.window(
                given.shape[1:],
                both(self.kernel_size),
                padding=both(self.padding),
                dilation=both(self.dilation),
            )
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call(
            "nn.Conv2d",
            arguments={
                "in_channels": inputs[0][0].shape[0],
                "out_channels": self.out_channels,
                "kernel_size": self.kernel_size,
                **beyond_defaults(
                    stride=(self.stride, 1),
                    padding=(self.padding, 0),
                    dilation=(self.dilation, 1),
                    groups=(self.groups, 1),
                    bias=(self.bias, True),
                ),
            },
            roles=("image",),
        )

    def brief(self) -> str:
        return f"{self.out_channels} filters · {times(both(self.kernel_size))}"


class DepthwiseConv2d(LayerType):
    """Filters that each look at one channel only."""

    kind: ClassVar[str] = "depthwise_conv2d"
    family: ClassVar[Literal["convolution"]] = "convolution"
    title: ClassVar[str] = "Depthwise Conv2d"
    linear_map: ClassVar[bool] = True
    summary: ClassVar[str] = "Slides filters over each channel by itself."
    when: ClassVar[str] = "In small, fast networks, with a 1×1 Conv2d after it to mix the channels."
    synonyms: ClassVar[tuple[str, ...]] = ("separable", "mobilenet", "grouped convolution")
    slug: ClassVar[str] = "depthwise"
    follows: ClassVar[tuple[str, ...]] = ("conv2d", "batch_norm2d", "relu")
    example: ClassVar[Inputs] = IMAGE

    multiplier: Size = knob(
        1,
        "Filters a channel",
        "How many patterns are looked for in each channel. 1 for most. Doubling it doubles the channels.",
        essential=True,
    )
    kernel_size: SizePair = _kernel(3)
    stride: SizePair = _stride(1)
    padding: AmountPair = _padding(1)
    dilation: SizePair = _dilation(1)
    bias: bool = _bias(True)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        return needs.image(given) or needs.window(
            given.shape[1:],
            both(self.kernel_size),
            padding=both(self.padding),
            dilation=both(self.dilation),
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        channels = inputs[0][0].shape[0]
        return Call(
            "nn.Conv2d",
            arguments={
                "in_channels": channels,
                "out_channels": channels * self.multiplier,
                "kernel_size": self.kernel_size,
                **beyond_defaults(
                    stride=(self.stride, 1),
                    padding=(self.padding, 0),
                    dilation=(self.dilation, 1),
                ),
                "groups": channels,
                **beyond_defaults(bias=(self.bias, True)),
            },
            roles=("image",),
        )

    def brief(self) -> str:
        return f"{self.multiplier} a channel · {times(both(self.kernel_size))}"


class ConvTranspose1d(LayerType):
    """A convolution the other way round: each step is spread over several."""

    kind: ClassVar[str] = "conv_transpose1d"
    family: ClassVar[Literal["convolution"]] = "convolution"
    title: ClassVar[str] = "ConvTranspose1d"
    linear_map: ClassVar[bool] = True
    summary: ClassVar[str] = "Makes channels × steps longer with learned filters."
    when: ClassVar[str] = "In decoders and generators of signals."
    more: ClassVar[str] = "Stride 2 doubles the steps."
    synonyms: ClassVar[tuple[str, ...]] = ("deconvolution", "transposed convolution", "upsampling")
    slug: ClassVar[str] = "deconv"
    follows: ClassVar[tuple[str, ...]] = ("relu", "batch_norm1d", "conv_transpose1d", "tanh")
    example: ClassVar[Inputs] = CHANNELS_BY_STEPS

    out_channels: Width = _filters(32)
    kernel_size: Size = _kernel(4)
    stride: Size = _stride(2)
    padding: Amount = _padding(1)
    output_padding: Amount = _output_padding(0)
    dilation: Size = _dilation(1)
    groups: Width = _groups(1)
    bias: bool = _bias(True)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        return (
            needs.channels_first(given, instead="Linear")
            or _groups_fit(self.groups, given.shape[0], self.out_channels)
            or _spread_fits(self, given, axes=1)
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return _spreading("nn.ConvTranspose1d", self, inputs[0][0])

    def brief(self) -> str:
        return f"{self.out_channels} filters · {self.kernel_size}"


class ConvTranspose2d(LayerType):
    """A convolution the other way round: each point is spread over several."""

    kind: ClassVar[str] = "conv_transpose2d"
    family: ClassVar[Literal["convolution"]] = "convolution"
    title: ClassVar[str] = "ConvTranspose2d"
    linear_map: ClassVar[bool] = True
    summary: ClassVar[str] = "Makes an image larger with learned filters."
    when: ClassVar[str] = "In decoders and generators of images."
    more: ClassVar[str] = "Stride 2 doubles height and width."
    synonyms: ClassVar[tuple[str, ...]] = (
        "deconvolution",
        "transposed convolution",
        "upsampling",
        "decoder",
    )
    slug: ClassVar[str] = "deconv"
    follows: ClassVar[tuple[str, ...]] = ("relu", "batch_norm2d", "conv_transpose2d", "sigmoid")
    example: ClassVar[Inputs] = IMAGE

    out_channels: Width = _filters(32)
    kernel_size: SizePair = _kernel(4)
    stride: SizePair = _stride(2)
    padding: AmountPair = _padding(1)
    output_padding: AmountPair = _output_padding(0)
    dilation: SizePair = _dilation(1)
    groups: Width = _groups(1)
    bias: bool = _bias(True)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        return (
            needs.image(given)
            or _groups_fit(self.groups, given.shape[0], self.out_channels)
            or _spread_fits(self, given, axes=2)
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return _spreading("nn.ConvTranspose2d", self, inputs[0][0])

    def brief(self) -> str:
        return f"{self.out_channels} filters · {times(both(self.kernel_size))}"


_INSTEAD = {1: "Linear", 2: "Conv1d"}


def _groups_fit(groups: int, channels: int, filters: int) -> Mismatch | None:
    return needs.divides(
        groups, channels, knob="groups", named="groups", words="channels"
    ) or needs.divides(groups, filters, knob="groups", named="groups", words="filters")


def _spread_fits(
    layer: ConvTranspose1d | ConvTranspose2d, given: TensorType, *, axes: int
) -> Mismatch | None:
    """Refuses sizes that a transposed convolution would shrink to nothing or blow up beyond any machine."""
    made: list[int] = []
    for axis in range(axes):
        kernel, stride, padding, extra, dilation = (
            both(value)[axis]
            for value in (
                layer.kernel_size,
                layer.stride,
                layer.padding,
                layer.output_padding,
                layer.dilation,
            )
        )
        if extra >= max(stride, dilation):
            return Mismatch(
                f"an extra size below its stride of {stride}",
                f"Set extra size to {stride - 1} or less.",
                knob="output_padding",
            )
        size = (given.shape[1 + axis] - 1) * stride + dilation * (kernel - 1) + extra + 1
        if size <= 2 * padding:
            return Mismatch(
                f"padding that leaves something: {size} values less twice {padding} is nothing",
                f"Set padding to {(size - 1) // 2} or less.",
                knob="padding",
            )
        made.append(size - 2 * padding)
    return needs.holdable((layer.out_channels, *made), knob="stride")


def _spreading(
    constructor: str, layer: ConvTranspose1d | ConvTranspose2d, given: TensorType
) -> Call:
    arguments: dict[str, Any] = {
        "in_channels": given.shape[0],
        "out_channels": layer.out_channels,
        "kernel_size": layer.kernel_size,
        **beyond_defaults(
            stride=(layer.stride, 1),
            padding=(layer.padding, 0),
            output_padding=(layer.output_padding, 0),
            dilation=(layer.dilation, 1),
            groups=(layer.groups, 1),
            bias=(layer.bias, True),
        ),
    }
    return Call(
        constructor, arguments=arguments, roles=("image" if len(given.shape) == 3 else "any",)
    )
