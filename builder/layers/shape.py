"""Layers that give the same values another shape: Flatten, Reshape, Unflatten."""

from math import isqrt, prod
from typing import Any, ClassVar, Literal

from builder.layers import needs
from builder.layers.base import (
    Call,
    Family,
    Inputs,
    LayerType,
    Mismatch,
    TensorType,
    guess_role,
    knob,
)
from builder.layers.bounds import Axis, Sizes, times
from builder.layers.examples import IMAGE, SEQUENCE


class Flatten(LayerType):
    """All axes become one."""

    kind: ClassVar[str] = "flatten"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Flatten"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.nn.Flatten"
    summary: ClassVar[str] = "Lays all values of a sample out as one flat list."
    when: ClassVar[str] = "Between convolutions and Linear."
    synonyms: ClassVar[tuple[str, ...]] = ("vector", "view", "ravel", "unroll")
    usual_after: ClassVar[tuple[Family, ...]] = ("pooling", "convolution", "input_output")
    example: ClassVar[Inputs] = ((IMAGE,),)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        if inputs[0][0].shape:
            return None
        return Mismatch("at least one axis", "Take it out: one value is as flat as it gets.")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call("nn.Flatten", roles=(guess_role((1,), inputs[0][0].dtype),))

    @classmethod
    def adapt(
        cls, given: TensorType, consumer: LayerType, wanted: tuple[int, ...] = ()
    ) -> dict[str, Any] | None:
        """Turns anything with several axes into one flat list."""
        if len(given.shape) < 2:
            return None
        made = TensorType((prod(given.shape),), given.dtype, guess_role((1,), given.dtype))
        return {} if consumer.suits(made) and wanted in ((), made.shape) else None


class Reshape(LayerType):
    """The same values in another shape."""

    kind: ClassVar[str] = "reshape"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Reshape"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.Tensor.reshape"
    summary: ClassVar[str] = "Gives the same values another shape, in reading order."
    when: ClassVar[str] = "To make an image or a sequence of a flat list."
    synonyms: ClassVar[tuple[str, ...]] = ("view", "resize", "unflatten", "add axis")
    example: ClassVar[Inputs] = ((IMAGE,),)

    shape: Sizes = knob(
        (-1,),
        "Shape",
        "Sizes that come out, without the batch, such as 1, 28, 28. "
        "One may be -1: it takes what is left.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return _whole(self.shape, prod(inputs[0][0].shape), knob="shape")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        made = _filled(self.shape, prod(given.shape))
        return Call(
            None,
            "{in}.reshape({shape})",
            values={"shape": ", ".join(str(size) for size in (-1, *made))},
            roles=(guess_role(made, given.dtype),),
        )

    def brief(self) -> str:
        return f"to {times(self.shape)}"

    @classmethod
    def adapt(
        cls, given: TensorType, consumer: LayerType, wanted: tuple[int, ...] = ()
    ) -> dict[str, Any] | None:
        """Adds or drops axes of size 1, and squares a flat list into an image."""
        shapes = [wanted] if wanted else _likely_shapes(given.shape)
        for shape in shapes:
            if shape == given.shape or prod(shape) != prod(given.shape):
                continue
            if consumer.suits(TensorType(shape, given.dtype, guess_role(shape, given.dtype))):
                return {"shape": shape}
        return None


class Unflatten(LayerType):
    """One axis becomes several."""

    kind: ClassVar[str] = "unflatten"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Unflatten"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.nn.Unflatten"
    summary: ClassVar[str] = "Splits one axis into several."
    when: ClassVar[str] = "After a Linear, to go on with an image of channels × height × width."
    synonyms: ClassVar[tuple[str, ...]] = ("split axis", "reshape", "view", "decoder")
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    axis: Axis = knob(
        0, "Axis", "Which axis is split. 0 is the first after the batch. -1 is the last."
    )
    sizes: Sizes = knob(
        (1, -1),
        "Sizes",
        "What the axis is split into, such as 8, 7, 7. One may be -1: it takes what is left.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = needs.axis_there(self.axis, given)
        return wrong or _whole(self.sizes, given.shape[self.axis], knob="sizes")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        axis = self.axis % len(given.shape)
        sizes = _filled(self.sizes, given.shape[axis])
        made = (*given.shape[:axis], *sizes, *given.shape[axis + 1 :])
        arguments = {"dim": axis + 1, "unflattened_size": sizes}
        return Call("nn.Unflatten", arguments=arguments, roles=(guess_role(made, given.dtype),))

    def brief(self) -> str:
        return f"to {times(self.sizes)}"


def _listed(sizes: tuple[int, ...]) -> str:
    return ", ".join(str(size) for size in sizes) or "none"


def _filled(shape: tuple[int, ...], values: int) -> tuple[int, ...]:
    """The shape with its -1 replaced by what is left."""
    known = prod(size for size in shape if size != -1)
    return tuple(values // known if size == -1 else size for size in shape)


def _whole(shape: tuple[int, ...], values: int, *, knob: str) -> Mismatch | None:
    """Refuses a shape that does not hold exactly the values there are."""
    if not shape or 0 in shape or shape.count(-1) > 1:
        return Mismatch(
            f"sizes of 1 or more, with -1 at most once, not {_listed(shape)}",
            f"Set {knob} to -1 for a flat list.",
            knob=knob,
        )
    known = prod(size for size in shape if size != -1)
    if (values % known == 0) if -1 in shape else (values == known):
        return None
    return Mismatch(
        f"{known} values{' or a multiple' if -1 in shape else ''} for {times(shape)}; there are {values}",
        "Set one size to -1." if -1 not in shape else f"Choose sizes that divide {values}.",
        knob=knob,
    )


def _likely_shapes(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Shapes a person may have meant: channels added or dropped, a square image, a series of one feature."""
    likely: list[tuple[int, ...]] = []
    if len(shape) == 1:
        for channels in (1, 3):
            side = isqrt(shape[0] // channels)
            if channels * side * side == shape[0] and side > 1:
                likely.append((channels, side, side))
        likely.append((shape[0], 1))
    elif len(shape) == 2:
        likely.append((1, *shape))
    elif len(shape) == 3 and shape[0] == 1:
        likely.append(shape[1:])
    return likely
