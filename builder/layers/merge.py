"""Layers where several branches become one."""

from typing import ClassVar, Literal

from builder.layers import needs
from builder.layers.base import Call, Inputs, LayerType, Mismatch, Port, TensorType, knob
from builder.layers.bounds import Axis

IMAGE = TensorType((3, 4, 4), "float32", "image")


class _Elementwise(LayerType):
    """What Add, Multiply, Subtract and Maximum have in common: shapes that are alike."""

    family: ClassVar[Literal["merge"]] = "merge"
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", many=True),)
    follows: ClassVar[tuple[str, ...]] = ("relu", "layer_norm", "conv2d", "linear")
    example: ClassVar[Inputs] = ((IMAGE, IMAGE),)
    joins: ClassVar[str]

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return _several(inputs[0]) or _alike(inputs[0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call(None, "{in}", roles=(_role(inputs[0]),), joins=self.joins)


class Add(_Elementwise):
    """The sum of its inputs."""

    kind: ClassVar[str] = "add"
    title: ClassVar[str] = "Add"
    summary: ClassVar[str] = "Adds its inputs value by value."
    when: ClassVar[str] = (
        "For shortcuts around layers: what a layer learned is added to what it got."
    )
    synonyms: ClassVar[tuple[str, ...]] = ("sum", "residual", "skip connection", "shortcut", "plus")
    joins: ClassVar[str] = " + "


class Subtract(_Elementwise):
    """The first input less the others."""

    kind: ClassVar[str] = "subtract"
    title: ClassVar[str] = "Subtract"
    summary: ClassVar[str] = "Takes the other inputs away from the first, value by value."
    when: ClassVar[str] = "To compare two branches, or to remove predicted noise."
    synonyms: ClassVar[tuple[str, ...]] = ("difference", "minus", "compare")
    joins: ClassVar[str] = " - "


class Multiply(_Elementwise):
    """The product of its inputs."""

    kind: ClassVar[str] = "multiply"
    title: ClassVar[str] = "Multiply"
    summary: ClassVar[str] = "Multiplies its inputs value by value."
    when: ClassVar[str] = "For gates and masks: one branch decides how much of another passes."
    synonyms: ClassVar[tuple[str, ...]] = ("product", "gate", "times", "squeeze and excitation")
    joins: ClassVar[str] = " * "


class Concat(LayerType):
    """Its inputs one after the other."""

    kind: ClassVar[str] = "concat"
    family: ClassVar[Literal["merge"]] = "merge"
    title: ClassVar[str] = "Concat"
    summary: ClassVar[str] = "Puts its inputs one after the other along one axis."
    when: ClassVar[str] = "To give a layer several branches at once, as in U-Net."
    synonyms: ClassVar[tuple[str, ...]] = ("concatenate", "cat", "join", "stack", "merge", "u-net")
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", many=True),)
    follows: ClassVar[tuple[str, ...]] = ("linear", "conv2d")
    example: ClassVar[Inputs] = ((IMAGE, IMAGE),)

    axis: Axis = knob(
        0,
        "Axis",
        "Along which axis they are joined. 0 is the first: the channels of images. -1 is the last: "
        "the features of sequences.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0]
        wrong = _several(given) or needs.axes(given[0]) or needs.axis_there(self.axis, given[0])
        if wrong:
            return wrong
        axis = self.axis % len(given[0].shape)
        rests = {_without(one.shape, axis) for one in given}
        if len(rests) == 1 and len({len(one.shape) for one in given}) == 1:
            return None
        return Mismatch(
            f"inputs that differ along axis {self.axis} only",
            "Bring them to the same size first, or join along another axis.",
            knob="axis",
            code="shapes_differ",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        axis = self.axis % len(inputs[0][0].shape)
        line = "torch.cat([{in}], dim={dim})"
        return Call(None, line, values={"dim": axis + 1}, roles=(_role(inputs[0]),))

    def brief(self) -> str:
        return f"axis {self.axis}"


class Maximum(LayerType):
    """The larger of two inputs, value by value."""

    kind: ClassVar[str] = "maximum"
    family: ClassVar[Literal["merge"]] = "merge"
    title: ClassVar[str] = "Maximum"
    summary: ClassVar[str] = "Keeps the larger of two inputs, value by value."
    when: ClassVar[str] = "To let two branches compete."
    synonyms: ClassVar[tuple[str, ...]] = ("max", "maxout", "larger")
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", "a"), Port("other", "b"))
    follows: ClassVar[tuple[str, ...]] = ("linear", "conv2d")
    example: ClassVar[Inputs] = ((IMAGE,), (IMAGE,))

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        both = (*inputs[0], *inputs[1])
        return needs.numbers(inputs[0][0]) or (_alike(both) if inputs[1] else None)

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        roles = (_role((*inputs[0], *inputs[1])),)
        return Call(None, "torch.maximum({in}, {other})", roles=roles)


def _several(given: tuple[TensorType, ...]) -> Mismatch | None:
    if len(given) < 2:
        return Mismatch("two or more connections", "Connect another layer to it.")
    return next((wrong for one in given if (wrong := needs.numbers(one))), None)


def _alike(given: tuple[TensorType, ...]) -> Mismatch | None:
    """Refuses shapes that are not the same; an axis of size 1 fits any size."""
    ranks = {len(one.shape) for one in given}
    if len(ranks) == 1 and all(
        len(set(sizes) - {1}) <= 1 for sizes in zip(*(one.shape for one in given), strict=True)
    ):
        return None
    return Mismatch(
        "inputs of the same shape",
        "Bring them to the same shape, with Linear or a 1×1 Conv2d.",
        code="shapes_differ",
    )


def _role(
    given: tuple[TensorType, ...],
) -> Literal["image", "sequence", "tokens", "features", "mask", "any"]:
    roles = {one.role for one in given}
    return given[0].role if len(roles) == 1 else "any"


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1 :])
