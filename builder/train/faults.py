"""Named places where a test can make a save fail; nothing happens unless a test arms one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

_armed: dict[str, Callable[[], None]] = {}


def hit(name: str) -> None:
    """Runs what a test armed at this place."""
    act = _armed.get(name)
    if act is not None:
        act()


@contextmanager
def armed(name: str, act: Callable[[], None]) -> Iterator[None]:
    """Within the block, passing the place `name` runs `act`."""
    _armed[name] = act
    try:
        yield
    finally:
        del _armed[name]
