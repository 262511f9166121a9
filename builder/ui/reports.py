"""Checks of projects, asked of the sidecar in the background and kept by the project's digest."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from builder.errors import BuilderError
from builder.readiness.report import ProjectReport
from builder.spec.codec import digest
from builder.spec.project import Project

KEPT = 64
RETRY_SECONDS = 5.0

Ask = Callable[[str, Project], ProjectReport | None]
"""Checks a project; None when a newer one was asked for meanwhile."""


@dataclass(frozen=True)
class _Asked:
    future: "Future[ProjectReport | None]"
    at: float

    def stands(self) -> bool:
        """Whether there is no reason to ask again: under way, answered, or failed a moment ago."""
        if not self.future.done():
            return True
        if self.future.exception() is not None:
            return time.monotonic() - self.at < RETRY_SECONDS
        return self.future.result() is not None


class Reports:
    """The latest checks; asking never holds a page up for longer than it says."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="check")
        self._asked: OrderedDict[str, _Asked] = OrderedDict()
        self._latest: dict[str, ProjectReport] = {}

    def get(self, project_id: str, project: Project, *, wait: float) -> ProjectReport | None:
        """The check of this project, else the last one made for `project_id`, else None."""
        future = self._future(project_id, project)
        try:
            report = future.result(timeout=wait)
        except (TimeoutError, BuilderError):
            report = None
        if report is not None:
            self._latest[project_id] = report
        return report or self._latest.get(project_id)

    def exact(self, key: str, project: Project, *, wait: float) -> ProjectReport | None:
        """The check of exactly this project; None while it is on its way, or when it could not be made."""
        try:
            return self._future(key, project).result(timeout=wait)
        except (TimeoutError, BuilderError):
            return None

    def pending(self, project_id: str, project: Project) -> bool:
        """Whether the check of exactly this project is still on its way."""
        return not self._future(project_id, project).done()

    def error(self, project_id: str, project: Project) -> str:
        """Why the check of exactly this project failed; empty when it did not, or has not ended."""
        future = self._future(project_id, project)
        failure = future.exception() if future.done() else None
        return str(failure) if failure else ""

    def _future(self, project_id: str, project: Project) -> "Future[ProjectReport | None]":
        key = f"{project_id} {digest(project)}"
        with self._lock:
            asked = self._asked.get(key)
            if asked is None or not asked.stands():
                asked = _Asked(self._pool.submit(self._ask, project_id, project), time.monotonic())
                self._asked[key] = asked
            self._asked.move_to_end(key)
            while len(self._asked) > KEPT:
                self._asked.popitem(last=False)
        return asked.future
