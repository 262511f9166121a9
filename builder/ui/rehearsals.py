"""A few real steps on request: asked of the sidecar, kept with the project until what they were about changes."""

import streamlit as st
from pydantic import ValidationError

from builder.errors import BuilderError
from builder.spec.codec import digest
from builder.spec.project import Project
from builder.train.rehearsed import Rehearsal
from builder.ui import words
from builder.ui.state import State

KEPT = "rehearsal"
WAIT = "Taking a few real steps on this machine. Nothing of them is kept."


def known(state: State) -> Rehearsal | None:
    """What was measured for the project as it is now; None while nothing was."""
    kept = state.recall(KEPT)
    if not isinstance(kept, list) or len(kept) != 2 or kept[0] != _key(state.project):
        return None
    try:
        return Rehearsal.model_validate_json(str(kept[1]))
    except ValidationError:
        return None


def button(state: State, key: str) -> None:
    """A press takes the steps, keeps what they tell and draws the page again; a refusal is said."""
    if not st.button("Time an epoch here", icon=":material/timer:", key=key, help=WAIT):
        return
    project = state.project
    with st.spinner(WAIT):
        try:
            answer = state.sidecar.request("rehearse", {"project": project.model_dump(mode="json")})
            told = Rehearsal.model_validate(answer)
        except BuilderError as error:
            state.say(f"It could not be timed. {error}", is_error=True)
        else:
            state.remember(KEPT, [_key(project), told.model_dump_json()])
    st.rerun()


def said(told: Rehearsal, epochs: int) -> str:
    """`about 30 s for 10 epochs on CPU · 2 cores, from 240 real steps`."""
    whole = words.duration(max(told.seconds_per_epoch * epochs, 1.0))
    steps = words.plural(told.steps_taken, "real step")
    return f"about {whole} for {words.plural(epochs, 'epoch')} on {told.device}, from {steps}"


def _key(project: Project) -> str:
    """The same while only places on the canvas, names and the number of epochs change."""
    networks = tuple(
        network.model_copy(
            update={
                "nodes": tuple(
                    node.model_copy(update={"x": None, "y": None}) for node in network.nodes
                ),
                "notes": (),
            }
        )
        for network in project.networks
    )
    training = project.training.model_copy(update={"epochs": 1})
    return digest(
        project.model_copy(update={"networks": networks, "training": training, "name": "timed"})
    )
