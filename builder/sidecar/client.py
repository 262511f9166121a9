"""How the server asks the warm torch process beside it; no torch on this side."""

import atexit
import contextlib
import itertools
import threading
from typing import Any

from builder.errors import BuilderError
from builder.sidecar.kinds import KINDS
from builder.sidecar.lane import Lane, SidecarError, acquire
from builder.sidecar.spare import WarmWorker

__all__ = ["Sidecar", "SidecarError", "shared"]

SLOW_IDLE_SECONDS = 300.0
NEXT_SPARE_SECONDS = 15.0
"""The next spare warms up after the run that took the last one has got going."""


class Sidecar:
    """The helper processes of one server; every method may be called from any thread.

    Processes start when first needed, or with `warm()`; one that dies or hangs is replaced by the next request.
    """

    def __init__(self, *, memory_bytes: int | None = None):
        self._lanes = {
            "quick": Lane("quick", memory_bytes),
            "slow": Lane("slow", memory_bytes, idle_seconds=SLOW_IDLE_SECONDS),
        }
        self._counter = itertools.count()
        self._newest: dict[str, int] = {}
        self._spare: WarmWorker | None = None
        self._spare_lock = threading.Lock()
        self._slow_starts = threading.Event()
        self._closed = False

    def request(
        self, kind: str, payload: dict[str, Any], timeout: float | None = None
    ) -> dict[str, Any]:
        """The answer to one request, waiting at most `timeout` seconds (default: the kind's own limit).

        Raises SidecarError, with a sentence, when it cannot be answered: the request's own fault, too slow, too
        large, or the process ended.
        """
        answer = self._ask(kind, payload, timeout, key=None)
        assert answer is not None
        return answer

    def latest(
        self, key: str, kind: str, payload: dict[str, Any], timeout: float | None = None
    ) -> dict[str, Any] | None:
        """Like `request`, but None when a newer request with the same key came before this one's turn."""
        return self._ask(kind, payload, timeout, key=key)

    def spare(self) -> WarmWorker | None:
        """The worker kept warm, to pass to `launch`, also while it is still warming up; None while it just starts.

        From the first call on one is kept: the next starts a while after this one has taken a run.
        """
        with self._spare_lock:
            if self._spare is None or self._spare.has_died():
                self._start_spare()
            spare = self._spare
        return spare if spare is not None and spare.is_free() else None

    def warm(self) -> None:
        """Starts the quick process and the spare worker in the background."""
        threading.Thread(target=self._warm, name="warm", daemon=True).start()

    def expect_slow(self) -> None:
        """Starts the slow process in the background: a run is over, so it is measured or exported next.

        It ends by itself when nothing is asked of it for a while.
        """
        if self._lanes["slow"].pid is None and not self._slow_starts.is_set():
            self._slow_starts.set()
            threading.Thread(target=self._start_slow, name="slow", daemon=True).start()

    def close(self) -> None:
        """Ends the processes of this sidecar; a spare that has a run goes on."""
        self._closed = True
        for lane in self._lanes.values():
            lane.stop()
        with self._spare_lock:
            if self._spare is not None and not self._spare.is_taken():
                self._spare.stop()
            self._spare = None

    def _ask(
        self, kind: str, payload: dict[str, Any], timeout: float | None, *, key: str | None
    ) -> dict[str, Any] | None:
        known = KINDS.get(kind)
        if known is None:
            raise SidecarError(f"The sidecar does not know {kind!r}; it knows {', '.join(KINDS)}.")
        seconds = known.seconds if timeout is None else timeout
        lane = self._lanes[known.lane]
        number = next(self._counter)
        if key is not None:
            self._newest[key] = number
        acquire(lane, known, seconds)
        try:
            if key is not None and self._newest[key] != number:
                return None
            return lane.ask(known, payload, seconds)
        finally:
            lane.lock.release()

    def _warm(self) -> None:
        with contextlib.suppress(BuilderError):  # the first request that needs it says why
            self.spare()
            lane = self._lanes["quick"]
            with lane.lock:
                if not self._closed:
                    lane.start()

    def _start_slow(self) -> None:
        lane = self._lanes["slow"]
        with contextlib.suppress(BuilderError), lane.lock:  # the first request says why
            if not self._closed:
                lane.start()
                lane.rest()
        self._slow_starts.clear()

    def _next_spare_later(self) -> None:
        timer = threading.Timer(NEXT_SPARE_SECONDS, self._next_spare)
        timer.daemon = True
        timer.start()

    def _next_spare(self) -> None:
        with self._spare_lock:
            self._start_spare()

    def _start_spare(self) -> None:
        if not self._closed:
            with contextlib.suppress(OSError):  # then runs start cold
                self._spare = WarmWorker(on_taken=self._next_spare_later)


_shared: Sidecar | None = None
_shared_lock = threading.Lock()


def shared() -> Sidecar:
    """The sidecar of this process, made on first use and ended with it."""
    global _shared  # noqa: PLW0603 - one a process
    with _shared_lock:
        if _shared is None:
            _shared = Sidecar()
            atexit.register(_shared.close)
        return _shared
