"""The line before the devices: who waits, and putting it back together after everything was killed."""

from builder.projects import library
from builder.projects import store as projects_store
from builder.runs import launch, store, tickets
from builder.runs.state import read_raw
from builder.runs.store import Run, list_runs
from builder.runs.tickets import Ticket


def waiting() -> list[Ticket]:
    """The runs that wait for a device, first to be served first."""
    return tickets.line()


def position(run: Run) -> int | None:
    """The run's 1-based place in line; None when it does not wait."""
    return tickets.position(run.path)


def relaunch_orphans() -> list[Run]:
    """Clears what killed processes left, and puts queued runs whose processes died in line again, in their order.

    For the start of a server. Runs that were training are left as they are (interrupted): going on is for a person to
    decide. A run that another server relaunches at the same time starts once, because a worker needs its run's lock.
    """
    projects_store.tidy()
    library.tidy()
    store.tidy()
    started = []
    for run in sorted(list_runs(), key=lambda run: (run.info.priority, run.id)):
        raw = read_raw(run.path)
        if raw.get("state") == "queued" and not run.is_live():
            launch.launch(run, resume=bool(raw.get("resume")))
            started.append(run)
    return started
