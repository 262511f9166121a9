"""Layers that make signals, images and volumes smaller by keeping one value of many neighbours."""

from collections.abc import Mapping
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
    sides,
    times,
)
from builder.layers.sliding import IMAGE, STEPS, VOLUME, A, S
from builder.spec.data import Role


class _Pool(LayerType, Generic[S]):
    """What all windows that become one value have in common."""

    family: ClassVar[Literal["pooling"]] = "pooling"
    slug: ClassVar[str] = "pool"
    axes: ClassVar[int]

    kernel_size: S = sliding.pool_kernel(2)
    stride: S = sliding.pool_stride(2)
    ceil_mode: bool = knob(
        False,
        "Keep the rest",
        "Also pools what is left at the far edge when the stride does not fit. Usually off. "
        "On makes the output one larger there.",
    )

    def frame(self) -> tuple[int, ...]:
        """What is added around the edges, for each axis."""
        return (0,) * self.axes

    def spread(self) -> tuple[int, ...]:
        """Gaps within the window, for each axis."""
        return (1,) * self.axes

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        kernel = sides(self.kernel_size, self.axes)
        return (
            sliding.laid_out(given, self.axes, instead="Pool over steps" if self.axes == 1 else "")
            or sliding.padding_fits(kernel, self.frame())
            or needs.window(given.shape[1:], kernel, padding=self.frame(), dilation=self.spread())
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "kernel_size": self.kernel_size,
            **beyond_defaults(stride=(self.stride, self.kernel_size)),
            **self.settings(),
            **beyond_defaults(ceil_mode=(self.ceil_mode, False)),
        }
        places: Role = "any"
        roles = (sliding.ROLES[self.axes], *(places for _ in self.gives[1:]))
        return Call(f"nn.{self.title}", arguments=arguments, roles=roles)

    def settings(self) -> dict[str, Any]:
        """Arguments that only this kind of window has."""
        return {}

    def brief(self) -> str:
        kernel = times(sides(self.kernel_size, self.axes))
        return f"{kernel} · stride {times(sliding.shortened(self.stride))}"


class _MaxPool(_Pool[S], Generic[S, A]):
    """What windows that keep their largest value have in common."""

    synonyms: ClassVar[tuple[str, ...]] = ("max pooling", "downsample", "subsample", "shrink")

    padding: A = sliding.pool_padding(0)
    dilation: S = sliding.dilation(1)
    return_indices: bool = knob(
        False,
        "Give the places too",
        "Adds an output that says where each largest value was. For MaxUnpool in a decoder. "
        "Takes as much memory again.",
    )

    @classmethod
    def outputs_with(cls, knobs: Mapping[str, Any]) -> tuple[str, ...]:
        return ("out", "indices") if knobs.get("return_indices") is True else ("out",)

    def frame(self) -> tuple[int, ...]:
        return sides(self.padding, self.axes)

    def spread(self) -> tuple[int, ...]:
        return sides(self.dilation, self.axes)

    def settings(self) -> dict[str, Any]:
        return beyond_defaults(
            padding=(self.padding, 0),
            dilation=(self.dilation, 1),
            return_indices=(self.return_indices, False),
        )


class MaxPool1d(_MaxPool[Size, Amount]):
    """The largest of neighbouring steps."""

    kind: ClassVar[str] = "max_pool1d"
    title: ClassVar[str] = "MaxPool1d"
    reference: ClassVar[str] = "torch.nn.MaxPool1d"
    summary: ClassVar[str] = "Keeps the largest of neighbouring steps in each channel."
    when: ClassVar[str] = "After Conv1d, to shorten and to keep what was found."
    usual_after: ClassVar[tuple[Family, ...]] = ("activation", "merge", "convolution")
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1


class MaxPool2d(_MaxPool[SizePair, AmountPair]):
    """The largest of each window of an image."""

    kind: ClassVar[str] = "max_pool2d"
    title: ClassVar[str] = "MaxPool2d"
    reference: ClassVar[str] = "torch.nn.MaxPool2d"
    summary: ClassVar[str] = "Keeps the largest value of each small window of an image."
    when: ClassVar[str] = "After Conv2d, to shrink the image and keep what was found."
    usual_after: ClassVar[tuple[Family, ...]] = ("activation", "merge", "convolution")
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2


