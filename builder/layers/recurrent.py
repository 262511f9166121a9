"""Layers that read a sequence step by step and remember."""

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
from builder.spec.data import Role


class _Recurrent(LayerType):
    """What RNN, LSTM and GRU have in common: one parent, because only cell and words differ."""

    family: ClassVar[Literal["recurrent"]] = "recurrent"
    inputs: ClassVar[tuple[Port, ...]] = (Port("in"), Port("lengths", "lengths", optional=True))
    unrolls: ClassVar[bool] = True
    example: ClassVar[Inputs] = ((TensorType((9, 5), "float32", "sequence"),), ())
    gates: ClassVar[int]
    states: ClassVar[str] = "[1]"
    """What follows a call to reach the last hidden state of every layer and direction."""

    hidden_size: Width = knob(
        64,
        "Units",
        "How much the layer can remember. 32 to 256 for most. "
        "Doubling it makes weights and time four times as many.",
        essential=True,
    )
    output: Literal["last", "sequence"] = knob(
        "last",
        "Gives",
        "Last: one answer for the whole sequence. Sequence: one for each step, "
        "for a further recurrent layer or attention.",
        essential=True,
    )
    num_layers: Count = knob(
        1,
        "Layers",
        "How many of these are stacked. 1 or 2 for most. More can learn more and trains slower.",
        essential=True,
    )
    bidirectional: bool = knob(
        False,
        "Both directions",
        "Also reads from the end. For whole sequences known at once; not for forecasting. "
        "Doubles the features.",
        essential=True,
    )
    dropout: Share = knob(
        0.0,
        "Dropped between layers",
        "The share of values set to 0 between stacked layers in training. "
        "Against overfitting, from two layers on.",
        step=0.05,
    )

    bias: bool = knob(
        True, "Bias", "Adds learned numbers to every gate. Usually on. Costs few weights."
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.sequence(inputs[0][0]) or needs.lengths(inputs[1])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "input_size": inputs[0][0].shape[1],
            "hidden_size": self.hidden_size,
            **beyond_defaults(
                num_layers=(self.num_layers, 1),
                bidirectional=(self.bidirectional, False),
                dropout=(self.dropout if self.num_layers > 1 else 0.0, 0.0),
                bias=(self.bias, True),
            ),
            **self.settings(),
        }
        role: Role = "features" if self.output == "last" else "sequence"
        if inputs[1]:
            own = {"cell": self.title, **arguments, "last": self.output == "last"}
            return Call("modules.PaddedRecurrent", "{self}({in}, {lengths})", own, roles=(role,))
        arguments["batch_first"] = True
        return Call(f"nn.{self.title}", "{self}({in})" + self._taken(), arguments, roles=(role,))

    def settings(self) -> dict[str, Any]:
        """Arguments that only this cell has."""
        return {}

    def _taken(self) -> str:
        """What is taken of torch's (every step, last states)."""
        if self.output == "sequence":
            return "[0]"
        if not self.bidirectional:
            return "[0][:, -1]"
        # The backward direction has read everything when it is at the first step, so both last states.
        return self.states + "[-2:].transpose(0, 1).flatten(1)"

    def brief(self) -> str:
        parts = [f"{self.hidden_size} units"]
        if self.num_layers > 1:
            parts.append(f"{self.num_layers} layers")
        elif self.bidirectional:
            parts.append("both directions")
        else:
            parts.append("last step" if self.output == "last" else "every step")
        return " · ".join(parts)

    def flops(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> int | None:
        """Each gate of each step multiplies the input and the hidden state once."""
        steps, features = inputs[0][0].shape
        directions = 2 if self.bidirectional else 1
        hidden = self.hidden_size
        widths = [features] + [directions * hidden] * (self.num_layers - 1)
        return sum(2 * self.gates * hidden * (w + hidden) * steps * directions for w in widths)


class RNN(_Recurrent):
    """The plain recurrent layer."""

    kind: ClassVar[str] = "rnn"
    title: ClassVar[str] = "RNN"
    reference: ClassVar[str] = "torch.nn.RNN"
    summary: ClassVar[str] = "Reads a sequence step by step with a simple memory."
    when: ClassVar[str] = (
        "For short sequences and to learn how recurrence works; else use LSTM or GRU."
    )
    synonyms: ClassVar[tuple[str, ...]] = ("recurrent", "elman", "sequence", "series", "memory")
    gates: ClassVar[int] = 1

    nonlinearity: Literal["tanh", "relu"] = knob(
        "tanh",
        "Activation",
        "What each step goes through. Tanh is steady. ReLU can carry further and explode.",
    )

    def settings(self) -> dict[str, Any]:
        return beyond_defaults(nonlinearity=(self.nonlinearity, "tanh"))


class LSTM(_Recurrent):
    """The recurrent layer with gates and a long memory."""

    kind: ClassVar[str] = "lstm"
    title: ClassVar[str] = "LSTM"
    reference: ClassVar[str] = "torch.nn.LSTM"
    summary: ClassVar[str] = "Reads a sequence step by step with gates that keep or forget."
    when: ClassVar[str] = "For series, text and signals where order matters."
    synonyms: ClassVar[tuple[str, ...]] = (
        "recurrent",
        "long short-term memory",
        "sequence",
        "series",
        "forecast",
        "memory",
    )
    usual_after: ClassVar[tuple[Family, ...]] = ("input_output", "shape", "recurrent", "dense")
    gates: ClassVar[int] = 4
    states: ClassVar[str] = "[1][0]"


class GRU(_Recurrent):
    """An LSTM with fewer gates."""

    kind: ClassVar[str] = "gru"
    title: ClassVar[str] = "GRU"
    reference: ClassVar[str] = "torch.nn.GRU"
    summary: ClassVar[str] = "Reads a sequence step by step with two gates."
    when: ClassVar[str] = "Like LSTM, with a quarter fewer weights and often as good."
    synonyms: ClassVar[tuple[str, ...]] = (
        "recurrent",
        "gated recurrent unit",
        "sequence",
        "series",
        "memory",
    )
    usual_after: ClassVar[tuple[Family, ...]] = ("input_output", "recurrent", "dense")
    gates: ClassVar[int] = 3
