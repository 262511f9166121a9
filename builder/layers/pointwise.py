"""What functions of one value at a time share: any numbers in, the same shape out."""

from typing import Any, ClassVar, Literal

from builder.layers import needs
from builder.layers.base import Call, Inputs, LayerType, Mismatch, TensorType


class Activation(LayerType):
    """What activations have in common; a family shares its answers through one parent."""

    family: ClassVar[Literal["activation"]] = "activation"
    example: ClassVar[Inputs] = ((TensorType((16,), "float32", "features"),),)

    def accepts(self, *inputs: tuple[TensorType, ...]) -> Mismatch | None:
        return needs.numbers(inputs[0][0])

    def call(self, *inputs: tuple[TensorType, ...]) -> Call:
        given = inputs[0][0]
        return Call(f"nn.{self.title}", arguments=self.settings(given), roles=(given.role,))

    def settings(self, given: TensorType) -> dict[str, Any]:
        """Arguments of the constructor; most activations have none."""
        return {}
