"""Series on the screens: over time on Data, live on Train, beside the truth on Results, beyond the data on Use."""

import numpy as np
import pytest

from builder.data import builtin
from builder.data.describe import describe
from builder.projects import store
from builder.readiness.blank import blank_project
from builder.readiness.compile import prepare_job
from builder.runs.store import ANSWERS
from builder.sidecar.requests import HANDLERS
from builder.spec.training import TrainingSpec
from builder.train.loop import train
from builder.ui import state


class Inside:
    """Answers as the torch process does, in this one."""

    def request(self, kind: str, payload: dict, timeout: float | None = None) -> dict:
        return HANDLERS[kind](payload)

    def latest(self, key: str, kind: str, payload: dict, timeout: float | None = None) -> dict:
        return HANDLERS[kind](payload)

    def spare(self) -> None:
        return None

    def warm(self) -> None:
        return None

    def expect_slow(self) -> None:
        return None


@pytest.fixture
def trained(open_app, made_run, monkeypatch):
    """Id of a project with three series and a run that was really trained."""
    monkeypatch.setattr(state, "_sidecar", lambda: Inside())
    project = blank_project(describe(builtin.spec_of("waves")), "waves")
    training = TrainingSpec(epochs=2, deterministic=True)
    project_id = store.create(project.model_copy(update={"training": training})).id
    run = made_run(project_id, weights=False)
    list(train(prepare_job(run.path)))
    output = next(node.id for node in project.networks[0].nodes if node.kind == "output")
    views = run.path / "views"
    with np.load(views / "latest.npz") as held:
        outputs = {name: held[name] for name in held.files}
    outputs[f"{ANSWERS}{output}"] = np.linspace(0, 1, 8 * 7 * 3).reshape(8, 7, 3)
    np.savez(views / "latest.npz", **outputs)
    return project_id


def test_the_data_screen_shows_each_series_and_lets_windows_be_changed(
    trained, open_app, on_screen
):
    at = open_app("data", project=trained)
    assert "A sample is 28 steps to look back on and 7 to forecast" in on_screen(at)
    ahead = next(box for box in at.number_input if box.label == "Steps ahead")
    ahead.set_value(14).run()
    assert not at.exception
    spec = store.load(trained).data
    assert spec.windows.horizon == spec.snapshot.target.horizon == 14


@pytest.mark.parametrize("screen", ["train", "results", "use"])
def test_the_screens_of_a_run_draw_forecasts(trained, open_app, on_screen, screen):
    at = open_app(screen, project=trained)
    assert not at.exception, at.exception
    assert not [error.value for error in at.error]
    if screen == "results":
        assert {"Window", "Series"} <= {box.label for box in at.selectbox}
        assert "Ridge regression on the lags" in str(at.dataframe[-1].value)
