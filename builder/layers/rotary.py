"""Rotary positions, alone and inside attention."""

from typing import ClassVar, Literal

from builder.layers import needs
from builder.layers.base import (
    Call,
    Inputs,
    LayerType,
    Mismatch,
    Port,
    TensorType,
    beyond_defaults,
    knob,
)
from builder.layers.bounds import Share, Width
from builder.layers.examples import WIDE_SEQUENCE as SEQUENCE


class RotaryPositions(LayerType):
    """Pairs of features turned by an angle that grows with the step."""

    kind: ClassVar[str] = "rotary_positions"
    family: ClassVar[Literal["attention"]] = "attention"
    title: ClassVar[str] = "Rotary positions"
    reference: ClassVar[str] = "https://arxiv.org/abs/2104.09864"
    summary: ClassVar[str] = "Turns pairs of features by an angle that grows with the step."
    when: ClassVar[str] = (
        "On queries and keys that you multiply yourself; else use rotary attention."
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "rope",
        "positional encoding",
        "position",
        "order",
        "llama",
    )
    slug: ClassVar[str] = "rotary"
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = needs.sequence(given)
        if wrong or given.shape[1] % 2 == 0:
            return wrong
        return Mismatch(
            f"an even number of features, not {given.shape[1]}", "Put Linear before it."
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {"features": inputs[0][0].shape[1]}
        return Call("modules.RotaryPositions", arguments=arguments, roles=("sequence",))


class RotaryAttention(LayerType):
    """Self-attention that knows how far apart two steps are."""

    kind: ClassVar[str] = "rotary_attention"
    family: ClassVar[Literal["attention"]] = "attention"
    title: ClassVar[str] = "Rotary attention"
    reference: ClassVar[str] = "https://arxiv.org/abs/2104.09864"
    summary: ClassVar[str] = "Self-attention that knows how far apart two steps are."
    when: ClassVar[str] = "In language models and long sequences; no other positions are needed."
    synonyms: ClassVar[tuple[str, ...]] = (
        "rope",
        "rotary positions",
        "causal self-attention",
        "self-attention",
        "llama",
        "gpt",
    )
    inputs: ClassVar[tuple[Port, ...]] = (Port("in"), Port("lengths", "lengths", optional=True))
    slug: ClassVar[str] = "attention"
    example: ClassVar[Inputs] = ((SEQUENCE,), ())

    num_heads: Width = knob(
        4,
        "Heads",
        "How many ways of looking run side by side. Must divide the features into even parts. "
        "More see more kinds of relations.",
        essential=True,
    )
    causal: bool = knob(
        False,
        "Only look back",
        "Hides later steps from earlier ones. On for generating text and forecasting; "
        "off when the whole sequence is known.",
        essential=True,
    )
    dropout: Share = knob(
        0.0,
        "Share dropped",
        "The share of attention weights set to 0 in training. 0.1 against overfitting. "
        "More slows learning.",
        step=0.05,
    )
    bias: bool = knob(
        True, "Bias", "Adds learned numbers to queries, keys and values. Usually on. Costs little."
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = needs.sequence(given) or needs.lengths(inputs[1])
        wrong = wrong or needs.divides(
            self.num_heads, given.shape[1], knob="num_heads", named="heads", words="features"
        )
        if wrong or given.shape[1] // self.num_heads % 2 == 0:
            return wrong
        width = given.shape[1] // self.num_heads
        return Mismatch(
            f"an even number of features for each head, not {width}",
            "Use fewer heads, or put Linear before it.",
            knob="num_heads",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "features": inputs[0][0].shape[1],
            "num_heads": self.num_heads,
            **beyond_defaults(
                causal=(self.causal, False), dropout=(self.dropout, 0.0), bias=(self.bias, True)
            ),
        }
        forward = "{self}({in}, {lengths})" if inputs[1] else "{self}({in})"
        return Call("modules.RotaryAttention", forward, arguments, roles=("sequence",))

    def brief(self) -> str:
        return f"{self.num_heads} heads" + (" · looks back" if self.causal else "")
