"""Layers that only rearrange or reduce: Flatten, Reshape, Unflatten, Permute, a mean, the last step."""

from math import isqrt, prod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from builder.layers import needs
from builder.layers.base import (
    Call,
    Inputs,
    LayerType,
    Mismatch,
    Port,
    TensorType,
    guess_role,
    knob,
)
from builder.layers.bounds import Axis, Sizes, times

IMAGE = TensorType((3, 4, 4), "float32", "image")
SEQUENCE = TensorType((6, 8), "float32", "sequence")

Order = Annotated[tuple[Annotated[int, Field(ge=0, le=5)], ...], Field(max_length=6)]


class Flatten(LayerType):
    """All axes become one."""

    kind: ClassVar[str] = "flatten"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Flatten"
    passes: ClassVar[bool] = True
    summary: ClassVar[str] = "Lays all values of a sample out as one flat list."
    when: ClassVar[str] = "Between convolutions and Linear."
    synonyms: ClassVar[tuple[str, ...]] = ("vector", "view", "ravel", "unroll")
    follows: ClassVar[tuple[str, ...]] = ("linear", "dropout")
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
    summary: ClassVar[str] = "Gives the same values another shape, in reading order."
    when: ClassVar[str] = "To make an image or a sequence of a flat list."
    synonyms: ClassVar[tuple[str, ...]] = ("view", "resize", "unflatten", "add axis", "unsqueeze")
    follows: ClassVar[tuple[str, ...]] = ("conv2d", "conv_transpose2d", "lstm")
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
    summary: ClassVar[str] = "Splits one axis into several."
    when: ClassVar[str] = "After a Linear, to go on with an image of channels × height × width."
    synonyms: ClassVar[tuple[str, ...]] = ("split axis", "reshape", "view", "decoder")
    follows: ClassVar[tuple[str, ...]] = ("conv_transpose2d", "conv2d")
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


class Permute(LayerType):
    """The axes in another order."""

    kind: ClassVar[str] = "permute"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Permute"
    passes: ClassVar[bool] = True
    summary: ClassVar[str] = "Puts the axes into another order."
    when: ClassVar[str] = "Between steps × features and the channels × steps of Conv1d."
    synonyms: ClassVar[tuple[str, ...]] = ("transpose", "swap axes", "channels last", "rearrange")
    follows: ClassVar[tuple[str, ...]] = ("conv1d", "lstm", "linear")
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    order: Order = knob(
        (1, 0),
        "Order",
        "The old axes in their new order, without the batch. 1, 0 swaps two axes. "
        "An image needs three.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        rank = len(inputs[0][0].shape)
        if sorted(self.order) == list(range(rank)):
            return None
        good = ", ".join(str(axis) for axis in reversed(range(rank)))
        return Mismatch(
            f"an order of {rank} axes, each of 0 to {rank - 1} once, not {_listed(self.order)}",
            f"Set order to {good}." if rank > 1 else "Take it out: there is one axis only.",
            knob="order",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        order = ", ".join(str(axis) for axis in (0, *(axis + 1 for axis in self.order)))
        made = tuple(given.shape[axis] for axis in self.order)
        swapped = given.role == "sequence" and self.order == (1, 0)
        role = "any" if swapped else guess_role(made, given.dtype)
        return Call(None, "{in}.permute({order})", values={"order": order}, roles=(role,))

    def brief(self) -> str:
        return _listed(self.order)

    @classmethod
    def adapt(
        cls, given: TensorType, consumer: LayerType, wanted: tuple[int, ...] = ()
    ) -> dict[str, Any] | None:
        """Swaps the two axes of a sequence or of channels × steps."""
        if len(given.shape) != 2 or wanted not in ((), given.shape[::-1]):
            return None
        role = "any" if given.role == "sequence" else guess_role(given.shape, given.dtype)
        made = TensorType(given.shape[::-1], given.dtype, role)
        return {"order": (1, 0)} if consumer.suits(made) else None


class Mean(LayerType):
    """One axis is averaged away."""

    kind: ClassVar[str] = "mean"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Mean"
    summary: ClassVar[str] = "Averages over one axis."
    when: ClassVar[str] = "To merge steps, rows or channels into one."
    synonyms: ClassVar[tuple[str, ...]] = ("average", "reduce", "pool", "aggregate")
    follows: ClassVar[tuple[str, ...]] = ("linear", "dropout")
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    axis: Axis = knob(
        0,
        "Axis",
        "Which axis is averaged away. 0 is the first: steps, or channels of an image. -1 is the last.",
        essential=True,
    )
    keepdim: bool = knob(
        False,
        "Keep the axis",
        "Keeps the axis with size 1, so that the result fits beside the input.",
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0]) or needs.axis_there(self.axis, inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        axis = self.axis % len(given.shape)
        made = (*given.shape[:axis], *(1,) * self.keepdim, *given.shape[axis + 1 :])
        line = "{in}.mean(dim={dim}, keepdim=True)" if self.keepdim else "{in}.mean(dim={dim})"
        role = given.role if self.keepdim else guess_role(made)
        return Call(None, line, values={"dim": axis + 1}, roles=(role,))

    def brief(self) -> str:
        return f"axis {self.axis}"


class LastStep(LayerType):
    """The last step of a sequence."""

    kind: ClassVar[str] = "last_step"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Last step"
    summary: ClassVar[str] = "Keeps the last step of a sequence."
    when: ClassVar[str] = "After layers that look back only, before the last Linear."
    synonyms: ClassVar[tuple[str, ...]] = ("select", "final", "take last", "slice")
    inputs: ClassVar[tuple[Port, ...]] = (Port("in"), Port("lengths", "lengths", optional=True))
    slug: ClassVar[str] = "last"
    follows: ClassVar[tuple[str, ...]] = ("linear", "dropout")
    example: ClassVar[Inputs] = ((SEQUENCE,), ())

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.sequence(inputs[0][0]) or needs.lengths(inputs[1])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        if inputs[1]:
            rows = "torch.arange({in}.shape[0], device={in}.device)"
            return Call(None, "{in}[" + rows + ", {lengths} - 1]", roles=("features",))
        return Call(None, "{in}[:, -1]", roles=("features",))

    @classmethod
    def adapt(
        cls, given: TensorType, consumer: LayerType, wanted: tuple[int, ...] = ()
    ) -> dict[str, Any] | None:
        """Turns a sequence into the features of its last step."""
        if given.role != "sequence" or needs.sequence(given):
            return None
        made = TensorType(given.shape[1:], "float32", "features")
        return {} if consumer.suits(made) and wanted in ((), made.shape) else None


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
