"""Layers that make signals, images and volumes larger or bring them to a size, without weights."""

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
from builder.layers.bounds import SizePair, both, times
from builder.layers.examples import IMAGE

Factor = Annotated[int, Field(ge=1, le=64)]


class Upsample(LayerType):
    """A larger image without weights."""

    kind: ClassVar[str] = "upsample"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Upsample"
    reference: ClassVar[str] = "torch.nn.Upsample"
    summary: ClassVar[str] = "Makes an image larger by repeating or blending pixels."
    when: ClassVar[str] = "In decoders, before Conv2d."
    synonyms: ClassVar[tuple[str, ...]] = ("enlarge", "resize", "scale")
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


class Interpolate(LayerType):
    """An image of any size brought to another."""

    kind: ClassVar[str] = "interpolate"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Interpolate"
    reference: ClassVar[str] = "torch.nn.functional.interpolate"
    summary: ClassVar[str] = "Brings an image to an exact height and width, larger or smaller."
    when: ClassVar[str] = "Where two branches of different size meet, before Concat or Add."
    synonyms: ClassVar[tuple[str, ...]] = ("resize", "scale", "downsample", "upsample")
    slug: ClassVar[str] = "resize"
    example: ClassVar[Inputs] = ((IMAGE,),)

    size: SizePair = knob(
        32,
        "Size",
        "Height and width that come out. More pixels take more time after it.",
        essential=True,
    )
    mode: Literal["nearest", "bilinear", "bicubic", "area"] = knob(
        "nearest",
        "How",
        "Nearest repeats pixels, bilinear and bicubic blend them. Area averages, best for shrinking.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        made = (*given.shape[:1], *both(self.size))
        return needs.image(given) or needs.holdable(made, knob="size")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        line = 'nn.functional.interpolate({in}, size={size}, mode="{mode}")'
        values = {"size": both(self.size), "mode": self.mode}
        return Call(None, line, values=values, roles=("image",))

    def brief(self) -> str:
        return f"to {times(both(self.size))} · {self.mode}"
