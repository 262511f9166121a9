"""What of a job goes into a checkpoint and comes back from one."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from builder.errors import TrainError
from builder.train.checkpoint import Checkpoint, network_states
from builder.train.job import Job
from builder.train.pack import pack, random_state, set_random_state, unpack
from builder.train.progress import Progress
from builder.train.speed import align_state, lay_out

Weights = dict[str, Tensor]
"""Named `network/parameter`."""


def weights(job: Job) -> Weights:
    """Every parameter and buffer, as it is now (not a copy)."""
    return _named(job.networks)


def copied_weights(job: Job) -> Weights:
    """A copy of the weights to use after training that later steps do not touch, on the same device."""
    return {name: tensor.detach().clone() for name, tensor in _named(job.learner.kept()).items()}


def _named(networks: Mapping[str, nn.Module]) -> Weights:
    return {
        f"{name}/{key}": value
        for name, network in networks.items()
        for key, value in network.state_dict().items()
    }


def save_last(job: Job) -> str:
    """Writes all that an exact resume needs; returns the checkpoint's name."""
    assert job.checkpoints is not None
    optimizers: dict[str, Tensor] = {}
    generators: dict[str, Tensor] = {}
    learner: dict[str, Tensor] = {}
    packed = {
        "learner": pack(job.learner.state(), learner, "learner"),
        "optimizers": {
            role: pack(optimizer.state_dict(), optimizers, role)
            for role, optimizer in job.learner.optimizers.items()
        },
        "random": pack(random_state(), generators, "random"),
    }
    tensors = {"model": weights(job), "optim": optimizers, "random": generators}
    if learner:
        tensors["learner"] = learner
    state = {**job.progress.state(), **packed, "facts": dict(job.facts)}
    return job.checkpoints.save("last", job.progress.step, tensors, state)


def save_best(job: Job, best: Weights) -> str:
    """Writes the best weights, with what they scored; returns the checkpoint's name."""
    assert job.checkpoints is not None
    progress = job.progress
    state = {
        "epoch": progress.best_epoch,
        "step": progress.best_step,
        "metrics": progress.best_metrics,
        "facts": dict(job.facts),
    }
    return job.checkpoints.save("best", progress.best_step, {"model": best}, state)


def restore(job: Job, checkpoint: Checkpoint) -> None:
    """Puts networks, optimizers, generators and trackers back to where the checkpoint was written.

    Raises:
        TrainError: its weights do not belong to these networks.
    """
    states = network_states(checkpoint.tensors["model"])
    for name, network in job.networks.items():
        try:
            network.load_state_dict(states.get(name, {}))
        except RuntimeError as error:
            raise TrainError(
                f"The checkpoint {checkpoint.name} holds other weights than the network {name} has. "
                "Start a new run."
            ) from error
    state: dict[str, Any] = checkpoint.state
    for role, optimizer in job.learner.optimizers.items():
        optimizer.load_state_dict(unpack(state["optimizers"][role], checkpoint.tensors["optim"]))
    set_random_state(unpack(state["random"], checkpoint.tensors["random"]))
    if "learner" in state:
        tensors = checkpoint.tensors.get("learner", {})
        job.learner.restore(unpack(state["learner"], tensors))
    job.progress = Progress.restored(state)
    if job.progress.threads:
        torch.set_num_threads(job.progress.threads)
    lay_out(job.networks, job.progress.layout)
    for optimizer in job.learner.optimizers.values():
        align_state(optimizer)
