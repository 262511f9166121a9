"""How a run computes quickest on this machine: threads and the layout of images, tried before the first step."""

import hashlib
import json
import math
import platform
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import psutil
import torch
from torch import nn

from builder.errors import StorageError
from builder.paths import room
from builder.projects.atomic import write_json
from builder.train.device import cores

TRIAL_SECONDS, FEWEST_ROUNDS, MOST_ROUNDS = 0.25, 2, 40
CLEARLY = 0.85
"""More threads must bring the time of a step below this share: fewer suffer less from busy neighbours."""
NOTICEABLY = 0.97
"""Another layout must bring it below this share; beside time it costs nothing."""
HOPELESS = 1.5
"""A pace this many times slower than the best one is tried no further."""
CALM_SHARE = 0.2
"""A trial is worth remembering while other processes take less than this share of the cores."""
REMEMBERED = 500

FORMATS: Mapping[str, torch.memory_format] = {
    "contiguous": torch.contiguous_format,
    "channels_last": torch.channels_last,
}
"""Layouts of four-dimensional tensors, by the name that is kept in checkpoints."""


class Pace(NamedTuple):
    """One way to compute: CPU threads, and how weights and maps of images lie in memory."""

    threads: int
    layout: str = "contiguous"

    def words(self) -> str:
        """`2 threads, channels last`."""
        threads = f"{self.threads} thread{'s' if self.threads != 1 else ''}"
        return f"{threads}, channels last" if self.layout == "channels_last" else threads


def possible_paces(networks: Mapping[str, nn.Module]) -> tuple[Pace, ...]:
    """Every pace worth a trial for these networks, the simplest first; channels last is for two-dimensional
    convolutions."""
    layouts = ["contiguous"]
    if any(p.ndim == 4 for network in networks.values() for p in network.parameters()):
        layouts = list(FORMATS)
    return tuple(Pace(t, layout) for layout in layouts for t in sorted({1, cores()}))


def lay_out(networks: Mapping[str, nn.Module], layout: str) -> None:
    """Puts the four-dimensional weights into this layout; values and names stay the same."""
    for network in networks.values():
        for parameter in network.parameters():
            if parameter.ndim == 4:
                # with one channel both layouts are the same bytes; only the strides tell which kernels are used
                empty = torch.empty_like(parameter, memory_format=FORMATS[layout])
                parameter.data = empty.copy_(parameter.detach())


def align_state(optimizer: torch.optim.Optimizer) -> None:
    """Lays the optimizer's moments out like their weights: fused steps read both in the order of memory."""
    for parameter, state in optimizer.state.items():
        for name, value in state.items():
            if isinstance(value, torch.Tensor) and value.shape == parameter.shape:
                state[name] = torch.empty_like(parameter).copy_(value)


def best_pace(
    paces: tuple[Pace, ...], trial_at: Callable[[Pace], Callable[[], None]], *, key: str
) -> tuple[Pace, str]:
    """The pace a step is quickest at, and why; asked once for a key, then remembered.

    The same project on the same machine always gets the same pace, so that the same seed gives the same losses:
    1 and 2 threads add numbers in another order. A pace found while the machine was busy with other things is
    used, not remembered.

    Args:
        paces: those to try, the simplest first.
        trial_at: makes the step to time at a pace, on copies that leave nothing behind; called at that pace.
        key: what the answer depends on beside the machine.
    """
    if len(paces) == 1:
        return paces[0], "the only way there is here"
    known = _recalled(key, paces)
    if known is not None:
        return known, "measured in an earlier run"
    before = torch.get_num_threads()
    others = _Others()
    try:
        seconds = _timed(paces, trial_at)
    finally:
        torch.set_num_threads(before)
    chosen = _chosen(seconds)
    figures = ", ".join(f"{pace.words()}: {seconds[pace] * 1e3:.2f} ms" for pace in paces)
    if others.share() > CALM_SHARE:
        return chosen, f"measured while the machine was busy ({figures})"
    _remember(key, chosen)
    return chosen, f"measured ({figures})"


def _timed(
    paces: tuple[Pace, ...], trial_at: Callable[[Pace], Callable[[], None]]
) -> dict[Pace, float]:
    """The least time of a step at each pace; rounds are interleaved, so that a busy moment hits all."""
    trials = {pace: trial_at(pace) for pace in paces}
    seconds = dict.fromkeys(paces, math.inf)
    begin = time.perf_counter()
    for place in range(MOST_ROUNDS):
        limit = HOPELESS * min(seconds.values())
        for pace, trial in trials.items():
            if place > 1 and seconds[pace] > limit:
                continue
            torch.set_num_threads(pace.threads)
            taken = _seconds(trial)
            if place:  # the first one warms caches
                seconds[pace] = min(seconds[pace], taken)
        if place >= FEWEST_ROUNDS and time.perf_counter() - begin > TRIAL_SECONDS:
            break
    return seconds


def _chosen(seconds: Mapping[Pace, float]) -> Pace:
    """The quickest, where a simpler one is not about as quick."""
    best_of: dict[str, Pace] = {}
    for pace, taken in seconds.items():
        simpler = best_of.get(pace.layout)
        if simpler is None or taken < CLEARLY * seconds[simpler]:
            best_of[pace.layout] = pace
    first, *others = best_of.values()
    for pace in others:
        if seconds[pace] < NOTICEABLY * seconds[first]:
            first = pace
    return first


class _Others:
    """How much of the cores other processes take, from its making on."""

    def __init__(self) -> None:
        self._busy, self._own, self._at = _busy_seconds(), time.process_time(), time.perf_counter()

    def share(self) -> float:
        """0 to 1; 0 where the system does not tell."""
        elapsed = (time.perf_counter() - self._at) * (psutil.cpu_count() or 1)
        own = time.process_time() - self._own
        return max(0.0, _busy_seconds() - self._busy - own) / max(elapsed, 1e-9)


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def _seconds(trial: Callable[[], None]) -> float:
    start = time.perf_counter()
    trial()
    return time.perf_counter() - start


def _key(key: str) -> str:
    machine = f"{platform.node()} {platform.machine()} {cores()} {torch.__version__}"
    return hashlib.sha256(f"{machine}\n{key}".encode()).hexdigest()[:24]


def _recalled(key: str, paces: tuple[Pace, ...]) -> Pace | None:
    known = _remembered().get(_key(key))
    return next((pace for pace in paces if list(pace) == known), None)


def _remembered() -> dict[str, Any]:
    try:
        known = json.loads((room("speed") / "paces.json").read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _remember(key: str, pace: Pace) -> None:
    known = {**_remembered(), _key(key): list(pace)}
    latest = dict(list(known.items())[-REMEMBERED:])
    try:
        write_json(room("speed") / "paces.json", latest, durable=False)
    except (StorageError, OSError):
        return  # only a measurement: the next run measures again
