"""Layers that let each step look at all others, and those that tell them where they stand."""

from math import prod
from typing import Any, ClassVar, Literal

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
from builder.layers.bounds import Share, Width
from builder.layers.examples import WIDE_SEQUENCE as SEQUENCE
from builder.layers.masks import masks


class MultiheadAttention(LayerType):
    """Each step gathers from the steps that matter to it, in several ways at once.

    https://arxiv.org/abs/1706.03762
    """

    kind: ClassVar[str] = "multihead_attention"
    family: ClassVar[Literal["attention"]] = "attention"
    title: ClassVar[str] = "MultiheadAttention"
    reference: ClassVar[str] = "torch.nn.MultiheadAttention"
    summary: ClassVar[str] = "Lets each step gather what it needs from all other steps."
    when: ClassVar[str] = "Where distant steps matter to each other; add positions before it."
    synonyms: ClassVar[tuple[str, ...]] = (
        "self-attention",
        "cross-attention",
        "transformer",
        "mha",
        "query key value",
    )
    inputs: ClassVar[tuple[Port, ...]] = (
        Port("in", "q"),
        Port("key", "k", optional=True),
        Port("value", "v", optional=True),
        Port("lengths", "lengths", optional=True),
    )
    slug: ClassVar[str] = "attention"
    usual_after: ClassVar[tuple[Family, ...]] = ("normalisation",)
    example: ClassVar[Inputs] = ((SEQUENCE,), (), (), ())

    num_heads: Width = knob(
        4,
        "Heads",
        "How many ways of looking run side by side. Must divide the features. "
        "More heads see more kinds of relations, each more coarsely.",
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
        (query,), keys, values, lengths = inputs
        wrong = (
            needs.sequence(query)
            or needs.divides(
                self.num_heads, query.shape[1], knob="num_heads", named="heads", words="features"
            )
            or needs.lengths(lengths)
        )
        for port, wired in (("key", keys), ("value", values)):
            wrong = wrong or (needs.sequence(wired[0], port=port) if wired else None)
        if wrong:
            return wrong
        key = keys[0] if keys else query
        value = values[0] if values else key
        wrong = needs.same_steps([key, value], port="value")
        if wrong or not self.causal or key.shape[0] == query.shape[0]:
            return wrong
        return Mismatch(
            f"as many steps to look at as steps that look, not {key.shape[0]} and {query.shape[0]}",
            "Turn off only look back for cross-attention.",
            "key",
            "causal",
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        (query,), keys, values, lengths = inputs
        key = keys[0] if keys else query
        value = values[0] if values else key
        key_name = "{key}" if keys else "{in}"
        value_name = "{value}" if values else key_name
        hidden = masks(
            key_name, self.causal, bool(lengths), attention="attn_mask", padding="key_padding_mask"
        )
        features = query.shape[1]
        arguments = {
            "embed_dim": features,
            "num_heads": self.num_heads,
            **beyond_defaults(
                dropout=(self.dropout, 0.0),
                bias=(self.bias, True),
                kdim=(key.shape[1], features),
                vdim=(value.shape[1], features),
            ),
            "batch_first": True,
        }
        forward = f"{{self}}({{in}}, {key_name}, {value_name}{hidden}, need_weights=False)[0]"
        return Call("nn.MultiheadAttention", forward, arguments, roles=("sequence",))

    def brief(self) -> str:
        return f"{self.num_heads} heads" + (" · looks back" if self.causal else "")


class ScaledDotProductAttention(LayerType):
    """The bare mechanism: no weights, queries against keys, values mixed by how well they fit.

    https://arxiv.org/abs/1706.03762
    """

    kind: ClassVar[str] = "scaled_dot_product_attention"
    family: ClassVar[Literal["attention"]] = "attention"
    title: ClassVar[str] = "Scaled dot-product attention"
    reference: ClassVar[str] = "torch.nn.functional.scaled_dot_product_attention"
    summary: ClassVar[str] = "Mixes values by how well their keys fit each query, without weights."
    when: ClassVar[str] = "To build attention of your own, with Linear layers before it."
    synonyms: ClassVar[tuple[str, ...]] = (
        "sdpa",
        "attention",
        "flash attention",
        "query key value",
        "self-attention",
    )
    inputs: ClassVar[tuple[Port, ...]] = (Port("in", "q"), Port("key", "k"), Port("value", "v"))
    slug: ClassVar[str] = "attention"
    example: ClassVar[Inputs] = ((SEQUENCE,), (SEQUENCE,), (SEQUENCE,))

    causal: bool = knob(
        False,
        "Only look back",
        "Hides later steps from earlier ones. On for generating text and forecasting; "
        "off when the whole sequence is known.",
        essential=True,
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        (query,), keys, values = inputs
        wrong = needs.axes(query, 2)
        for port, wired in (("key", keys), ("value", values)):
            wrong = wrong or (needs.axes(wired[0], 2, port=port) if wired else None)
        if wrong or not keys or not values:
            return wrong
        key, value = keys[0].shape, values[0].shape
        if key[:-2] != query.shape[:-2] or key[-1] != query.shape[-1]:
            return Mismatch(
                f"keys of {query.shape[-1]} features, like the queries, and the same axes before",
                "Put Linear before it, with the same units for queries and keys.",
                "key",
            )
        if value[:-1] != key[:-1]:
            return Mismatch(
                f"one value for each of the {key[-2]} keys",
                "Make values and keys from the same sequence.",
                "value",
            )
        if self.causal and key[-2] != query.shape[-2]:
            return Mismatch(
                f"as many keys as queries, not {key[-2]} and {query.shape[-2]}",
                "Turn off only look back.",
                "key",
                "causal",
            )
        return None

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        causal = ", is_causal=True" if self.causal else ""
        line = "nn.functional.scaled_dot_product_attention({in}, {key}, {value}" + causal + ")"
        return Call(None, line, roles=(inputs[0][0].role,))

    def brief(self) -> str:
        return "looks back" if self.causal else ""

    def flops(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> int | None:
        """Every query meets every key, and every value is weighed once for every query."""
        (query,), (key,), (value,) = inputs
        pairs = prod(query.shape[:-1]) * key.shape[-2]
        return 2 * pairs * (query.shape[-1] + value.shape[-1])


class SinusoidalPositions(LayerType):
    """Fixed waves that tell each step where it stands.

    https://arxiv.org/abs/1706.03762
    """

    kind: ClassVar[str] = "sinusoidal_positions"
    family: ClassVar[Literal["attention"]] = "attention"
    title: ClassVar[str] = "Sinusoidal positions"
    reference: ClassVar[str] = "https://arxiv.org/abs/1706.03762"
    summary: ClassVar[str] = "Adds fixed waves to a sequence, so that each step knows its place."
    when: ClassVar[str] = "Before attention, which sees no order by itself."
    synonyms: ClassVar[tuple[str, ...]] = (
        "positional encoding",
        "position",
        "time",
        "order",
        "transformer",
    )
    slug: ClassVar[str] = "positions"
    usual_after: ClassVar[tuple[Family, ...]] = ("input_output", "dense")
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.sequence(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call("modules.SinusoidalPositions", arguments=_table(inputs), roles=("sequence",))


class LearnedPositions(LayerType):
    """One learned row for each place in a sequence."""

    kind: ClassVar[str] = "learned_positions"
    family: ClassVar[Literal["attention"]] = "attention"
    title: ClassVar[str] = "Learned positions"
    reference: ClassVar[str] = "https://arxiv.org/abs/1705.03122"
    summary: ClassVar[str] = "Adds a learned list of numbers for each place in a sequence."
    when: ClassVar[str] = "Before attention, when all sequences have the same length."
    synonyms: ClassVar[tuple[str, ...]] = (
        "positional embedding",
        "position",
        "order",
        "transformer",
        "gpt",
    )
    slug: ClassVar[str] = "positions"
    usual_after: ClassVar[tuple[Family, ...]] = ("input_output", "dense")
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.sequence(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call("modules.LearnedPositions", arguments=_table(inputs), roles=("sequence",))


def _table(inputs: Inputs) -> dict[str, Any]:
    steps, features = inputs[0][0].shape
    return {"steps": steps, "features": features}
