"""One step of a recurrent layer, for loops that are drawn by hand."""

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
from builder.layers.bounds import Width
from builder.spec.data import Role


class _Cell(LayerType):
    """What cells have in common: the features of one step, and a state that may come from the cell before.

    Draw one cell for each step and connect its state to the next; without one it starts from zeros. A block that
    is repeated with shared weights makes a loop of it.
    """

    family: ClassVar[Literal["recurrent"]] = "recurrent"
    when: ClassVar[str] = (
        "To draw a loop by hand: connect its state to the next cell's, or repeat a block around it."
    )
    inputs: ClassVar[tuple[Port, ...]] = (Port("in"), Port("state", "state", optional=True))
    slug: ClassVar[str] = "cell"
    example: ClassVar[Inputs] = ((TensorType((5,), "float32", "features"),), ())

    hidden_size: Width = knob(
        64,
        "Units",
        "How much the cell can remember. 32 to 256 for most. "
        "Doubling it makes weights and time four times as many.",
        essential=True,
    )
    bias: bool = knob(
        True, "Bias", "Adds learned numbers to every gate. Usually on. Costs few weights."
    )

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        given = inputs[0][0]
        wrong = needs.numbers(given)
        if wrong is None and len(given.shape) != 1:
            wrong = Mismatch("the features of one step", "Take a step out with Select before it.")
        for port, wired in zip(self.inputs[1:], inputs[1:], strict=True):
            if wrong is None and wired:
                wrong = self._is_state(wired[0], port.name)
        return wrong

    def _is_state(self, given: TensorType, port: str) -> Mismatch | None:
        if given.dtype == "float32" and given.shape == (self.hidden_size,):
            return None
        return Mismatch(
            f"a state of {self.hidden_size} values, as this cell gives",
            "Connect a cell with the same units.",
            port,
        )

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        arguments = {
            "input_size": inputs[0][0].shape[0],
            "hidden_size": self.hidden_size,
            **beyond_defaults(bias=(self.bias, True)),
            **self.settings(),
        }
        role: Role = "features"
        return Call(
            f"nn.{self.title}", self.forward(inputs), arguments, roles=(role,) * len(self.outputs)
        )

    def forward(self, inputs: Inputs) -> str:
        """The forward line, with the state where one is connected."""
        return "{self}({in}, {state})" if inputs[1] else "{self}({in})"

    def settings(self) -> dict[str, Any]:
        """Arguments that only this cell has."""
        return {}

    def brief(self) -> str:
        return f"{self.hidden_size} units"


class RNNCell(_Cell):
    """One step of the plain recurrent layer."""

    kind: ClassVar[str] = "rnn_cell"
    title: ClassVar[str] = "RNNCell"
    reference: ClassVar[str] = "torch.nn.RNNCell"
    summary: ClassVar[str] = "One step of an RNN."
    synonyms: ClassVar[tuple[str, ...]] = ("recurrent", "elman", "one step", "memory")

    nonlinearity: Literal["tanh", "relu"] = knob(
        "tanh",
        "Activation",
        "What each step goes through. Tanh is steady. ReLU can carry further and explode.",
    )

    def settings(self) -> dict[str, Any]:
        return beyond_defaults(nonlinearity=(self.nonlinearity, "tanh"))


class LSTMCell(_Cell):
    """One step of an LSTM: a state to show and a cell to remember."""

    kind: ClassVar[str] = "lstm_cell"
    title: ClassVar[str] = "LSTMCell"
    reference: ClassVar[str] = "torch.nn.LSTMCell"
    summary: ClassVar[str] = "One step of an LSTM, with its state and its memory."
    synonyms: ClassVar[tuple[str, ...]] = (
        "recurrent",
        "long short-term memory",
        "one step",
        "memory",
    )
    inputs: ClassVar[tuple[Port, ...]] = (
        Port("in"),
        Port("state", "state", optional=True),
        Port("memory", "memory", optional=True),
    )
    outputs: ClassVar[tuple[str, ...]] = ("out", "memory")
    example: ClassVar[Inputs] = ((TensorType((5,), "float32", "features"),), (), ())

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        wrong = super().accepts(*inputs)
        if wrong or bool(inputs[1]) == bool(inputs[2]):
            return wrong
        return Mismatch(
            "state and memory of the same cell, or neither",
            "Connect both outputs of the cell before it.",
            "memory" if inputs[1] else "state",
        )

    def forward(self, inputs: Inputs) -> str:
        return "{self}({in}, ({state}, {memory}))" if inputs[1] else "{self}({in})"


class GRUCell(_Cell):
    """One step of a GRU."""

    kind: ClassVar[str] = "gru_cell"
    title: ClassVar[str] = "GRUCell"
    reference: ClassVar[str] = "torch.nn.GRUCell"
    summary: ClassVar[str] = "One step of a GRU."
    synonyms: ClassVar[tuple[str, ...]] = (
        "recurrent",
        "gated recurrent unit",
        "one step",
        "memory",
    )
