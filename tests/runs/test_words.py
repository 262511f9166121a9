"""The run chip says exactly the words of the design."""

import pytest

from builder.runs.state import LIVE, OVER, RunState
from builder.runs.words import chip, duration, ordinal


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState("queued", position=2, live=True), "In line (2nd)"),
        (RunState("queued", live=True), "Starting"),
        (RunState("starting", live=True), "Starting"),
        (
            RunState("running", epoch=2, epochs=10, seconds_left=42.0, live=True),
            "Training, epoch 3 of 10, 42 s left",
        ),
        (RunState("paused", epoch=2, epochs=10), "Paused at epoch 3"),
        (RunState("stopping"), "Stopping, saving"),
        (RunState("finished", best=0.972, metric="accuracy"), "Finished, 97.2 %"),
        (RunState("finished", best=0.9551, metric="mean_iou"), "Finished, 95.5 %"),
        (RunState("finished", best=0.985, metric="exact_match"), "Finished, 98.5 %"),
        (RunState("finished", best=54.123, metric="mae"), "Finished, mae 54.1"),
        (
            RunState("finished", best=1.234, metric="nats_per_token"),
            "Finished, nats per token 1.23",
        ),
        (
            RunState("finished", early=True, reason="Finished early: accuracy has not improved for 5 epochs."),
            "Finished early, no better for 5 epochs",
        ),
        (RunState("stopped"), "Stopped by you"),
        (RunState("failed", code=43), "Failed, out of memory"),
        (RunState("failed", code=1), "Failed"),
        (RunState("interrupted", saved_step=812), "Interrupted, resume from step 812"),
    ],
)  # fmt: skip
def test_the_words_are_those_of_the_design(state, words):
    assert chip(state) == words


def test_every_state_has_words():
    assert all(chip(RunState(state)) for state in (*LIVE, *OVER))


def test_durations_and_places_read_as_people_say_them():
    assert [duration(s) for s in (42, 190, 180, 3900)] == [
        "42 s",
        "3 min 10 s",
        "3 min",
        "1 h 05 min",
    ]
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th",
    ]  # fmt: skip
