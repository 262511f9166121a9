"""Layers that turn channels into pixels and back, and images into patches and back."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from builder.layers import needs, sliding
from builder.layers.base import (
    Call,
    Inputs,
    LayerType,
    Mismatch,
    TensorType,
    beyond_defaults,
    knob,
)
from builder.layers.bounds import AmountPair, SizePair, Width, both, times
from builder.layers.examples import IMAGE

Factor = Annotated[int, Field(ge=1, le=64)]


class PixelShuffle(LayerType):
    """Channels become pixels."""

    kind: ClassVar[str] = "pixel_shuffle"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "PixelShuffle"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.nn.PixelShuffle"
    summary: ClassVar[str] = "Makes an image larger by turning channels into pixels."
    when: ClassVar[str] = "After a Conv2d, to enlarge images with learned detail."
    synonyms: ClassVar[tuple[str, ...]] = ("super-resolution", "upsample", "depth to space")
    slug: ClassVar[str] = "shuffle"
    example: ClassVar[Inputs] = ((TensorType((8, 3, 3), "float32", "image"),),)

    upscale_factor: Factor = knob(
        2,
        "Factor",
        "How many times larger height and width become. Its square must divide the channels. "
        "2 is usual.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        square = self.upscale_factor**2
        wrong = needs.image(given)
        if wrong or given.shape[0] % square == 0:
            return wrong
        return Mismatch(
            f"channels that {square} divides, not {given.shape[0]}",
            f"Give the Conv2d before it a multiple of {square} filters.",
            knob="upscale_factor",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {"upscale_factor": self.upscale_factor}
        return Call("nn.PixelShuffle", arguments=arguments, roles=("image",))

    def brief(self) -> str:
        return f"×{self.upscale_factor}"


class PixelUnshuffle(LayerType):
    """Pixels become channels."""

    kind: ClassVar[str] = "pixel_unshuffle"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "PixelUnshuffle"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.nn.PixelUnshuffle"
    summary: ClassVar[str] = (
        "Makes an image smaller by turning pixels into channels, losing nothing."
    )
    when: ClassVar[str] = "Instead of pooling, where no detail may be lost."
    synonyms: ClassVar[tuple[str, ...]] = ("space to depth", "downsample", "shrink")
    slug: ClassVar[str] = "unshuffle"
    example: ClassVar[Inputs] = ((IMAGE,),)

    downscale_factor: Factor = knob(
        2,
        "Factor",
        "How many times smaller height and width become. Must divide both. 2 is usual.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = needs.image(given)
        for size in given.shape[1:]:
            wrong = wrong or needs.divides(
                self.downscale_factor, size, knob="downscale_factor", named="factor", words="pixels"
            )
        return wrong

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {"downscale_factor": self.downscale_factor}
        return Call("nn.PixelUnshuffle", arguments=arguments, roles=("image",))

    def brief(self) -> str:
        return f"÷{self.downscale_factor}"


class ChannelShuffle(LayerType):
    """Channels of different groups are mixed. https://arxiv.org/abs/1707.01083"""

    kind: ClassVar[str] = "channel_shuffle"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "ChannelShuffle"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.nn.ChannelShuffle"
    summary: ClassVar[str] = "Deals the channels out anew, so that groups see each other."
    when: ClassVar[str] = "Between grouped convolutions, with the same number of groups."
    synonyms: ClassVar[tuple[str, ...]] = ("shufflenet", "grouped convolution", "mix channels")
    slug: ClassVar[str] = "shuffle"
    example: ClassVar[Inputs] = ((TensorType((4, 4, 4), "float32", "image"),),)

    groups: Width = knob(
        2,
        "Groups",
        "How many groups the channels come from. Must divide the channels.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if given.role == "sequence":
            return Mismatch("channels on the first axis", "Put Permute before it to swap the two.")
        return needs.axes(given, 2) or needs.divides(
            self.groups, given.shape[0], knob="groups", named="groups", words="channels"
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {"groups": self.groups}
        return Call("nn.ChannelShuffle", arguments=arguments, roles=(inputs[0][0].role,))

    def brief(self) -> str:
        return f"{self.groups} groups"


class Unfold(LayerType):
    """Every window of an image, laid out as a column."""

    kind: ClassVar[str] = "unfold"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Unfold"
    reference: ClassVar[str] = "torch.nn.Unfold"
    summary: ClassVar[str] = "Lays every small window of an image out as one column."
    when: ClassVar[str] = "To build a convolution by hand, or to work on overlapping patches."
    synonyms: ClassVar[tuple[str, ...]] = ("im2col", "patches", "windows", "sliding")
    example: ClassVar[Inputs] = ((IMAGE,),)

    kernel_size: SizePair = sliding.kernel(2)
    stride: SizePair = sliding.stride(2)
    padding: AmountPair = sliding.padding(0)
    dilation: SizePair = sliding.dilation(1)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        return needs.image(given) or needs.window(
            given.shape[1:],
            both(self.kernel_size),
            padding=both(self.padding),
            dilation=both(self.dilation),
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {"kernel_size": self.kernel_size, **_sliding(self)}
        return Call("nn.Unfold", arguments=arguments, roles=("any",))

    def brief(self) -> str:
        return f"{times(both(self.kernel_size))} · stride {times(sliding.shortened(self.stride))}"


class Fold(LayerType):
    """Columns put back to the windows of an image; where windows overlap, values add up."""

    kind: ClassVar[str] = "fold"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Fold"
    reference: ClassVar[str] = "torch.nn.Fold"
    summary: ClassVar[str] = (
        "Puts columns back as windows of an image, adding up where they overlap."
    )
    when: ClassVar[str] = "After Unfold or a transformer over patches, to get the image back."
    synonyms: ClassVar[tuple[str, ...]] = ("col2im", "patches", "assemble", "windows")
    example: ClassVar[Inputs] = ((TensorType((12, 9)),),)

    output_size: SizePair = knob(
        6, "Image size", "Height and width that come out: those before Unfold.", essential=True
    )
    kernel_size: SizePair = sliding.kernel(2)
    stride: SizePair = sliding.stride(2)
    padding: AmountPair = sliding.padding(0, essential=False)
    dilation: SizePair = sliding.dilation(1)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        knobs = (self.output_size, self.kernel_size, self.stride, self.padding, self.dilation)
        windows = [
            (size + 2 * pad - gap * (width - 1) - 1) // step + 1
            for size, width, step, pad, gap in zip(*(both(one) for one in knobs), strict=True)
        ]
        wrong = needs.channels_first(given)
        if wrong:
            return wrong
        area = both(self.kernel_size)[0] * both(self.kernel_size)[1]
        if given.shape[0] % area:
            return Mismatch(
                f"columns of a multiple of {area} values, one for each point of a window, "
                f"not {given.shape[0]}",
                "Set kernel size to that of the Unfold before it.",
                knob="kernel_size",
            )
        if min(windows) < 1 or windows[0] * windows[1] != given.shape[1]:
            fits = windows[0] * windows[1] if min(windows) > 0 else 0
            return Mismatch(
                f"{fits} columns, as many as there are windows, not {given.shape[1]}",
                "Set image size, stride, padding and dilation to those of the Unfold before it.",
                knob=self._odd(),
            )
        return None

    def _odd(self) -> str:
        """The first setting that is not as usual, else the size."""
        names = ("output_size", "stride", "padding", "dilation", "kernel_size")
        fields = type(self).model_fields
        return next(
            (name for name in names if getattr(self, name) != fields[name].default), "output_size"
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "output_size": both(self.output_size),
            "kernel_size": self.kernel_size,
            **_sliding(self),
        }
        return Call("nn.Fold", arguments=arguments, roles=("image",))

    def brief(self) -> str:
        return f"to {times(both(self.output_size))}"


class Patches(LayerType):
    """An image cut into squares, as a sequence."""

    kind: ClassVar[str] = "patches"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Image patches"
    reference: ClassVar[str] = "https://arxiv.org/abs/2010.11929"
    summary: ClassVar[str] = "Cuts an image into squares and lines them up as a sequence."
    when: ClassVar[str] = "Before Linear and transformer layers: a vision transformer."
    synonyms: ClassVar[tuple[str, ...]] = ("vit", "vision transformer", "unfold", "tokens", "tiles")
    example: ClassVar[Inputs] = ((IMAGE,),)

    patch_size: SizePair = knob(
        4,
        "Patch size",
        "Height and width of a square. Must divide the image's. Smaller means more steps and more time.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = needs.image(given)
        for size, patch in zip(given.shape[1:], both(self.patch_size), strict=False):
            wrong = wrong or needs.divides(
                patch, size, knob="patch_size", named="patch size", words="pixels"
            )
        return wrong

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {"kernel_size": self.patch_size, "stride": self.patch_size}
        return Call("nn.Unfold", "{self}({in}).transpose(1, 2)", arguments, roles=("sequence",))

    def brief(self) -> str:
        return times(both(self.patch_size))


def _sliding(layer: Unfold | Fold) -> dict[str, Any]:
    return beyond_defaults(
        dilation=(layer.dilation, 1), padding=(layer.padding, 0), stride=(layer.stride, 1)
    )
