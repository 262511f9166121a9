"""Which device trains, in words, and the thread count a small network is fastest with."""

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from builder.errors import StorageError, TrainError
from builder.paths import room
from builder.projects.atomic import write_json

TRIAL_SECONDS, FEWEST_ROUNDS, MOST_ROUNDS = 0.25, 2, 40
CLEARLY = 0.85
"""All threads must bring the time of a step below this share: one alone suffers less from busy neighbours."""


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


def best_threads(trial: Callable[[], None], *, key: str) -> tuple[int, str]:
    """The thread count `trial` is fastest with, and why; asked once for a key, then remembered.

    The same project on the same machine always gets the same count, so the same seed gives the same losses:
    1 and 2 threads add numbers in another order. `trial` takes a few steps on copies and leaves nothing behind.
    """
    all_cores = cores()
    if all_cores == 1:
        return 1, "one core"
    known = _remembered().get(_key(key))
    if isinstance(known, int) and 1 <= known <= all_cores:
        return known, "measured in an earlier run"
    counts = sorted({1, all_cores})
    seconds = dict.fromkeys(counts, float("inf"))
    before = torch.get_num_threads()
    try:
        begin = time.perf_counter()
        for place in range(MOST_ROUNDS):
            for count in counts:  # interleaved: a busy moment hits both
                torch.set_num_threads(count)
                taken = _seconds(trial)
                if place:  # the first one warms caches
                    seconds[count] = min(seconds[count], taken)
            if place >= FEWEST_ROUNDS and time.perf_counter() - begin > TRIAL_SECONDS:
                break
    finally:
        torch.set_num_threads(before)
    chosen = all_cores if seconds[all_cores] < CLEARLY * seconds[1] else 1
    _remember(_key(key), chosen)
    figures = ", ".join(f"{count}: {seconds[count] * 1e3:.2f} ms" for count in counts)
    return chosen, f"measured ({figures})"


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


def _seconds(trial: Callable[[], None]) -> float:
    start = time.perf_counter()
    trial()
    return time.perf_counter() - start


def _key(key: str) -> str:
    machine = f"{platform.node()} {platform.machine()} {cores()} {torch.__version__}"
    return hashlib.sha256(f"{machine}\n{key}".encode()).hexdigest()[:24]


def _remembered() -> dict[str, Any]:
    try:
        known = json.loads((room("speed") / "threads.json").read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _remember(key: str, threads: int) -> None:
    known = {**_remembered(), key: threads}
    latest = dict(list(known.items())[-500:])
    try:
        write_json(room("speed") / "threads.json", latest, durable=False)
    except (StorageError, OSError):
        return  # only a measurement: the next run measures again
