"""How far a run is: everything besides tensors that must come back for an exact resume."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Progress:
    """Counters and trackers of a run; all JSON."""

    epoch: int = 0
    """Whole epochs done."""
    step: int = 0
    """Optimisation steps done."""
    step_in_epoch: int = 0
    loss_sum: float = 0.0
    """Of this epoch's steps, added one by one, so that grouping never shows."""
    best_value: float | None = None
    best_metrics: dict[str, float | None] = field(default_factory=dict)
    best_epoch: int = 0
    best_step: int = 0
    best_name: str = ""
    """Checkpoint of the best weights; empty until written."""
    epochs_without_gain: int = 0
    seconds: float = 0.0
    threads: int = 0
    layout: str = "contiguous"
    """Of four-dimensional weights in memory; a resume goes on with the same."""
    choices: dict[str, Any] = field(default_factory=dict)
    over: str = ""
    """Why training is done; empty while it is not."""

    def state(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> "Progress":
        """From what `state` gave; unknown keys of a newer version are left out."""
        known = {name: state[name] for name in cls.__dataclass_fields__ if name in state}
        return cls(**known)
