"""What data and recipe promise a network: the inputs it will be fed and the outputs it must give."""

from typing import Literal, NamedTuple

from builder.layers.base import TensorType

VOCABULARY = "vocabulary"
"""The variable with which the data say how many different tokens there are."""


class Feed(NamedTuple):
    """One input that will be fed: a data field, or a name the recipe gives (noise, time, label)."""

    name: str
    type: TensorType
    vocabulary: str = VOCABULARY
    """Of tokens: the variable that says how many different ones there are."""


class Want(NamedTuple):
    """One output that is needed: its shape without the batch, what its values mean, and the reason in words."""

    name: str
    shape: tuple[int, ...] | None
    """None: any shape."""
    kind: Literal["logits", "numbers", "any"] = "any"
    why: str = ""
    optional: bool = False
    """It may be left out."""
    by_name: bool = False
    """Only an output of this role gives it; one without a role stands for the others."""


class Expectation(NamedTuple):
    """Everything a network is to live up to. `variables` are the read-only ones: `classes`, `features`, ...

    `batch_size` is None when it is not known yet; `why` gives reasons in words by input, output or variable name.
    """

    inputs: tuple[Feed, ...] = ()
    outputs: tuple[Want, ...] = ()
    variables: dict[str, int] = {}
    batch_size: int | None = None
    why: dict[str, str] = {}

    def feed(self, role: str) -> Feed | None:
        """The feed an input of this role gets: by name, or the only one when the role is empty."""
        if not role:
            return self.inputs[0] if len(self.inputs) == 1 else None
        return next((feed for feed in self.inputs if feed.name == role), None)

    def want(self, role: str) -> Want | None:
        """What is wanted of an output of this role: by name, or the only one when the role is empty."""
        if not role:
            unnamed = [want for want in self.outputs if not want.by_name]
            return unnamed[0] if len(unnamed) == 1 else None
        return next((want for want in self.outputs if want.name == role), None)


EMPTY = Expectation()
"""Nothing is known: no data, no recipe."""
