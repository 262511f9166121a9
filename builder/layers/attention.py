"""Layers that let each step look at all others, and those that tell them where they stand."""

from typing import Any, ClassVar, Literal

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

SEQUENCE = TensorType((6, 16), "float32", "sequence")


class MultiheadAttention(LayerType):
    """Each step gathers from the steps that matter to it, in several ways at once.

    https://arxiv.org/abs/1706.03762
    """

    kind: ClassVar[str] = "multihead_attention"
    family: ClassVar[Literal["attention"]] = "attention"
    title: ClassVar[str] = "MultiheadAttention"
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
    follows: ClassVar[tuple[str, ...]] = ("add", "layer_norm", "pool_steps")
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
        "Dropout",
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
        masks = _masks(
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
        forward = f"{{self}}({{in}}, {key_name}, {value_name}{masks}, need_weights=False)[0]"
        return Call("nn.MultiheadAttention", forward, arguments, roles=("sequence",))

    def brief(self) -> str:
        return f"{self.num_heads} heads" + (" · looks back" if self.causal else "")


class TransformerEncoderLayer(LayerType):
    """Attention, then a small network for each step, both with a shortcut around them.

    https://arxiv.org/abs/1706.03762
    """

    kind: ClassVar[str] = "transformer_encoder_layer"
    family: ClassVar[Literal["attention"]] = "attention"
    title: ClassVar[str] = "TransformerEncoderLayer"
    summary: ClassVar[str] = "Attention and a small network for each step, with shortcuts."
    when: ClassVar[str] = "Stacked two to twelve times for text, series and image patches."
    synonyms: ClassVar[tuple[str, ...]] = (
        "transformer",
        "encoder",
        "decoder",
        "bert",
        "gpt",
        "self-attention",
    )
    inputs: ClassVar[tuple[Port, ...]] = (Port("in"), Port("lengths", "lengths", optional=True))
    slug: ClassVar[str] = "encoder"
    follows: ClassVar[tuple[str, ...]] = (
        "transformer_encoder_layer",
        "pool_steps",
        "linear",
        "layer_norm",
    )
    example: ClassVar[Inputs] = ((SEQUENCE,), ())

    nhead: Width = knob(
        4,
        "Heads",
        "How many ways of looking run side by side. Must divide the features. "
        "More heads see more kinds of relations, each more coarsely.",
        essential=True,
    )
    dim_feedforward: Width = knob(
        128,
        "Inner units",
        "Width of the small network for each step. Two to four times the features. "
        "More costs weights and time.",
        essential=True,
    )
    dropout: Share = knob(
        0.1,
        "Dropout",
        "The share of values set to 0 in training. 0.1 is usual. More slows learning.",
        essential=True,
        step=0.05,
    )
    causal: bool = knob(
        False,
        "Only look back",
        "Hides later steps from earlier ones. On for generating text and forecasting; "
        "off when the whole sequence is known.",
        essential=True,
    )
    norm_first: bool = knob(
        True,
        "Normalise first",
        "Normalises before attention instead of after. Trains deep stacks more steadily. "
        "Off is the original form.",
    )
    activation: Literal["relu", "gelu"] = knob(
        "gelu", "Activation", "What the small network uses. GELU in most; ReLU in the original."
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        return (
            needs.sequence(given)
            or needs.divides(
                self.nhead, given.shape[1], knob="nhead", named="heads", words="features"
            )
            or needs.lengths(inputs[1])
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "d_model": inputs[0][0].shape[1],
            "nhead": self.nhead,
            "dim_feedforward": self.dim_feedforward,
            **beyond_defaults(
                dropout=(self.dropout, 0.1),
                activation=(self.activation, "relu"),
                norm_first=(self.norm_first, False),
            ),
            "batch_first": True,
        }
        masks = _masks(
            "{in}",
            self.causal,
            bool(inputs[1]),
            attention="src_mask",
            padding="src_key_padding_mask",
        )
        forward = "{self}({in}" + masks + ")"
        return Call("nn.TransformerEncoderLayer", forward, arguments, roles=("sequence",))

    def brief(self) -> str:
        return f"{self.nhead} heads · " + (
            "looks back" if self.causal else f"{self.dim_feedforward} inner"
        )


class SinusoidalPositions(LayerType):
    """Fixed waves that tell each step where it stands.

    https://arxiv.org/abs/1706.03762
    """

    kind: ClassVar[str] = "sinusoidal_positions"
    family: ClassVar[Literal["attention"]] = "attention"
    title: ClassVar[str] = "Sinusoidal positions"
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
    follows: ClassVar[tuple[str, ...]] = (
        "transformer_encoder_layer",
        "multihead_attention",
        "dropout",
    )
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
    follows: ClassVar[tuple[str, ...]] = (
        "transformer_encoder_layer",
        "multihead_attention",
        "dropout",
    )
    example: ClassVar[Inputs] = ((SEQUENCE,),)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.sequence(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        return Call("modules.LearnedPositions", arguments=_table(inputs), roles=("sequence",))


def _table(inputs: Inputs) -> dict[str, Any]:
    steps, features = inputs[0][0].shape
    return {"steps": steps, "features": features}


def _masks(name: str, causal: bool, padded: bool, *, attention: str, padding: str) -> str:
    """The arguments that hide later steps and padding from attention; both masks are True where hidden."""
    steps, device = f"{name}.shape[1]", f"device={name}.device"
    text = ""
    if causal:
        ones = f"torch.ones({steps}, {steps}, dtype=torch.bool, {device})"
        text += f", {attention}={ones}.triu(1), is_causal=True"
    if padded:
        text += f", {padding}=torch.arange({steps}, {device}) >= {{lengths}}[:, None]"
    return text
