"""How a person reaches a running loop: stop, pause, and which sample to show; no torch."""

import threading
from typing import NamedTuple, Protocol


class Wish(NamedTuple):
    """What is wanted of the loop right now."""

    stop: bool = False
    pause: bool = False
    sample: int = 0
    """Row of the sample whose layer outputs are shown."""


class Control(Protocol):
    """Asked by the loop at most every 50 ms, so `poll` may look at a file."""

    def poll(self) -> Wish:
        """The wish of this moment; must be cheap."""
        ...

    def wait(self) -> None:
        """Blocks while a pause is wanted and no stop is."""
        ...


class Switches:
    """A control in memory, for the same process."""

    def __init__(self) -> None:
        self._wish = Wish()
        self._changed = threading.Condition()

    def poll(self) -> Wish:
        """The wish of this moment."""
        return self._wish

    def wait(self) -> None:
        """Blocks while paused and not stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._wish.stop or not self._wish.pause)

    def stop(self) -> None:
        """Asks for the end after the current step."""
        self._set(self._wish._replace(stop=True))

    def pause(self) -> None:
        """Asks for a halt after the current step."""
        self._set(self._wish._replace(pause=True))

    def go_on(self) -> None:
        """Ends a pause."""
        self._set(self._wish._replace(pause=False))

    def show(self, sample: int) -> None:
        """Chooses the sample whose layer outputs are shown."""
        self._set(self._wish._replace(sample=sample))

    def _set(self, wish: Wish) -> None:
        with self._changed:
            self._wish = wish
            self._changed.notify_all()
