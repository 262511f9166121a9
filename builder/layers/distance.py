"""Layers that say how alike or how far apart two inputs are."""

from typing import ClassVar, Literal

from builder.layers import alike, needs
from builder.layers.base import (
    Call,
    Inputs,
    LayerType,
    Mismatch,
    Port,
    TensorType,
    beyond_defaults,
    guess_role,
    knob,
)
from builder.layers.bounds import Axis, Epsilon, Positive
from builder.layers.examples import SEQUENCE


class _Distance(LayerType):
    """What comparisons have in common: two inputs of the same shape, one number in place of an axis."""

    family: ClassVar[Literal["merge"]] = "merge"
    when: ClassVar[str] = "For siamese networks and search: two branches meet here."
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", "a"), Port("other", "b"))
    example: ClassVar[Inputs] = ((SEQUENCE,), (SEQUENCE,))

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        both = (*inputs[0], *inputs[1])
        wrong = needs.axes(inputs[0][0])
        if wrong or not inputs[1] or len({one.shape for one in both}) == 1:
            return wrong
        return alike.same(both) or Mismatch(
            "two inputs of exactly the same shape",
            "Use layers of the same size in both branches.",
            "other",
        )


class CosineSimilarity(_Distance):
    """The cosine of the angle between two inputs."""

    kind: ClassVar[str] = "cosine_similarity"
    title: ClassVar[str] = "CosineSimilarity"
    reference: ClassVar[str] = "torch.nn.CosineSimilarity"
    summary: ClassVar[str] = "Says how alike two inputs point: 1 the same way, -1 opposite."
    synonyms: ClassVar[tuple[str, ...]] = (
        "cosine",
        "angle",
        "similarity",
        "siamese",
        "contrastive",
    )

    axis: Axis = knob(
        -1, "Axis", "Along which axis they are compared. -1 is the last: the features."
    )
    eps: Epsilon = knob(
        1e-8, "Epsilon", "A small number that prevents division by zero. Rarely changed."
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return super().accepts(*inputs) or needs.axis_there(self.axis, inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0].shape
        axis = self.axis % len(given)
        arguments = {"dim": axis + 1, **beyond_defaults(eps=(self.eps, 1e-8))}
        made = (*given[:axis], *given[axis + 1 :])
        return Call(
            "nn.CosineSimilarity", "{self}({in}, {other})", arguments, roles=(guess_role(made),)
        )

    def brief(self) -> str:
        return f"axis {self.axis}"


class PairwiseDistance(_Distance):
    """The length of the difference of two inputs."""

    kind: ClassVar[str] = "pairwise_distance"
    title: ClassVar[str] = "PairwiseDistance"
    reference: ClassVar[str] = "torch.nn.PairwiseDistance"
    summary: ClassVar[str] = "Says how far apart two inputs are; 0 means the same."
    synonyms: ClassVar[tuple[str, ...]] = ("euclidean", "distance", "norm", "siamese", "triplet")

    p: Positive = knob(
        2.0,
        "Power",
        "2 is the straight-line distance, 1 adds up the differences. More looks at the largest.",
        essential=True,
    )
    eps: Epsilon = knob(
        1e-6, "Epsilon", "A small number that keeps gradients finite at 0. Rarely changed."
    )
    keepdim: bool = knob(
        False,
        "Keep the axis",
        "Gives a list of one value instead of a bare one, as Linear needs it.",
    )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        made = (*inputs[0][0].shape[:-1], *(1,) * self.keepdim)
        arguments = beyond_defaults(
            p=(self.p, 2.0), eps=(self.eps, 1e-6), keepdim=(self.keepdim, False)
        )
        return Call(
            "nn.PairwiseDistance", "{self}({in}, {other})", arguments, roles=(guess_role(made),)
        )

    def brief(self) -> str:
        return f"power {self.p:g}"
