"""What every part of the document shares: frozen, strict, closed models and bounded text."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Frozen(BaseModel):
    """A part of the document: immutable, strictly typed, refusing unknown fields, NaN and infinity."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""Made by us, never shown: node, wire end, block, project and run ids."""

MAX_LABEL = 200

Label = Annotated[str, StringConstraints(max_length=MAX_LABEL)]
"""Text of the user's own; shown as text, never executed, never an identifier."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,39}$")]
"""A word usable in expressions: variables, ports, roles, network names."""
