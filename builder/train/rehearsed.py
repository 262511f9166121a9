"""What a few real steps before a run have told; plain data that travels as JSON; no torch."""

from builder.spec.base import Frozen


class Rehearsal(Frozen):
    """What a few real steps took; figures are of this machine as busy as it was.

    `held_bytes` is what one batch holds from forward to backward, measured on real tensors, weights left out.
    """

    device: str
    batch_size: int
    steps_per_epoch: int
    steps_taken: int
    epochs_taken: int
    seconds_per_step: float
    seconds_per_epoch: float
    held_bytes: int
