"""What may be asked of the sidecar: each kind's lane and time limit; no torch."""

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of request. A lane is one process: `quick` ones never wait behind `slow` ones."""

    name: str
    lane: str
    seconds: float
    """Longer than this and its process is ended."""
    doing: str
    """What it does, for the sentence that says it took too long."""


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("ping", "quick", 10, "Answering"),
        Kind("check", "quick", 30, "Checking the network"),
        Kind("code", "quick", 30, "Writing the code"),
        Kind("offers", "quick", 30, "Looking what fits"),
        Kind("predict", "quick", 60, "Predicting"),
        Kind("generate", "quick", 120, "Making new samples"),
        Kind("continue", "quick", 60, "Writing"),
        Kind("views", "quick", 60, "Looking into the layers"),
        Kind("rehearse", "slow", 60, "Trying a few steps"),
        Kind("evaluate", "slow", 600, "Measuring the model"),
        Kind("export", "slow", 600, "Exporting the model"),
    )
}