class MaxPool3d(_MaxPool[SizeTriple, AmountTriple]):
    """The largest of each window of a volume."""

    kind: ClassVar[str] = "max_pool3d"
    title: ClassVar[str] = "MaxPool3d"
    reference: ClassVar[str] = "torch.nn.MaxPool3d"
    summary: ClassVar[str] = "Keeps the largest value of each small window of a volume."
    when: ClassVar[str] = "After Conv3d, to shrink scans and videos."
    usual_after: ClassVar[tuple[Family, ...]] = ("activation", "merge", "convolution")
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3


class _AvgPool(_Pool[S], Generic[S, A]):
    """What windows that become their mean have in common."""

    synonyms: ClassVar[tuple[str, ...]] = (
        "average pooling",
        "mean pooling",
        "downsample",
        "smooth",
    )

    padding: A = sliding.pool_padding(0)
    count_include_pad: bool = knob(
        True,
        "Count the padding",
        "Whether zeros around the edges count in the mean. On is usual. "
        "Off keeps the edges as bright as the rest.",
    )

    def frame(self) -> tuple[int, ...]:
        return sides(self.padding, self.axes)

    def settings(self) -> dict[str, Any]:
        return beyond_defaults(
            padding=(self.padding, 0), count_include_pad=(self.count_include_pad, True)
        )


class AvgPool1d(_AvgPool[Size, Amount]):
    """The mean of neighbouring steps."""

    kind: ClassVar[str] = "avg_pool1d"
    title: ClassVar[str] = "AvgPool1d"
    reference: ClassVar[str] = "torch.nn.AvgPool1d"
    summary: ClassVar[str] = "Takes the mean of neighbouring steps in each channel."
    when: ClassVar[str] = "To shorten and smooth a signal."
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1


class AvgPool2d(_AvgPool[SizePair, AmountPair]):
    """The mean of each window of an image."""

    kind: ClassVar[str] = "avg_pool2d"
    title: ClassVar[str] = "AvgPool2d"
    reference: ClassVar[str] = "torch.nn.AvgPool2d"
    summary: ClassVar[str] = "Takes the mean of each small window of an image."
    when: ClassVar[str] = "To shrink an image smoothly."
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2


class AvgPool3d(_AvgPool[SizeTriple, AmountTriple]):
    """The mean of each window of a volume."""

    kind: ClassVar[str] = "avg_pool3d"
    title: ClassVar[str] = "AvgPool3d"
    reference: ClassVar[str] = "torch.nn.AvgPool3d"
    summary: ClassVar[str] = "Takes the mean of each small window of a volume."
    when: ClassVar[str] = "To shrink scans and videos smoothly."
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3


class _LPPool(_Pool[S], Generic[S]):
    """What windows that become their length as a vector have in common.

    Other powers give no number for negative values, so only these can be chosen.
    """

    when: ClassVar[str] = "Between mean and maximum, where strong values should count more."
    synonyms: ClassVar[tuple[str, ...]] = ("power pooling", "norm", "euclidean", "sum pooling")

    norm_type: Literal["1", "2", "4"] = knob(
        "2",
        "Power",
        "1 adds the values up, 2 is their length as a vector. 2 is usual. "
        "More comes closer to the maximum.",
        essential=True,
    )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        call = super().call(*inputs)
        arguments = {"norm_type": int(self.norm_type), **call.arguments}
        return Call(call.constructor, arguments=arguments, roles=call.roles)


class LPPool1d(_LPPool[Size]):
    """The length of neighbouring steps."""

    kind: ClassVar[str] = "lp_pool1d"
    title: ClassVar[str] = "LPPool1d"
    reference: ClassVar[str] = "torch.nn.LPPool1d"
    summary: ClassVar[str] = "Takes the root of the summed powers of neighbouring steps."
    example: ClassVar[Inputs] = STEPS
    axes: ClassVar[int] = 1


class LPPool2d(_LPPool[SizePair]):
    """The length of each window of an image."""

    kind: ClassVar[str] = "lp_pool2d"
    title: ClassVar[str] = "LPPool2d"
    reference: ClassVar[str] = "torch.nn.LPPool2d"
    summary: ClassVar[str] = "Takes the root of the summed powers of each window of an image."
    example: ClassVar[Inputs] = IMAGE
    axes: ClassVar[int] = 2


class LPPool3d(_LPPool[SizeTriple]):
    """The length of each window of a volume."""

    kind: ClassVar[str] = "lp_pool3d"
    title: ClassVar[str] = "LPPool3d"
    reference: ClassVar[str] = "torch.nn.LPPool3d"
    summary: ClassVar[str] = "Takes the root of the summed powers of each window of a volume."
    example: ClassVar[Inputs] = VOLUME
    axes: ClassVar[int] = 3
