"""Diffusion as it is printed into exports: noise put into images and taken out again; torch only.

Training follows Ho et al. 2020 (DDPM), the cosine schedule Nichol and Dhariwal 2021, the velocity Salimans and Ho 2022,
sampling Song et al. 2021 (DDIM), guidance Ho and Salimans 2022 (classifier-free).
"""

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

Schedule = Literal["linear", "cosine"]
Predicts = Literal["noise", "velocity"]
Denoiser = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""From noisy images (B, C, H, W), times int64 (B,), one-hot labels (B, classes) or None to (B, C, H, W)."""

FARTHEST = 4.0
"""Prepared pixels lie nearer to 0 than this; a first guess out of pure noise may not."""


class Noising:
    """How much of an image is left at each of `steps` times: image · signal(t) + noise · spread(t).

    Images are float32 (B, C, H, W), about as far from 0 as the noise is: standardised, or from 0 to 1. Time 0 is nearly
    the image, time `steps - 1` nearly noise.
    """

    def __init__(
        self, steps: int, schedule: Schedule = "cosine", predicts: Predicts = "velocity"
    ) -> None:
        self.steps = steps
        self.predicts = predicts
        kept = _kept(steps, schedule)  # (T,)
        self.signal = kept.sqrt().float()
        self.spread = (1 - kept).sqrt().float()

    def noisy(self, images: Tensor, noise: Tensor, times: Tensor) -> Tensor:
        """The images as they are at `times`, int64 (B,)."""
        signal, spread = self._at(times, images)
        return signal * images + spread * noise

    def target(self, images: Tensor, noise: Tensor, times: Tensor) -> Tensor:
        """What a network is to say of `noisy(images, noise, times)`."""
        if self.predicts == "noise":
            return noise
        signal, spread = self._at(times, images)
        return signal * noise - spread * images

    def apart(self, noisy: Tensor, said: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
        """The clean images, kept within FARTHEST, and the noise that a prediction stands for."""
        signal, spread = self._at(times, noisy)
        by_noise = self.predicts == "noise"
        images = (noisy - spread * said) / signal if by_noise else signal * noisy - spread * said
        images = images.clamp(-FARTHEST, FARTHEST)
        return images, (noisy - signal * images) / spread

    def sample(
        self,
        denoise: Denoiser,
        noise: Tensor,
        *,
        steps: int,
        labels: Tensor | None = None,
        guidance: float = 1.0,
    ) -> Tensor:
        """Images from pure noise in `steps` equal jumps, always the same from the same noise.

        Args:
            denoise: the network.
            noise: standard normal, (B, C, H, W).
            steps: jumps, from 1 to the number of times; more is slower and finer.
            labels: one-hot (B, classes) of the classes asked for; None asks for none.
            guidance: 1 follows the label as the network learned it, more exaggerates it, 0 ignores it.
        """
        images = noise
        times = torch.linspace(self.steps - 1, 0, min(steps, self.steps)).round().long().tolist()
        for place, time in enumerate(times):
            at = torch.full((len(noise),), time, device=noise.device)
            said = _guided(denoise, images, at, labels, guidance)
            images, left = self.apart(images, said, at)
            if place + 1 < len(times):
                images = self.noisy(images, left, torch.full_like(at, times[place + 1]))
        return images

    def _at(self, times: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        shape = (-1,) + (1,) * (like.ndim - 1)
        if self.signal.device != like.device:
            self.signal, self.spread = self.signal.to(like.device), self.spread.to(like.device)
        return self.signal[times].reshape(shape), self.spread[times].reshape(shape)


def _guided(
    denoise: Denoiser, images: Tensor, times: Tensor, labels: Tensor | None, guidance: float
) -> Tensor:
    if labels is None or guidance == 1.0:
        return denoise(images, times, labels)
    twice = torch.cat([labels, torch.zeros_like(labels)])
    both = denoise(torch.cat([images, images]), torch.cat([times, times]), twice)
    asked, free = both.chunk(2)
    return free + guidance * (asked - free)


def _kept(steps: int, schedule: Schedule) -> Tensor:
    """Share of an image's variance that is left at each time, float64 (T,)."""
    if schedule == "linear":
        lost = torch.linspace(1e-4, 0.02, steps, dtype=torch.float64) * (1000 / steps)
        return torch.cumprod(1 - lost.clamp(max=0.999), 0)
    turns = torch.arange(steps + 1, dtype=torch.float64) / steps
    curve = torch.cos((turns + 0.008) / 1.008 * math.pi / 2) ** 2
    lost = (1 - curve[1:] / curve[:-1]).clamp(max=0.999)
    return torch.cumprod(1 - lost, 0)
