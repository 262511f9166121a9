"""New samples by diffusion: pure noise goes in, the network takes it away step by step (DDIM)."""

from typing import Any

import torch
from noising import Noising
from torch import Tensor

SETTINGS: dict[str, type] = {"sampling_steps": int, "guidance": float}


def samples(model: Any, shapes: dict[str, Any], seed: int, labels: Tensor, settings: Any) -> Tensor:
    """Samples as the network is trained on them, float32 (count, C, H, W), the same for the same seed.

    Args:
        model: takes one tensor for each of `shapes`, in that order.
        shapes: of what the network is fed, by name, without the batch: the noisy picture, `time`, perhaps `label`.
        seed: start of all chance.
        labels: a row for each sample, its class as 1 at its place and 0 elsewhere, float32 (count, classes).
        settings: those of the training, and of this draw.
    """
    generator = torch.Generator().manual_seed(seed)
    picture = next(name for name in shapes if name not in ("time", "label"))
    noise = torch.randn(len(labels), *shapes[picture], generator=generator)

    def denoise(images: Tensor, times: Tensor, asked: Tensor | None) -> Tensor:
        given = {picture: images, "time": times, "label": asked}
        said: Tensor = model(*(given[name] for name in shapes))
        return said

    noising = Noising(settings["noise_steps"], settings["noise_schedule"], settings["predicts"])
    made: Tensor = noising.sample(
        denoise,
        noise,
        steps=settings["sampling_steps"],
        labels=labels if "label" in shapes else None,
        guidance=settings["guidance"],
    )
    return made
