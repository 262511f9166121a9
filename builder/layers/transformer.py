"""Transformers, whole and in parts: attention and a small network for each step, with shortcuts around both."""

from functools import partial
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
from builder.layers.bounds import Count, Share, Width
from builder.layers.examples import WIDE_SEQUENCE as SEQUENCE
from builder.layers.masks import masks

MEMORY = TensorType((5, 16), "float32", "sequence")

_causal = partial(
    knob,
    title="Only look back",
    description="Hides later steps from earlier ones. On for generating text and forecasting; "
    "off when the whole sequence is known.",
    essential=True,
)
_layers = partial(
    knob,
    title="Layers",
    description="How many are stacked. 2 to 6 for most. More can learn more and trains slower.",
    essential=True,
)


class _Transformer(LayerType):
    """What all parts have in common. https://arxiv.org/abs/1706.03762"""

    family: ClassVar[Literal["attention"]] = "attention"

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
        "Share dropped",
        "The share of values set to 0 in training. 0.1 is usual. More slows learning.",
        step=0.05,
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

    def fits(self, given: TensorType) -> Mismatch | None:
        """Refuses what is no sequence, or cannot be split among the heads."""
        return needs.sequence(given) or needs.divides(
            self.nhead, given.shape[1], knob="nhead", named="heads", words="features"
        )

    def settings(self, features: int) -> dict[str, Any]:
        """Arguments of the constructor that all parts have."""
        return {
            "d_model": features,
            "nhead": self.nhead,
            "dim_feedforward": self.dim_feedforward,
            **beyond_defaults(
                dropout=(self.dropout, 0.1),
                activation=(self.activation, "relu"),
                norm_first=(self.norm_first, False),
            ),
        }


class _Encoder(_Transformer):
    """What encoders have in common: one sequence, each step of which looks at the others."""

    inputs: ClassVar[tuple[Port, ...]] = (Port("in"), Port("lengths", "lengths", optional=True))
    slug: ClassVar[str] = "encoder"
    example: ClassVar[Inputs] = ((SEQUENCE,), ())

    causal: bool = _causal(False)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return self.fits(inputs[0][0]) or needs.lengths(inputs[1])

    def forward(self, padded: bool) -> str:
        """The forward line, with what is hidden."""
        hidden = masks(
            "{in}", self.causal, padded, attention="src_mask", padding="src_key_padding_mask"
        )
        return "{self}({in}" + hidden + ")"


class TransformerEncoderLayer(_Encoder):
    """Attention, then a small network for each step, both with a shortcut around them."""

    kind: ClassVar[str] = "transformer_encoder_layer"
    title: ClassVar[str] = "TransformerEncoderLayer"
    reference: ClassVar[str] = "torch.nn.TransformerEncoderLayer"
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
    usual_after: ClassVar[tuple[Family, ...]] = ("attention", "dense", "normalisation")

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {**self.settings(inputs[0][0].shape[1]), "batch_first": True}
        forward = self.forward(bool(inputs[1]))
        return Call("nn.TransformerEncoderLayer", forward, arguments, roles=("sequence",))

    def brief(self) -> str:
        return f"{self.nhead} heads · " + (
            "looks back" if self.causal else f"{self.dim_feedforward} inner"
        )


class TransformerEncoder(_Encoder):
    """Several encoder layers, one after the other, each with weights of its own."""

    kind: ClassVar[str] = "transformer_encoder"
    title: ClassVar[str] = "TransformerEncoder"
    reference: ClassVar[str] = "torch.nn.TransformerEncoder"
    summary: ClassVar[str] = "A whole stack of attention layers over one sequence."
    when: ClassVar[str] = "After an Embedding with positions, for text, series and patches."
    synonyms: ClassVar[tuple[str, ...]] = (
        "transformer",
        "bert",
        "gpt",
        "self-attention",
        "stack",
    )

    num_layers: Count = _layers(2)

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {**self.settings(inputs[0][0].shape[1]), "num_layers": self.num_layers}
        forward = self.forward(bool(inputs[1]))
        return Call("modules.TransformerEncoder", forward, arguments, roles=("sequence",))

    def brief(self) -> str:
        return f"{self.num_layers} layers · {self.nhead} heads"


