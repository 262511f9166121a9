"""Work that takes seconds, done beside the page: share done, words, time left, result, cancel."""

import threading
import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from builder.errors import BuilderError
from builder.ui import words

Progress = Callable[[float, str], None]
"""Told by the work: share done (0 to 1) and what it is at."""


class CancelledError(BuilderError):
    """The person did not want to wait any longer."""


class Job:
    """One piece of work in a thread; everything a page shows of it is an attribute."""

    def __init__(self, title: str, work: Callable[[Progress], Any]) -> None:
        self.title = title
        self.share = 0.0
        self.words = ""
        self.result: Any = None
        self.error = ""
        self.cancelled = False
        self._started = time.monotonic()
        self._thread = threading.Thread(target=self._run, args=(work,), name="job", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether there is a result, an error, or it was cancelled."""
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Ends the work the next time it reports progress."""
        self.cancelled = True

    def seconds_left(self) -> float | None:
        """By the share done so far; None until it is worth saying."""
        spent = time.monotonic() - self._started
        if spent < 3 or self.share <= 0.02:
            return None
        return spent * (1 - self.share) / self.share

    def wait(self, seconds: float) -> bool:
        """Whether it is done within so many seconds: quick work needs no progress bar."""
        self._thread.join(seconds)
        return self.done

    def _run(self, work: Callable[[Progress], Any]) -> None:
        try:
            self.result = work(self._told)
        except BuilderError as error:
            self.error = "" if self.cancelled else str(error)

    def _told(self, share: float, what: str = "") -> None:
        if self.cancelled:
            raise CancelledError("Cancelled.")
        self.share = min(max(float(share), 0.0), 1.0)
        self.words = what


def show_job(job: Job, key: str) -> None:
    """Progress, what it is at, time left and Cancel, until it is done; then the page runs anew."""

    @st.fragment(run_every=0.5)
    def under_way() -> None:
        if job.done:
            st.rerun()
        left = job.seconds_left()
        parts = [job.title, job.words, f"{words.duration(left)} left" if left is not None else ""]
        st.progress(job.share, text=" · ".join(words.plain(part) for part in parts if part))
        st.button("Cancel", key=key, icon=":material/close:", on_click=job.cancel)

    under_way()
