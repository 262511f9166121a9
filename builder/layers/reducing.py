"""Layers that merge one axis into a single value: mean, sum, largest, smallest."""

from typing import ClassVar, Literal

from builder.layers import needs
from builder.layers.base import Call, Inputs, LayerType, Mismatch, TensorType, guess_role, knob
from builder.layers.bounds import Axis
from builder.layers.examples import SEQUENCE


class _Reduce(LayerType):
    """What reductions have in common; `method` is torch's name."""

    family: ClassVar[Literal["shape"]] = "shape"
    example: ClassVar[Inputs] = ((SEQUENCE,),)
    method: ClassVar[str]

    axis: Axis = knob(
        0,
        "Axis",
        "Which axis is merged. 0 is the first: steps, or channels of an image. -1 is the last.",
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
        kept = ", keepdim=True" if self.keepdim else ""
        line = "{in}." + self.method + "(dim={dim}" + kept + ")"
        role = given.role if self.keepdim else guess_role(made)
        return Call(None, line, values={"dim": axis + 1}, roles=(role,))

    def brief(self) -> str:
        return f"axis {self.axis}"


class Mean(_Reduce):
    """One axis is averaged away."""

    kind: ClassVar[str] = "mean"
    title: ClassVar[str] = "Mean"
    reference: ClassVar[str] = "torch.mean"
    summary: ClassVar[str] = "Averages over one axis."
    when: ClassVar[str] = "To merge steps, rows or channels into one."
    synonyms: ClassVar[tuple[str, ...]] = ("average", "reduce", "pool", "aggregate")
    method: ClassVar[str] = "mean"


class Sum(_Reduce):
    """One axis is added up."""

    kind: ClassVar[str] = "sum"
    title: ClassVar[str] = "Sum"
    reference: ClassVar[str] = "torch.sum"
    summary: ClassVar[str] = "Adds up the values along one axis."
    when: ClassVar[str] = "To count or collect, or after weights that add up to 1."
    synonyms: ClassVar[tuple[str, ...]] = ("add up", "total", "reduce", "aggregate")
    method: ClassVar[str] = "sum"


class Largest(_Reduce):
    """One axis becomes its largest value."""

    kind: ClassVar[str] = "largest"
    title: ClassVar[str] = "Largest"
    reference: ClassVar[str] = "torch.amax"
    summary: ClassVar[str] = "Keeps the largest value along one axis."
    when: ClassVar[str] = "Where it matters that something occurs, not how often."
    synonyms: ClassVar[tuple[str, ...]] = ("max", "amax", "reduce", "pool")
    method: ClassVar[str] = "amax"


class Smallest(_Reduce):
    """One axis becomes its smallest value."""

    kind: ClassVar[str] = "smallest"
    title: ClassVar[str] = "Smallest"
    reference: ClassVar[str] = "torch.amin"
    summary: ClassVar[str] = "Keeps the smallest value along one axis."
    when: ClassVar[str] = "For the nearest of several distances."
    synonyms: ClassVar[tuple[str, ...]] = ("min", "amin", "reduce")
    method: ClassVar[str] = "amin"
