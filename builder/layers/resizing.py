"""Layers that make images larger, frame them, or cut them into patches, without weights."""

from typing import Annotated, ClassVar, Literal

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
from builder.layers.bounds import AmountPair, SizePair, both, times

IMAGE = TensorType((3, 4, 4), "float32", "image")

Factor = Annotated[int, Field(ge=1, le=64)]


class Upsample(LayerType):
    """A larger image without weights."""

    kind: ClassVar[str] = "upsample"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Upsample"
    summary: ClassVar[str] = "Makes an image larger by repeating or blending pixels."
    when: ClassVar[str] = "In decoders, before Conv2d."
    synonyms: ClassVar[tuple[str, ...]] = ("enlarge", "resize", "interpolate", "scale")
    follows: ClassVar[tuple[str, ...]] = ("conv2d",)
    example: ClassVar[Inputs] = ((IMAGE,),)

    scale_factor: Factor = knob(
        2,
        "Factor",
        "How many times larger height and width become. 2 is usual. More in one go looks coarse.",
        essential=True,
    )
    mode: Literal["nearest", "bilinear"] = knob(
        "nearest",
        "How",
        "Nearest repeats pixels and is fast. Bilinear blends neighbours and is smooth.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        larger = tuple(size * self.scale_factor for size in given.shape[1:])
        return needs.image(given) or needs.holdable(
            (*given.shape[:1], *larger), knob="scale_factor"
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "scale_factor": self.scale_factor,
            **beyond_defaults(mode=(self.mode, "nearest")),
        }
        return Call("nn.Upsample", arguments=arguments, roles=("image",))

    def brief(self) -> str:
        return f"×{self.scale_factor} · {self.mode}"


class ZeroPad2d(LayerType):
    """A frame of zeros around an image."""

    kind: ClassVar[str] = "zero_pad2d"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "ZeroPad2d"
    summary: ClassVar[str] = "Puts a frame of zeros around an image."
    when: ClassVar[str] = "To reach a size that halves evenly, such as 32 from 28."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "border", "frame")
    slug: ClassVar[str] = "pad"
    follows: ClassVar[tuple[str, ...]] = ("conv2d",)
    example: ClassVar[Inputs] = ((IMAGE,),)

    padding: AmountPair = knob(
        2,
        "Width of the frame",
        "Zeros added on each side, above and below. 2 makes 32 of 28. "
        "More costs time in the layers after it.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.image(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        high, wide = both(self.padding)
        padding = high if high == wide else (wide, wide, high, high)
        return Call("nn.ZeroPad2d", arguments={"padding": padding}, roles=("image",))

    def brief(self) -> str:
        return f"{times(both(self.padding))}"


class PixelShuffle(LayerType):
    """Channels become pixels."""

    kind: ClassVar[str] = "pixel_shuffle"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "PixelShuffle"
    summary: ClassVar[str] = "Makes an image larger by turning channels into pixels."
    when: ClassVar[str] = "After a Conv2d, to enlarge images with learned detail."
    synonyms: ClassVar[tuple[str, ...]] = ("super-resolution", "upsample", "depth to space")
    slug: ClassVar[str] = "shuffle"
    follows: ClassVar[tuple[str, ...]] = ("conv2d", "relu")
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


class Patches(LayerType):
    """An image cut into squares, as a sequence."""

    kind: ClassVar[str] = "patches"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Image patches"
    summary: ClassVar[str] = "Cuts an image into squares and lines them up as a sequence."
    when: ClassVar[str] = "Before Linear and transformer layers: a vision transformer."
    synonyms: ClassVar[tuple[str, ...]] = ("vit", "vision transformer", "unfold", "tokens", "tiles")
    follows: ClassVar[tuple[str, ...]] = ("linear", "learned_positions")
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