class _Decoder(_Transformer):
    """What decoders have in common: a sequence that looks at itself and at another, the memory."""

    inputs: ClassVar[tuple[Port, ...]] = (
        Port("in", "target"),
        Port("memory", "memory"),
        Port("lengths", "lengths", optional=True),
        Port("memory_lengths", "memory lengths", optional=True),
    )
    slug: ClassVar[str] = "decoder"
    example: ClassVar[Inputs] = ((SEQUENCE,), (MEMORY,), (), ())

    causal: bool = _causal(True)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        (given,), memory, lengths, memory_lengths = inputs
        wrong = (
            self.fits(given)
            or needs.lengths(lengths)
            or needs.lengths(memory_lengths, port="memory_lengths")
        )
        if wrong or not memory:
            return wrong
        return needs.sequence(memory[0], port="memory") or needs.same_features(
            given, memory[0], port="memory"
        )

    def forward(self, padded: bool, memory_padded: bool) -> str:
        """The forward line, with what is hidden of the target and of the memory."""
        hidden = masks(
            "{in}",
            self.causal,
            padded,
            attention="tgt_mask",
            padding="tgt_key_padding_mask",
            said="tgt_is_causal",
        )
        hidden += masks(
            "{memory}",
            False,
            memory_padded,
            attention="memory_mask",
            padding="memory_key_padding_mask",
            lengths="memory_lengths",
        )
        return "{self}({in}, {memory}" + hidden + ")"


class TransformerDecoderLayer(_Decoder):
    """Attention to itself, attention to a memory, then a small network for each step."""

    kind: ClassVar[str] = "transformer_decoder_layer"
    title: ClassVar[str] = "TransformerDecoderLayer"
    reference: ClassVar[str] = "torch.nn.TransformerDecoderLayer"
    summary: ClassVar[str] = "Lets a sequence look back at itself and across at another."
    when: ClassVar[str] = "To write one sequence while reading another, as in translation."
    synonyms: ClassVar[tuple[str, ...]] = (
        "transformer",
        "decoder",
        "cross-attention",
        "translation",
        "seq2seq",
    )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {**self.settings(inputs[0][0].shape[1]), "batch_first": True}
        forward = self.forward(bool(inputs[2]), bool(inputs[3]))
        return Call("nn.TransformerDecoderLayer", forward, arguments, roles=("sequence",))

    def brief(self) -> str:
        return f"{self.nhead} heads · {self.dim_feedforward} inner"


class TransformerDecoder(_Decoder):
    """Several decoder layers, one after the other, each with weights of its own."""

    kind: ClassVar[str] = "transformer_decoder"
    title: ClassVar[str] = "TransformerDecoder"
    reference: ClassVar[str] = "torch.nn.TransformerDecoder"
    summary: ClassVar[str] = (
        "A whole stack that looks back at itself and across at another sequence."
    )
    when: ClassVar[str] = "Behind a TransformerEncoder, its memory."
    synonyms: ClassVar[tuple[str, ...]] = (
        "transformer",
        "cross-attention",
        "translation",
        "seq2seq",
        "stack",
    )

    num_layers: Count = _layers(2)

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {**self.settings(inputs[0][0].shape[1]), "num_layers": self.num_layers}
        forward = self.forward(bool(inputs[2]), bool(inputs[3]))
        return Call("modules.TransformerDecoder", forward, arguments, roles=("sequence",))

    def brief(self) -> str:
        return f"{self.num_layers} layers · {self.nhead} heads"


class Transformer(_Transformer):
    """Encoder and decoder together, as first published."""

    kind: ClassVar[str] = "transformer"
    title: ClassVar[str] = "Transformer"
    reference: ClassVar[str] = "torch.nn.Transformer"
    summary: ClassVar[str] = "Reads one sequence whole and writes another while looking at it."
    when: ClassVar[str] = (
        "For translation and the like, between embeddings with positions and a Linear."
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "encoder decoder",
        "translation",
        "seq2seq",
        "attention is all you need",
    )
    inputs: ClassVar[tuple[Port, ...]] = (
        Port("in", "source"),
        Port("target", "target"),
        Port("lengths", "lengths", optional=True),
        Port("target_lengths", "target lengths", optional=True),
    )
    example: ClassVar[Inputs] = ((MEMORY,), (SEQUENCE,), (), ())

    num_encoder_layers: Count = _layers(2, title="Encoder layers")
    num_decoder_layers: Count = _layers(2, title="Decoder layers")
    causal: bool = _causal(True, essential=False)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        (given,), target, lengths, target_lengths = inputs
        wrong = (
            self.fits(given)
            or needs.lengths(lengths)
            or needs.lengths(target_lengths, port="target_lengths")
        )
        if wrong or not target:
            return wrong
        return needs.sequence(target[0], port="target") or needs.same_features(
            given, target[0], port="target"
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            **self.settings(inputs[0][0].shape[1]),
            "num_encoder_layers": self.num_encoder_layers,
            "num_decoder_layers": self.num_decoder_layers,
        }
        hidden = masks(
            "{target}",
            self.causal,
            bool(inputs[3]),
            attention="tgt_mask",
            padding="tgt_key_padding_mask",
            lengths="target_lengths",
            said="tgt_is_causal",
        )
        hidden += masks("{in}", False, bool(inputs[2]), attention="", padding="padding")
        forward = "{self}({in}, {target}" + hidden + ")"
        return Call("modules.Transformer", forward, arguments, roles=("sequence",))

    def brief(self) -> str:
        return f"{self.num_encoder_layers} + {self.num_decoder_layers} layers · {self.nhead} heads"
