"""State spaces: sequences read with a memory that is computed for all steps together."""

from math import ceil
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from builder.layers import needs
from builder.layers.base import Call, Inputs, LayerType, Mismatch, TensorType, beyond_defaults, knob


class Mamba(LayerType):
    """A selective state space: each step decides what its memory keeps and what it writes.

    https://arxiv.org/abs/2312.00752
    """

    kind: ClassVar[str] = "mamba"
    family: ClassVar[Literal["recurrent"]] = "recurrent"
    title: ClassVar[str] = "Mamba"
    reference: ClassVar[str] = "https://arxiv.org/abs/2312.00752"
    summary: ClassVar[str] = "Reads a sequence with a memory whose forgetting follows the content."
    when: ClassVar[str] = (
        "For long text and series; time grows with the length, where attention's grows with its square."
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "ssm",
        "s6",
        "state space",
        "selective scan",
        "linear attention",
        "sequence",
    )
    unrolls: ClassVar[bool] = True
    example: ClassVar[Inputs] = ((TensorType((9, 16), "float32", "sequence"),),)

    states: Annotated[int, Field(ge=1, le=256)] = knob(
        16,
        "Memory a feature",
        "How many numbers each inner feature remembers. 16 suits most. More remembers longer and costs time.",
        essential=True,
    )
    expand: Annotated[int, Field(ge=1, le=8)] = knob(
        2,
        "Widening",
        "How many times wider it is inside. 2 is usual. Doubling it doubles weights and time.",
        essential=True,
    )
    kernel_size: Annotated[int, Field(ge=1, le=16)] = knob(
        4,
        "Window",
        "How many steps a small convolution sees before the memory. 4 is usual. More sees longer patterns.",
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.sequence(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "features": inputs[0][0].shape[1],
            **beyond_defaults(
                expand=(self.expand, 2), states=(self.states, 16), kernel_size=(self.kernel_size, 4)
            ),
        }
        return Call("modules.Mamba", arguments=arguments, roles=("sequence",))

    def brief(self) -> str:
        return f"{self.states} states · ×{self.expand} wide"

    def flops(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> int | None:
        """Matrices and window of each step; and of the scan a decay, a write and a read for each state."""
        steps, features = inputs[0][0].shape
        inner, rank = self.expand * features, ceil(features / 16)
        matrices = 3 * features * inner + inner * (2 * rank + 2 * self.states + self.kernel_size)
        return 2 * steps * (matrices + 3 * inner * self.states)
