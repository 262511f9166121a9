"""Layers that keep a part of their input, split it into parts, or fill it up."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from builder.layers import needs
from builder.layers.base import (
    Call,
    Family,
    Inputs,
    LayerType,
    Mismatch,
    Port,
    TensorType,
    guess_role,
    knob,
)
from builder.layers.bounds import Amount, Axis, Number, Size
from builder.layers.examples import SEQUENCE

Place = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
"""A place along an axis; negative ones count from the end."""


class Slice(LayerType):
    """A stretch of one axis."""

    kind: ClassVar[str] = "slice"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Slice"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.narrow"
    summary: ClassVar[str] = "Keeps a stretch of one axis."
    when: ClassVar[str] = "To cut off a border, the newest steps, or some of the channels."
    synonyms: ClassVar[tuple[str, ...]] = ("crop", "narrow", "cut", "range", "index")
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    axis: Axis = knob(
        0,
        "Axis",
        "Along which axis. 0 is the first after the batch. -1 is the last.",
        essential=True,
    )
    start: Place = knob(
        0,
        "From",
        "The first place kept, counted from 0. Negative numbers count from the end.",
        essential=True,
    )
    stop: Place = knob(
        -1,
        "Up to",
        "The first place left out. 0 goes to the end, -1 leaves out the last.",
        essential=True,
    )
    step: Size = knob(1, "Every", "1 keeps each place, 2 every second one. More keeps fewer.")

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if not given.shape:
            return Mismatch("at least one axis", "Take it out: there is nothing to cut.")
        wrong = needs.axis_there(self.axis, given)
        if wrong or len(range(given.shape[self.axis])[self._slice()]) > 0:
            return wrong
        size = given.shape[self.axis]
        return Mismatch(
            f"a stretch that is there: axis {self.axis} has places 0 to {size - 1}",
            "Set from to 0 and up to to 0 for all of them.",
            knob="start" if self.start != 0 else "stop",
        )

    def _slice(self) -> slice:
        return slice(self.start or None, self.stop or None, self.step)

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        axis = self.axis % len(given.shape)
        kept = f"{self.start or ''}:{self.stop or ''}" + (f":{self.step}" if self.step > 1 else "")
        places = ", ".join([":"] * (axis + 1) + [kept])
        return Call(None, "{in}[{places}]", values={"places": places}, roles=(given.role,))

    def brief(self) -> str:
        return f"axis {self.axis} · {self.start or ''}:{self.stop or ''}"


class Select(LayerType):
    """One place of one axis."""

    kind: ClassVar[str] = "select"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Select"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.select"
    summary: ClassVar[str] = "Keeps one place of an axis and drops the axis."
    when: ClassVar[str] = "For one step, one channel, or the class token of a transformer."
    synonyms: ClassVar[tuple[str, ...]] = ("index", "pick", "take", "class token", "gather")
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    axis: Axis = knob(
        0,
        "Axis",
        "Along which axis. 0 is the first after the batch. -1 is the last.",
        essential=True,
    )
    index: Place = knob(
        0, "Place", "Which place is kept, counted from 0. -1 is the last.", essential=True
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if not given.shape:
            return Mismatch("at least one axis", "Take it out: there is nothing to choose from.")
        wrong = needs.axis_there(self.axis, given)
        if wrong:
            return wrong
        size = given.shape[self.axis]
        if -size <= self.index < size:
            return None
        return Mismatch(
            f"a place that is there: axis {self.axis} has places 0 to {size - 1}, not {self.index}",
            f"Set place to {size - 1} or less." if self.index >= 0 else "Set place to -1.",
            knob="index",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        axis = self.axis % len(given.shape)
        made = (*given.shape[:axis], *given.shape[axis + 1 :])
        values = {"dim": axis + 1, "index": self.index}
        roles = (guess_role(made, given.dtype),)
        return Call(None, "{in}.select({dim}, {index})", values=values, roles=roles)

    def brief(self) -> str:
        return f"axis {self.axis} · place {self.index}"


class LastStep(LayerType):
    """The last step of a sequence."""

    kind: ClassVar[str] = "last_step"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Last step"
    reference: ClassVar[str] = "torch.select"
    summary: ClassVar[str] = "Keeps the last step of a sequence."
    when: ClassVar[str] = "After layers that look back only, before the last Linear."
    synonyms: ClassVar[tuple[str, ...]] = ("select", "final", "take last", "slice")
    inputs: ClassVar[tuple[Port, ...]] = (Port("in"), Port("lengths", "lengths", optional=True))
    slug: ClassVar[str] = "last"
    usual_after: ClassVar[tuple[Family, ...]] = ("recurrent",)
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


class Split(LayerType):
    """Equal parts of one axis, each with an output of its own."""

    kind: ClassVar[str] = "split"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Split"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.chunk"
    summary: ClassVar[str] = "Cuts an axis into equal parts, each with an output of its own."
    when: ClassVar[str] = "For queries, keys and values of one Linear, gates, and mean and spread."
    synonyms: ClassVar[tuple[str, ...]] = ("chunk", "divide", "unbind", "halves", "qkv")
    outputs: ClassVar[tuple[str, ...]] = ("part1", "part2")
    example: ClassVar[Inputs] = ((TensorType((6, 12), "float32", "sequence"),),)

    parts: Literal["2", "3", "4"] = knob(
        "2",
        "Parts",
        "How many equal parts there are. Must divide the size of the axis.",
        essential=True,
    )
    axis: Axis = knob(
        -1,
        "Axis",
        "Which axis is cut. -1 is the last: features. 0 is the first: channels of an image.",
        essential=True,
    )

    @classmethod
    def outputs_with(cls, knobs: Mapping[str, Any]) -> tuple[str, ...]:
        count = {"3": 3, "4": 4}.get(str(knobs.get("parts")), 2)
        return tuple(f"part{place}" for place in range(1, count + 1))

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        if not given.shape:
            return Mismatch("at least one axis", "Take it out: there is nothing to cut.")
        wrong = needs.axis_there(self.axis, given)
        if wrong or given.shape[self.axis] % int(self.parts) == 0:
            return wrong
        return Mismatch(
            f"a size that {self.parts} divides along axis {self.axis}, not {given.shape[self.axis]}",
            f"Give the layer before it a multiple of {self.parts} units, or choose another axis.",
            knob="parts" if self.parts != "2" else "axis",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        values = {"parts": self.parts, "dim": self.axis % len(given.shape) + 1}
        roles = (given.role,) * int(self.parts)
        return Call(None, "{in}.chunk({parts}, dim={dim})", values=values, roles=roles)

    def brief(self) -> str:
        return f"{self.parts} parts · axis {self.axis}"


class Pad(LayerType):
    """Values added before and behind one axis."""

    kind: ClassVar[str] = "pad"
    family: ClassVar[Literal["shape"]] = "shape"
    title: ClassVar[str] = "Pad"
    reference: ClassVar[str] = "torch.nn.functional.pad"
    summary: ClassVar[str] = "Adds one number before and behind along any axis."
    when: ClassVar[str] = "To shift a sequence, or to bring two branches to the same size."
    synonyms: ClassVar[tuple[str, ...]] = ("padding", "fill", "extend", "causal padding")
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    axis: Axis = knob(
        0,
        "Axis",
        "Along which axis. 0 is the first after the batch. -1 is the last.",
        essential=True,
    )
    before: Amount = knob(
        1, "Before", "How many values are added at the start. 0 adds none.", essential=True
    )
    after: Amount = knob(
        0, "Behind", "How many values are added at the end. 0 adds none.", essential=True
    )
    value: Number = knob(0.0, "Filled with", "The number that is added. 0 for most.", step=0.1)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0]) or needs.axis_there(self.axis, inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        behind = len(given.shape) - 1 - self.axis % len(given.shape)
        frame = ", ".join(["0, 0"] * behind + [f"{self.before}, {self.after}"])
        values: dict[str, Any] = {"frame": frame, "value": self.value}
        line = "nn.functional.pad({in}, ({frame}))"
        if self.value:
            line = "nn.functional.pad({in}, ({frame}), value={value})"
        return Call(None, line, values=values, roles=(given.role,))

    def brief(self) -> str:
        return f"axis {self.axis} · {self.before} + {self.after}"
