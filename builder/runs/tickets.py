"""Who may use which device: one lock a device, and a line of tickets served first come, first served.

There is no daemon. A waiting run is a process that holds its worker lock and a ticket; the kernel frees
what a dead process held, so a ticket counts only while its run's process lives.
"""

import contextlib
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from builder.paths import room
from builder.projects.atomic import write_json
from builder.runs import liveness

POLL_SECONDS = 0.1


class Ticket(NamedTuple):
    """A place in line: lower (priority, run id) goes first."""

    priority: int
    run_id: str
    path: Path
    """The run directory."""
    slots: tuple[str, ...]
    """Names of the device slots that would do."""


def slots_for(device: str) -> tuple[str, ...]:
    """The slots a device word can mean on this machine, found without torch: `cuda` means any visible GPU."""
    if device == "auto":
        return _gpus() or (_mps() or ("cpu",))
    if device == "cuda":
        return _gpus() or ("cuda-0",)
    return (device.replace(":", "-"),)


def device_of(slot: str) -> str:
    """The device word of a slot: `cuda-1` is `cuda:1`."""
    return slot.replace("-", ":")


def join(run_id: str, run_path: Path, *, priority: int, device: str) -> Ticket:
    """Puts the run in line; a run that is in line already keeps its place."""
    ticket = Ticket(priority, run_id, run_path, slots_for(device))
    words = {"priority": priority, "run": run_id, "path": str(run_path), "slots": ticket.slots}
    write_json(_ticket_path(run_id), words)
    return ticket


def leave(run_id: str) -> None:
    """Takes the run out of line."""
    _ticket_path(run_id).unlink(missing_ok=True)


def take_slot(ticket: Ticket) -> str | None:
    """The slot that is now this process's for life, or None while it is not the ticket's turn."""
    ahead = {s for t in line() if (t.priority, t.run_id) < ticket[:2] for s in t.slots}
    for slot in ticket.slots:
        if slot not in ahead and liveness.take(_slot_path(slot)):
            leave(ticket.run_id)
            return slot
    return None


def wait_for_slot(ticket: Ticket, given_up: Callable[[], bool]) -> str | None:
    """Waits until a slot is this process's; None when `given_up()` said so meanwhile."""
    while not given_up():
        slot = take_slot(ticket)
        if slot is not None:
            return slot
        time.sleep(POLL_SECONDS)
    leave(ticket.run_id)
    return None


def line() -> list[Ticket]:
    """The tickets whose runs wait with a living process, first to be served first."""
    return sorted(ticket for ticket in _tickets() if _waits(ticket))


def position(run_path: Path) -> int | None:
    """The run's 1-based place among those waiting for the same device; None when it does not wait."""
    waiting = line()
    mine = next((ticket for ticket in waiting if ticket.path == run_path), None)
    if mine is None:
        return None
    rivals = [ticket for ticket in waiting if set(ticket.slots) & set(mine.slots)]
    return rivals.index(mine) + 1


def is_free(device: str) -> bool:
    """Whether a run for this device could start at once."""
    slots = slots_for(device)
    wanted = {slot for ticket in line() for slot in ticket.slots}
    return any(s not in wanted and liveness.owner(_slot_path(s)) is None for s in slots)


def _waits(ticket: Ticket) -> bool:
    lock = ticket.path / liveness.WORKER_LOCK
    return liveness.owner(lock) is not None or liveness.launching(ticket.path)


def _tickets() -> list[Ticket]:
    found = []
    for path in room("queue").glob("*.ticket"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            words = json.loads(path.read_bytes())
            found.append(
                Ticket(
                    int(words["priority"]),
                    str(words["run"]),
                    Path(words["path"]),
                    tuple(words["slots"]),
                )
            )
    return found


def _ticket_path(run_id: str) -> Path:
    return room("queue") / f"{run_id}.ticket"


def _slot_path(slot: str) -> Path:
    return room("queue") / f"{slot}.slot"


def _gpus() -> tuple[str, ...]:
    """`cuda-0`, `cuda-1`, ...: the NVIDIA devices this process may see."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        count = len([word for word in visible.split(",") if word.strip() not in ("", "-1")])
    else:
        count = len([p for p in Path("/dev").glob("nvidia*") if p.name[6:].isdigit()])
    return tuple(f"cuda-{index}" for index in range(count))


def _mps() -> tuple[str, ...]:
    return ("mps",) if sys.platform == "darwin" and platform.machine() == "arm64" else ()
