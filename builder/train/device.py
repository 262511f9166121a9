"""Which device trains, in words, and what of it is free."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import torch

from builder.errors import TrainError


@dataclass(frozen=True)
class Device:
    """Where a run computes, and the words for it: `CPU · 2 cores`."""

    torch: torch.device
    words: str

    @property
    def fused(self) -> bool:
        """Whether optimizers have a fused step here."""
        return self.torch.type in ("cpu", "cuda", "mps")


def choose(asked: str = "auto") -> Device:
    """The device asked for, or the best there is: CUDA, then MPS, then CPU; TrainError when it is not there."""
    kind, _, index = asked.partition(":")
    if asked == "auto":
        kind = next(name for name, there in _present().items() if there)
    if not _present().get(kind, False):
        raise TrainError(
            f"The run asks for the device {asked}, which this machine does not have now. "
            "Choose auto or cpu."
        )
    if kind == "cuda" and int(index or 0) >= torch.cuda.device_count():
        raise TrainError(
            f"The run asks for {asked}; this machine has {torch.cuda.device_count()} GPU(s)."
        )
    device = torch.device(kind, int(index or 0)) if kind == "cuda" else torch.device(kind)
    return Device(device, _WORDS[kind](device))


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def prepare(device: Device, *, deterministic: bool) -> None:
    """Sets the process-wide switches of a run: TF32 where it is safe, deterministic kernels where asked."""
    torch.use_deterministic_algorithms(deterministic, warn_only=True)
    if device.torch.type == "cuda":
        torch.backends.cudnn.benchmark = not deterministic
        torch.backends.cudnn.deterministic = deterministic
        torch.set_float32_matmul_precision("highest" if deterministic else "high")


def free_memory(device: Device) -> int:
    """Bytes that a run may still take on the device."""
    if device.torch.type == "cuda":
        return int(torch.cuda.mem_get_info(device.torch)[0])
    import psutil

    return int(psutil.virtual_memory().available)


def _present() -> dict[str, bool]:
    return {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }


def _cpu_words(device: torch.device) -> str:
    number = cores()
    return f"CPU · {number} core{'s' if number != 1 else ''}"


def _cuda_words(device: torch.device) -> str:
    properties = torch.cuda.get_device_properties(device)
    return f"{properties.name} · {properties.total_memory / 2**30:.0f} GB"


_WORDS: dict[str, Callable[[torch.device], str]] = {
    "cpu": _cpu_words,
    "cuda": _cuda_words,
    "mps": lambda device: "Apple GPU",
}
