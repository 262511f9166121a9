"""Layers that slide small learned filters over signals, images and volumes."""

from typing import Any, ClassVar, Generic, Literal

from builder.layers import needs, sliding
from builder.layers.base import (
    Call,
    Family,
    Inputs,
    LayerType,
    Mismatch,
    TensorType,
    beyond_defaults,
    knob,
)
from builder.layers.bounds import (
    Amount,
    AmountPair,
    AmountTriple,
    Size,
    SizePair,
    SizeTriple,
    Width,
    both,
    sides,
    times,
)
from builder.layers.sliding import IMAGE, STEPS, VOLUME, A, S

PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]


class _Conv(LayerType, Generic[S, A]):
    """What convolutions over one, two and three axes have in common."""

    family: ClassVar[Literal["convolution"]] = "convolution"
    linear_map: ClassVar[bool] = True
    slug: ClassVar[str] = "conv"
    usual_after: ClassVar[tuple[Family, ...]] = (
        "pooling",
        "input_output",
        "shape",
        "activation",
        "merge",
        "normalisation",
        "convolution",
    )
    axes: ClassVar[int]
    instead: ClassVar[dict[int, str]] = {}
    """What suits an input with so many axes better."""

    out_channels: Width = sliding.filters(32)
    kernel_size: S = sliding.kernel(3)
    stride: S = sliding.stride(1)
    padding: A = sliding.padding(1)
    dilation: S = sliding.dilation(1)
    groups: Width = sliding.groups(1)
    bias: bool = sliding.bias(True)
    padding_mode: PaddingMode = knob(
        "zeros",
        "Padding with",
        "What stands around the edges: zeros, a mirror image, the edge repeated, or the other side. "
        "Zeros for most; circular for what wraps round.",
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        padding = sides(self.padding, self.axes)
        return (
            sliding.laid_out(given, self.axes, instead=self.instead.get(len(given.shape), ""))
            or sliding.groups_fit(self.groups, given.shape[0], self.out_channels)
            or _frame_fits(self.padding_mode, given.shape[1:], padding)
            or needs.window(
                given.shape[1:],
                sides(self.kernel_size, self.axes),
                padding=padding,
                dilation=sides(self.dilation, self.axes),
            )
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments: dict[str, Any] = {
            "in_channels": inputs[0][0].shape[0],
            "out_channels": self.out_channels,
            "kernel_size": self.kernel_size,
            **beyond_defaults(
                stride=(self.stride, 1),
                padding=(self.padding, 0),
                dilation=(self.dilation, 1),
                groups=(self.groups, 1),
                bias=(self.bias, True),
                padding_mode=(self.padding_mode, "zeros"),
            ),
        }
        return Call(f"nn.{self.title}", arguments=arguments, roles=(sliding.ROLES[self.axes],))

    def brief(self) -> str:
        return f"{self.out_channels} filters · {times(sides(self.kernel_size, self.axes))}"

    @classmethod
    def adapt(
        cls, given: TensorType, consumer: LayerType, wanted: tuple[int, ...] = ()
    ) -> dict[str, Any] | None:
        """Weighs the channels anew at each place, where only their number is wrong."""
        laid_out = len(given.shape) == len(wanted) == cls.axes + 1 and given.dtype == "float32"
        if not laid_out or given.shape[1:] != wanted[1:] or given.shape == wanted:
            return None
        if cls.axes == 1 and given.role == "sequence":
            return None
        return {"out_channels": wanted[0], "kernel_size": 1, "padding": 0}


class Conv1d(_Conv[Size, Amount]):
    """Filters that slide along the steps of channels × steps."""

    kind: ClassVar[str] = "conv1d"
    title: ClassVar[str] = "Conv1d"
    reference: ClassVar[str] = "torch.nn.Conv1d"
    summary: ClassVar[str] = "Slides small learned filters along the steps of channels × steps."
    when: ClassVar[str] = "For signals and series."
    more: ClassVar[str] = "Stacked, it sees longer stretches."
    synonyms: ClassVar[tuple[str, ...]] = ("convolution", "signal", "series", "temporal", "filter")
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1
    instead: ClassVar[dict[int, str]] = dict.fromkeys(range(7), "Linear")


class Conv2d(_Conv[SizePair, AmountPair]):
    """Filters that slide over an image."""

    kind: ClassVar[str] = "conv2d"
    title: ClassVar[str] = "Conv2d"
    reference: ClassVar[str] = "torch.nn.Conv2d"
    summary: ClassVar[str] = "Slides small learned filters over an image, looking for patterns."
    when: ClassVar[str] = "For images and spectrograms."
    more: ClassVar[str] = "Stacked, it sees larger patterns."
    synonyms: ClassVar[tuple[str, ...]] = ("convolution", "cnn", "filter", "kernel", "image")
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2
    instead: ClassVar[dict[int, str]] = {1: "Linear", 2: "Conv1d"}


class Conv3d(_Conv[SizeTriple, AmountTriple]):
    """Filters that slide through a volume or a video."""

    kind: ClassVar[str] = "conv3d"
    title: ClassVar[str] = "Conv3d"
    reference: ClassVar[str] = "torch.nn.Conv3d"
    summary: ClassVar[str] = (
        "Slides small learned filters through channels × depth × height × width."
    )
    when: ClassVar[str] = "For scans and short videos."
    more: ClassVar[str] = "A 3×3×3 kernel has three times the weights of 3×3."
    synonyms: ClassVar[tuple[str, ...]] = ("convolution", "volume", "video", "voxel", "scan", "mri")
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3
    instead: ClassVar[dict[int, str]] = {1: "Linear", 2: "Conv1d", 3: "Conv2d"}


class DepthwiseConv2d(LayerType):
    """Filters that each look at one channel only. https://arxiv.org/abs/1704.04861"""

    kind: ClassVar[str] = "depthwise_conv2d"
    family: ClassVar[Literal["convolution"]] = "convolution"
    title: ClassVar[str] = "Depthwise Conv2d"
    linear_map: ClassVar[bool] = True
    reference: ClassVar[str] = "https://arxiv.org/abs/1704.04861"
    summary: ClassVar[str] = "Slides filters over each channel by itself."
    when: ClassVar[str] = "In small, fast networks, with a 1×1 Conv2d after it to mix the channels."
    synonyms: ClassVar[tuple[str, ...]] = ("separable", "mobilenet", "grouped convolution")
    slug: ClassVar[str] = "depthwise"
    example: ClassVar[Inputs] = IMAGE

    multiplier: Size = knob(
        1,
        "Filters a channel",
        "How many patterns are looked for in each channel. 1 for most. Doubling it doubles the channels.",
        essential=True,
    )
    kernel_size: SizePair = sliding.kernel(3)
    stride: SizePair = sliding.stride(1)
    padding: AmountPair = sliding.padding(1)
    dilation: SizePair = sliding.dilation(1)
    bias: bool = sliding.bias(True)

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
        arguments: dict[str, Any] = {
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
        }
        return Call("nn.Conv2d", arguments=arguments, roles=("image",))

    def brief(self) -> str:
        return f"{self.multiplier} a channel · {times(both(self.kernel_size))}"


def _frame_fits(
    mode: PaddingMode, sizes: tuple[int, ...], padding: tuple[int, ...]
) -> Mismatch | None:
    """Refuses a frame wider than what it repeats: a mirror needs one value more than it shows."""
    spare = {"reflect": 1, "circular": 0}.get(mode)
    for size, pad in zip(sizes, padding, strict=True):
        if spare is not None and pad > size - spare:
            return Mismatch(
                f"more than its padding of {pad} values along each axis to repeat, not {size}",
                f"Set padding to {size - spare} or less, or pad with zeros.",
                knob="padding",
            )
    return None
