"""Layers where several branches become one: joined, stacked or multiplied as matrices."""

import re
from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints

from builder.layers import alike, needs
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
from builder.layers.bounds import Axis
from builder.layers.examples import IMAGE, SEQUENCE

SQUARE = TensorType((6, 6), "float32", "sequence")

Equation = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{1,6}(,[a-z]{1,6}){0,3}->[a-z]{0,6}$", max_length=40)
]
"""Letters and signs only: it is printed between quotes."""


class Concat(LayerType):
    """Its inputs one after the other."""

    kind: ClassVar[str] = "concat"
    family: ClassVar[Literal["merge"]] = "merge"
    title: ClassVar[str] = "Concat"
    reference: ClassVar[str] = "torch.cat"
    summary: ClassVar[str] = "Puts its inputs one after the other along one axis."
    when: ClassVar[str] = "To give a layer several branches at once, as in U-Net."
    synonyms: ClassVar[tuple[str, ...]] = ("concatenate", "cat", "join", "merge", "u-net")
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", many=True),)
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
        wrong = (
            alike.several(given) or needs.axes(given[0]) or needs.axis_there(self.axis, given[0])
        )
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
        return Call(None, line, values={"dim": axis + 1}, roles=(alike.role(inputs[0]),))

    def brief(self) -> str:
        return f"axis {self.axis}"


class Stack(LayerType):
    """Its inputs side by side along a new axis."""

    kind: ClassVar[str] = "stack"
    family: ClassVar[Literal["merge"]] = "merge"
    title: ClassVar[str] = "Stack"
    reference: ClassVar[str] = "torch.stack"
    summary: ClassVar[str] = "Puts inputs of the same shape side by side along a new axis."
    when: ClassVar[str] = "To make a sequence of several answers, or channels of several maps."
    synonyms: ClassVar[tuple[str, ...]] = ("pile", "join", "new axis", "collect")
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", many=True),)
    example: ClassVar[Inputs] = ((SEQUENCE, SEQUENCE),)

    axis: Axis = knob(
        0,
        "Axis",
        "Where the new axis stands. 0 is before the others, -1 behind them.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0]
        wrong = alike.several(given)
        if wrong:
            return wrong
        if len({one.shape for one in given}) > 1:
            return Mismatch(
                "inputs of exactly the same shape", "Bring them to the same shape first."
            )
        if len(given[0].shape) >= 6:
            return Mismatch("at most five axes", "Put Flatten or Reshape before it.")
        return needs.axis_there(self.axis, TensorType((*given[0].shape, 1)))

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0].shape
        axis = self.axis % (len(given) + 1)
        made = (*given[:axis], len(inputs[0]), *given[axis:])
        line = "torch.stack([{in}], dim={dim})"
        return Call(None, line, values={"dim": axis + 1}, roles=(guess_role(made),))

    def brief(self) -> str:
        return f"axis {self.axis}"


class MatMul(LayerType):
    """The matrix product of two inputs."""

    kind: ClassVar[str] = "matmul"
    family: ClassVar[Literal["merge"]] = "merge"
    title: ClassVar[str] = "MatMul"
    reference: ClassVar[str] = "torch.matmul"
    summary: ClassVar[str] = "Multiplies two inputs as matrices, rows by columns."
    when: ClassVar[str] = "To compare every step of one sequence with every step of another."
    synonyms: ClassVar[tuple[str, ...]] = ("matrix product", "dot product", "bmm", "similarity")
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", "a"), Port("other", "b"))
    example: ClassVar[Inputs] = ((SQUARE,), (SQUARE,))

    transpose: bool = knob(
        True,
        "Turn the second",
        "Swaps the last two axes of the second input first. On to compare two sequences by features.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        first = inputs[0][0]
        wrong = needs.axes(first, 2) or (
            needs.axes(inputs[1][0], 2, port="other") if inputs[1] else None
        )
        if wrong or not inputs[1]:
            return wrong
        second = inputs[1][0].shape
        if second[:-2] != first.shape[:-2]:
            return Mismatch(
                "two inputs with the same axes before the last two", "Reshape one of them.", "other"
            )
        meets = second[-1 if self.transpose else -2]
        if meets == first.shape[-1]:
            return None
        turned = "off" if self.transpose else "on"
        return Mismatch(
            f"{first.shape[-1]} values to meet the last axis of the first input, not {meets}",
            f"Turn {turned} turn the second, or put Linear before one of them.",
            "other",
            "transpose",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        turned = "{other}.transpose(-2, -1)" if self.transpose else "{other}"
        made = (*inputs[0][0].shape[:-1], 0)
        return Call(None, "{in} @ " + turned, roles=(guess_role(made),))

    def brief(self) -> str:
        return "a × bᵀ" if self.transpose else "a × b"


class Einsum(LayerType):
    """Products and sums named by letters, for all that has no layer of its own."""

    kind: ClassVar[str] = "einsum"
    family: ClassVar[Literal["merge"]] = "merge"
    title: ClassVar[str] = "Einsum"
    reference: ClassVar[str] = "torch.einsum"
    summary: ClassVar[str] = "Multiplies inputs along named axes and adds up those left out."
    when: ClassVar[str] = "For products that MatMul cannot say, such as outer products."
    synonyms: ClassVar[tuple[str, ...]] = (
        "einstein",
        "tensor product",
        "contraction",
        "outer product",
    )
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", many=True),)
    example: ClassVar[Inputs] = ((SEQUENCE, SEQUENCE),)

    equation: Equation = knob(
        "td,sd->ts",
        "Equation",
        "A letter for each axis of each input, without the batch, then -> and the letters that stay. "
        "The others are added up.",
        essential=True,
        needs="letters for each input, then -> and those that stay, such as td,sd->ts",
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        terms, stays = self._parts()
        if len(terms) != len(inputs[0]):
            return self._wrong(f"{len(terms)} connections, one for each group of letters")
        sizes: dict[str, int] = {}
        for term, given in zip(terms, inputs[0], strict=True):
            wrong = needs.numbers(given)
            if wrong:
                return wrong
            if len(term) != len(given.shape):
                return self._wrong(f"{len(term)} axes for {term}, not {len(given.shape)}")
            for letter, size in zip(term, given.shape, strict=True):
                if sizes.setdefault(letter, size) != size:
                    return self._wrong(f"one size for {letter}, not {sizes[letter]} and {size}")
        if set(stays) <= set(sizes) and len(set(stays)) == len(stays):
            return needs.holdable(tuple(sizes[letter] for letter in stays), knob="equation")
        return self._wrong(f"letters behind the arrow that are there once, not {stays}")

    def _parts(self) -> tuple[list[str], str]:
        before, stays = re.split("->", self.equation)
        return before.split(","), stays

    def _wrong(self, needed: str) -> Mismatch:
        return Mismatch(needed, "Change the equation or the connections.", knob="equation")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        terms, stays = self._parts()
        equation = f"{','.join(f'B{term}' for term in terms)}->B{stays}"  # B: the batch
        made = tuple(1 for _ in stays)
        line = 'torch.einsum("{equation}", {in})'
        return Call(None, line, values={"equation": equation}, roles=(guess_role(made),))

    def brief(self) -> str:
        return self.equation[:32]


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1 :])
