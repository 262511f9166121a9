"""Layers that combine branches value by value."""

from typing import ClassVar, Literal

from builder.layers import alike, needs
from builder.layers.base import Call, Inputs, LayerType, Mismatch, Port, TensorType
from builder.layers.examples import IMAGE


class _Elementwise(LayerType):
    """What sums, differences, products and quotients have in common: shapes that are alike."""

    family: ClassVar[Literal["merge"]] = "merge"
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", many=True),)
    example: ClassVar[Inputs] = ((IMAGE, IMAGE),)
    joins: ClassVar[str]

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return alike.several(inputs[0]) or alike.same(inputs[0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call(None, "{in}", roles=(alike.role(inputs[0]),), joins=self.joins)


class Add(_Elementwise):
    """The sum of its inputs."""

    kind: ClassVar[str] = "add"
    title: ClassVar[str] = "Add"
    reference: ClassVar[str] = "torch.add"
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
    reference: ClassVar[str] = "torch.sub"
    summary: ClassVar[str] = "Takes the other inputs away from the first, value by value."
    when: ClassVar[str] = "To compare two branches, or to remove predicted noise."
    synonyms: ClassVar[tuple[str, ...]] = ("difference", "minus", "compare")
    joins: ClassVar[str] = " - "


class Multiply(_Elementwise):
    """The product of its inputs."""

    kind: ClassVar[str] = "multiply"
    title: ClassVar[str] = "Multiply"
    reference: ClassVar[str] = "torch.mul"
    summary: ClassVar[str] = "Multiplies its inputs value by value."
    when: ClassVar[str] = "For gates and masks: one branch decides how much of another passes."
    synonyms: ClassVar[tuple[str, ...]] = ("product", "gate", "times", "squeeze and excitation")
    joins: ClassVar[str] = " * "


class Divide(_Elementwise):
    """The first input over the others."""

    kind: ClassVar[str] = "divide"
    title: ClassVar[str] = "Divide"
    reference: ClassVar[str] = "torch.div"
    summary: ClassVar[str] = "Divides the first input by the others, value by value."
    when: ClassVar[str] = "To make shares and ratios."
    more: ClassVar[str] = "Zeros in the others give no number: put Clamp before it."
    synonyms: ClassVar[tuple[str, ...]] = ("quotient", "ratio", "over", "normalise")
    joins: ClassVar[str] = " / "


class _Compared(LayerType):
    """What keeping the larger or the smaller of two inputs has in common."""

    family: ClassVar[Literal["merge"]] = "merge"
    when: ClassVar[str] = "To let two branches compete."
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", "a"), Port("other", "b"))
    example: ClassVar[Inputs] = ((IMAGE,), (IMAGE,))
    function: ClassVar[str]

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        both = (*inputs[0], *inputs[1])
        return needs.numbers(inputs[0][0]) or (alike.same(both) if inputs[1] else None)

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        roles = (alike.role((*inputs[0], *inputs[1])),)
        return Call(None, self.function + "({in}, {other})", roles=roles)


class Maximum(_Compared):
    """The larger of two inputs, value by value."""

    kind: ClassVar[str] = "maximum"
    title: ClassVar[str] = "Maximum"
    reference: ClassVar[str] = "torch.maximum"
    summary: ClassVar[str] = "Keeps the larger of two inputs, value by value."
    synonyms: ClassVar[tuple[str, ...]] = ("max", "maxout", "larger")
    function: ClassVar[str] = "torch.maximum"


class Minimum(_Compared):
    """The smaller of two inputs, value by value."""

    kind: ClassVar[str] = "minimum"
    title: ClassVar[str] = "Minimum"
    reference: ClassVar[str] = "torch.minimum"
    summary: ClassVar[str] = "Keeps the smaller of two inputs, value by value."
    synonyms: ClassVar[tuple[str, ...]] = ("min", "smaller", "lower")
    function: ClassVar[str] = "torch.minimum"
