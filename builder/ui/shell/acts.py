"""Pause, Resume and Stop of a run: drawn at one place and in one order, so that no press lands beside its button.

Pause and Resume are one button with two labels: two buttons would stand side by side for the moment in which
one replaces the other, and whoever presses then would find it moved. It stands last, at the right edge, where
nothing that comes or goes before it can push it.
"""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from builder.runs.state import RunState
from builder.runs.store import Run
from builder.ui.shell import training

HOLD = "hold"
"""What the keys of Pause and Resume end with."""


class _Hold(NamedTuple):
    """What the one button says and does; `act` None: it cannot be pressed now, and `help` says why."""

    label: str
    icon: str
    help: str
    act: Callable[[Run], None] | None


def _hold(told: RunState) -> _Hold:
    if told.state in ("paused", "pausing"):
        return _Hold("Resume", "play_arrow", "Goes on from where it is (K)", training.resume)
    if told.state == "queued":
        return _Hold("Pause", "pause", "It waits in line and has not started yet", None)
    if told.state == "stopping":
        return _Hold("Pause", "pause", "It is stopping; what it learned is being saved", None)
    return _Hold(
        "Pause", "pause", "Nothing is lost: training waits where it is (K)", training.pause
    )


def stop_and_hold(run: Run, told: RunState, place: str, *, filled: bool = False) -> None:
    """Draws Stop, then Pause or Resume, of a live run; keys begin with `place`. Call it in a horizontal container."""
    stopping = told.state == "stopping"
    st.button(
        "Stop",
        icon=":material/stop:",
        key=f"{place}_stop",
        type="primary" if filled else "secondary",
        help="It is stopping; what it learned is being saved"
        if stopping
        else "Ends after this step and saves a checkpoint",
        disabled=stopping,
        on_click=training.stop,
        args=(run,),
    )
    _draw(run, _hold(told), place)


def resume_ended(run: Run, told: RunState, place: str) -> None:
    """Draws Resume of a run that was stopped, failed or interrupted: the same button at the same place."""
    step = told.saved_step or told.step
    hold = _Hold("Resume", "play_arrow", f"Goes on from step {step:,}", training.resume)
    _draw(run, hold, place)


def _draw(run: Run, hold: _Hold, place: str) -> None:
    st.button(
        hold.label,
        icon=f":material/{hold.icon}:",
        key=f"{place}_{HOLD}",
        help=hold.help,
        disabled=hold.act is None,
        on_click=hold.act,
        args=(run,),
    )
