"""Pools that undo a maximum, and pools whose windows are drawn by lot."""

from typing import Annotated, ClassVar, Generic, Literal

from pydantic import Field

from builder.layers import needs, sliding
from builder.layers.base import (
    Call,
    Inputs,
    LayerType,
    Mismatch,
    Port,
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
from builder.layers.sliding import A, S

Ratio = Annotated[float, Field(ge=0.05, le=0.95)]


class _Unpool(LayerType, Generic[S, A]):
    """What layers that put largest values back have in common."""

    family: ClassVar[Literal["pooling"]] = "pooling"
    slug: ClassVar[str] = "unpool"
    when: ClassVar[str] = "In decoders, with the same settings as the pool it undoes."
    synonyms: ClassVar[tuple[str, ...]] = ("unpooling", "upsample", "decoder", "inverse pooling")
    inputs: ClassVar[tuple[Port, ...]] = (
        Port("in"),
        Port("indices", "places"),
        Port("like", "size", optional=True),
    )
    axes: ClassVar[int]

    kernel_size: S = sliding.pool_kernel(2)
    stride: S = sliding.pool_stride(2)
    padding: A = sliding.pool_padding(0)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        (given,), places, like = inputs
        wrong = sliding.laid_out(given, self.axes)
        if wrong or not places:
            return wrong
        if places[0].dtype != "int64" or places[0].shape != given.shape:
            return Mismatch(
                "the places of the same pool, one whole number for each value",
                f"Turn on “Give the places too” at the MaxPool{self.axes}d and connect that output.",
                "indices",
            )
        return self._grows(given.shape[1:], like)

    def _made(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        knobs = (self.kernel_size, self.stride, self.padding)
        each = zip(sizes, *(sides(value, self.axes) for value in knobs), strict=True)
        return tuple((size - 1) * step - 2 * pad + width for size, width, step, pad in each)

    def _grows(self, sizes: tuple[int, ...], like: tuple[TensorType, ...]) -> Mismatch | None:
        made = self._made(sizes)
        if min(made) < 1:
            return Mismatch(
                f"padding that leaves something, not {times(made)}",
                "Set padding to 0.",
                knob="padding",
            )
        if not like:
            return needs.holdable(made, knob="stride")
        wanted, steps = like[0].shape[1:], sides(self.stride, self.axes)
        near = len(wanted) == len(made) and all(
            abs(there - here) < step for there, here, step in zip(wanted, made, steps, strict=True)
        )
        if near:
            return None
        return Mismatch(
            f"something of about {times(made)}, the size before the pool",
            "Connect what flows into the MaxPool that this one undoes.",
            "like",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "kernel_size": self.kernel_size,
            **beyond_defaults(stride=(self.stride, self.kernel_size), padding=(self.padding, 0)),
        }
        size = ", output_size={like}.shape[2:]" if inputs[2] else ""
        forward = "{self}({in}, {indices}" + size + ")"
        return Call(f"nn.{self.title}", forward, arguments, roles=(sliding.ROLES[self.axes],))

    def brief(self) -> str:
        kernel = times(sides(self.kernel_size, self.axes))
        return f"{kernel} · stride {times(sliding.shortened(self.stride))}"


class MaxUnpool1d(_Unpool[Size, Amount]):
    """Values back at the steps they came from."""

    kind: ClassVar[str] = "max_unpool1d"
    title: ClassVar[str] = "MaxUnpool1d"
    reference: ClassVar[str] = "torch.nn.MaxUnpool1d"
    summary: ClassVar[str] = "Puts the largest steps back where MaxPool1d found them, 0 elsewhere."
    example: ClassVar[Inputs] = (
        (TensorType((3, 6)),),
        (TensorType((3, 6), "int64"),),
        (),
    )
    axes: ClassVar[int] = 1


class MaxUnpool2d(_Unpool[SizePair, AmountPair]):
    """Values back at the pixels they came from."""

    kind: ClassVar[str] = "max_unpool2d"
    title: ClassVar[str] = "MaxUnpool2d"
    reference: ClassVar[str] = "torch.nn.MaxUnpool2d"
    summary: ClassVar[str] = "Puts the largest pixels back where MaxPool2d found them, 0 elsewhere."
    example: ClassVar[Inputs] = (
        (TensorType((3, 4, 4), "float32", "image"),),
        (TensorType((3, 4, 4), "int64"),),
        (),
    )
    axes: ClassVar[int] = 2


class MaxUnpool3d(_Unpool[SizeTriple, AmountTriple]):
    """Values back at the points they came from."""

    kind: ClassVar[str] = "max_unpool3d"
    title: ClassVar[str] = "MaxUnpool3d"
    reference: ClassVar[str] = "torch.nn.MaxUnpool3d"
    summary: ClassVar[str] = "Puts the largest points back where MaxPool3d found them, 0 elsewhere."
    example: ClassVar[Inputs] = (
        (TensorType((3, 2, 4, 4)),),
        (TensorType((3, 2, 4, 4), "int64"),),
        (),
    )
    axes: ClassVar[int] = 3


class _Fractional(LayerType, Generic[S]):
    """What pools with windows drawn by lot have in common. https://arxiv.org/abs/1412.6071

    Lots are drawn for each sample and only while training, so that an answer never changes.
    """

    family: ClassVar[Literal["pooling"]] = "pooling"
    slug: ClassVar[str] = "pool"
    when: ClassVar[str] = "To shrink gently in many small steps; it also regularises."
    synonyms: ClassVar[tuple[str, ...]] = ("max pooling", "random pooling", "stochastic pooling")
    axes: ClassVar[int]
    spare: ClassVar[int] = 0
    """How many more values torch wants along each axis."""

    kernel_size: S = sliding.pool_kernel(2)
    output_ratio: Ratio = knob(
        0.7,
        "Share kept",
        "How much of each axis comes out. 0.7 halves the number of pixels. Less shrinks faster.",
        essential=True,
        step=0.05,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = sliding.laid_out(given, self.axes)
        if wrong:
            return wrong
        for size, width in zip(given.shape[1:], sides(self.kernel_size, self.axes), strict=True):
            made = int(size * self.output_ratio)
            if made < 1:
                return Mismatch(
                    f"at least one value left of {size} along each axis",
                    "Set share kept to more, or pool less before it.",
                    knob="output_ratio",
                )
            if made + width - 1 > size - self.spare:
                return Mismatch(
                    f"at least {made + width - 1 + self.spare} values along each axis for {made} windows of {width}; "
                    f"there are {size}",
                    f"Set kernel size to {max(size - made + 1 - self.spare, 1)} or less, or share kept to less.",
                    knob="kernel_size" if width > 2 else "output_ratio",
                )
        return None

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {"kernel_size": self.kernel_size, "output_ratio": self.output_ratio}
        name = f"modules.{self.title}"
        return Call(name, arguments=arguments, roles=(sliding.ROLES[self.axes],))

    def brief(self) -> str:
        return f"{times(sides(self.kernel_size, self.axes))} · {self.output_ratio:.0%}"


class FractionalMaxPool2d(_Fractional[SizePair]):
    """The largest of windows of an image drawn by lot."""

    kind: ClassVar[str] = "fractional_max_pool2d"
    title: ClassVar[str] = "FractionalMaxPool2d"
    reference: ClassVar[str] = "torch.nn.FractionalMaxPool2d"
    summary: ClassVar[str] = (
        "Shrinks an image by any share, with windows drawn at random in training."
    )
    example: ClassVar[Inputs] = ((TensorType((3, 10, 10), "float32", "image"),),)
    axes: ClassVar[int] = 2


class FractionalMaxPool3d(_Fractional[SizeTriple]):
    """The largest of windows of a volume drawn by lot."""

    kind: ClassVar[str] = "fractional_max_pool3d"
    title: ClassVar[str] = "FractionalMaxPool3d"
    reference: ClassVar[str] = "torch.nn.FractionalMaxPool3d"
    summary: ClassVar[str] = (
        "Shrinks a volume by any share, with windows drawn at random in training."
    )
    example: ClassVar[Inputs] = ((TensorType((3, 8, 8, 8)),),)
    axes: ClassVar[int] = 3
    spare: ClassVar[int] = 1
