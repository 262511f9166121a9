"""Mixtures: several networks side by side, and a gate that picks among them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from builder.layers import needs
from builder.layers.base import Call, Inputs, LayerType, Mismatch, TensorType, beyond_defaults, knob
from builder.layers.bounds import Width

Experts = Annotated[int, Field(ge=1, le=64)]


class MixtureOfExperts(LayerType):
    """A gate picks a few of several small networks for each step."""

    kind: ClassVar[str] = "mixture_of_experts"
    family: ClassVar[Literal["dense"]] = "dense"
    title: ClassVar[str] = "Mixture of experts"
    reference: ClassVar[str] = "https://arxiv.org/abs/1701.06538"
    summary: ClassVar[str] = "A gate picks a few of several small networks for each step."
    when: ClassVar[str] = "In place of a transformer's inner network, when data is varied."
    more: ClassVar[str] = "All experts are computed."
    synonyms: ClassVar[tuple[str, ...]] = ("moe", "gate", "router", "sparse", "switch transformer")
    slug: ClassVar[str] = "experts"
    example: ClassVar[Inputs] = ((TensorType((6, 16), "float32", "sequence"),),)

    hidden: Width = knob(
        64,
        "Inner units",
        "Width of each expert. Two to four times the features. More costs weights and time.",
        essential=True,
    )
    experts: Experts = knob(
        4,
        "Experts",
        "How many small networks there are. 4 to 8 to begin with. Each adds its weights and its time.",
        essential=True,
    )
    active: Experts = knob(
        2,
        "Active at once",
        "How many experts answer for one step, at most all. 2 is usual. More blends them and specialises less.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.axes(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        arguments = {
            "features": given.shape[-1],
            "hidden": self.hidden,
            **beyond_defaults(
                experts=(self.experts, 4), active=(min(self.active, self.experts), 2)
            ),
        }
        return Call("modules.MixtureOfExperts", arguments=arguments, roles=(given.role,))

    def brief(self) -> str:
        return f"{min(self.active, self.experts)} of {self.experts} experts"
