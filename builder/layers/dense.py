"""Layers that mix all features: Linear and its kin."""

from math import prod
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
    beyond_defaults,
    knob,
)
from builder.layers.bounds import Width
from builder.spec.data import Role

Products = Annotated[int, Field(ge=1, le=4096)]
"""Units of Bilinear: torch computes their shapes one by one, a million take most of a minute."""


class Linear(LayerType):
    """A weighted sum of all features, for each unit its own."""

    kind: ClassVar[str] = "linear"
    family: ClassVar[Literal["dense"]] = "dense"
    title: ClassVar[str] = "Linear"
    linear_map: ClassVar[bool] = True
    last_axis: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.nn.Linear"
    summary: ClassVar[str] = "Each unit is a weighted sum of all features, plus a bias."
    when: ClassVar[str] = "For flat features, and as the last layer."
    more: ClassVar[str] = "More units can fit more, and overfit more."
    synonyms: ClassVar[tuple[str, ...]] = (
        "dense",
        "fully connected",
        "fc",
        "perceptron",
        "projection",
        "mlp",
        "affine",
    )
    usual_after: ClassVar[tuple[Family, ...]] = (
        "activation",
        "recurrent",
        "input_output",
        "shape",
        "pooling",
        "attention",
        "normalisation",
        "merge",
        "dense",
    )
    example: ClassVar[Inputs] = ((TensorType((16,), "float32", "features"),),)

    out_features: Width = knob(
        64,
        "Units",
        "How many values come out. The last layer needs one for each class. "
        "Doubling them doubles this layer's weights.",
        essential=True,
    )
    bias: bool = knob(
        True,
        "Bias",
        "Adds a learned number to each unit. Turn it off when a batch normalisation follows, "
        "which has its own.",
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        role: Role = given.role if len(given.shape) < 3 else "any"
        return Call(
            "nn.Linear",
            arguments={
                "in_features": given.shape[-1],
                "out_features": self.out_features,
                **beyond_defaults(bias=(self.bias, True)),
            },
            roles=(role,),
        )

    def brief(self) -> str:
        return f"{self.out_features} unit{'' if self.out_features == 1 else 's'}"

    @classmethod
    def adapt(
        cls, given: TensorType, consumer: LayerType, wanted: tuple[int, ...] = ()
    ) -> dict[str, Any] | None:
        """Projects the last axis to the wanted width."""
        if not wanted or not given.shape or given.dtype != "float32":
            return None
        if given.shape[:-1] != wanted[:-1] or given.shape == wanted:
            return None
        return {"out_features": wanted[-1]}


class Bilinear(LayerType):
    """A weighted sum of all products of two inputs' features."""

    kind: ClassVar[str] = "bilinear"
    family: ClassVar[Literal["dense"]] = "dense"
    title: ClassVar[str] = "Bilinear"
    last_axis: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.nn.Bilinear"
    summary: ClassVar[str] = (
        "Each unit weighs every product of a feature of one input and one of the other."
    )
    when: ClassVar[str] = "To compare two things."
    more: ClassVar[str] = "Weights grow with both widths."
    synonyms: ClassVar[tuple[str, ...]] = ("product", "interaction", "similarity")
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", "a"), Port("other", "b"))
    example: ClassVar[Inputs] = ((TensorType((6,), "float32", "features"),), (TensorType((5,)),))

    out_features: Products = knob(
        32,
        "Units",
        "How many values come out. Start small. Each unit has a weight for every pair of features.",
        essential=True,
    )
    bias: bool = knob(
        True, "Bias", "Adds a learned number to each unit. Usually on. It costs one weight a unit."
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        wrong = needs.axes(inputs[0][0]) or (
            needs.axes(inputs[1][0], port="other") if inputs[1] else None
        )
        if wrong or not inputs[1]:
            return wrong
        if inputs[0][0].shape[:-1] == inputs[1][0].shape[:-1]:
            return None
        return Mismatch(
            "two inputs that differ in their last axis only", "Flatten both first.", "other"
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        first, second = inputs[0][0], inputs[1][0]
        return Call(
            "nn.Bilinear",
            "{self}({in}, {other})",
            {
                "in1_features": first.shape[-1],
                "in2_features": second.shape[-1],
                "out_features": self.out_features,
                **beyond_defaults(bias=(self.bias, True)),
            },
            roles=(first.role if len(first.shape) < 3 else "any",),
        )

    def flops(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> int | None:
        """Each unit multiplies one input by its table and the result by the other; torch counts nothing here."""
        (first,), (second,) = inputs
        rows = prod(first.shape[:-1])
        return 2 * rows * self.out_features * first.shape[-1] * (second.shape[-1] + 1)

    def brief(self) -> str:
        return f"{self.out_features} unit{'' if self.out_features == 1 else 's'}"


class Identity(LayerType):
    """Nothing at all: what comes in goes out."""

    kind: ClassVar[str] = "identity"
    family: ClassVar[Literal["dense"]] = "dense"
    title: ClassVar[str] = "Identity"
    passes: ClassVar[bool] = True
    reference: ClassVar[str] = "torch.nn.Identity"
    summary: ClassVar[str] = "Passes its input on unchanged."
    when: ClassVar[str] = "As a place holder, or to give a point in the network a name."
    synonyms: ClassVar[tuple[str, ...]] = ("nothing", "pass", "skip", "no-op", "placeholder")
    example: ClassVar[Inputs] = ((TensorType((16,), "float32", "features"),),)

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call("nn.Identity", roles=(inputs[0][0].role,))
