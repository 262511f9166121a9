"""A trained forecast is measured in its own unit beside opponents that a referee recomputes."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from builder.data import builtin
from builder.data.describe import describe
from builder.data.split import split
from builder.data.store import open_raw
from builder.evaluate.forecast import STRENGTHS
from builder.evaluate.predict import predict
from builder.evaluate.run import evaluate
from builder.readiness.blank import blank_project
from builder.readiness.compile import prepare_job
from builder.spec.codec import encode
from builder.spec.training import TrainingSpec
from builder.train.loop import train
from builder.train.trained import load_trained


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(tmp_path_factory.mktemp("home")))
        project = blank_project(describe(builtin.spec_of("waves")))
        training = TrainingSpec(epochs=5, deterministic=True)
        (folder / "project.loom.json").write_text(
            encode(project.model_copy(update={"training": training}))
        )
        list(train(prepare_job(folder)))
        yield folder


def test_figures_and_opponents_are_those_of_a_referee(run_dir):
    found = evaluate(run_dir, "test")
    raw = open_raw(load_trained(run_dir).project.data)
    parts = split(raw, load_trained(run_dir).project.data.split)
    past, truth = raw.fields["window"][parts.test], raw.target[parts.test]
    trained = load_trained(run_dir)
    answer = trained.predict({"window": past})
    assert found.metrics["mae"] == pytest.approx(np.abs(answer - truth).mean(), rel=1e-5)
    by_name = {one.name: one for one in found.baselines}
    assert list(by_name) == sorted(by_name, key=lambda n: -by_name[n].metrics["mase"])
    last = np.abs(past[:, -1:] - truth)
    assert by_name["last_value"].metrics["mae"] == pytest.approx(last.mean(), rel=1e-5)
    assert by_name["last_value"].by_step == pytest.approx(last.mean((0, 2)), rel=1e-5)
    season = np.abs(past[:, -7:] - truth)
    assert by_name["seasonal_naive"].metrics["mae"] == pytest.approx(season.mean(), rel=1e-5)
    rows = lambda part: raw.fields["window"][part].reshape(len(part), -1)  # noqa: E731
    scale = raw.target[parts.train].std((0, 1))
    line = make_pipeline(StandardScaler(), RidgeCV(STRENGTHS))
    line.fit(rows(parts.train), (raw.target[parts.train] / scale).reshape(len(parts.train), -1))
    referee = line.predict(rows(parts.test)).reshape(truth.shape) * scale
    expected = np.abs(referee - truth).mean()
    assert by_name["ridge"].metrics["mae"] == pytest.approx(expected, rel=0.02)


def test_what_is_drawn_is_the_windows_of_the_split(run_dir):
    found = evaluate(run_dir, "validation").forecasts
    raw = open_raw(load_trained(run_dir).project.data)
    assert found.series == ("sine", "season", "wander") and len(found.by_step) == 7
    one = found.drawn[0]
    assert len(one.times) == 28 + 7 and len(one.past[0]) == 28 and len(one.truth[0]) == 7
    np.testing.assert_allclose(one.truth, raw.target[one.index].T, rtol=1e-5)
    assert one.times[28] == str(
        np.datetime64("2020-01-01") + int(raw.timeline.starts[one.index]) + 28
    )
    assert found.levels == () and found.inside is None


def test_a_forecast_goes_on_from_the_last_rows_of_a_file(run_dir, tmp_path):
    raw = open_raw(load_trained(run_dir).project.data)
    line = raw.timeline
    rows = [
        f"{np.datetime64('2020-01-01') + place},{','.join(f'{v:.6f}' for v in line.values[place])}"
        for place in range(60, 100)
    ]
    path = tmp_path / "last.csv"
    path.write_text("day,sine,season,wander\n" + "\n".join(rows) + "\n")
    (answer,) = predict(run_dir, [str(path)])
    (same,) = predict(run_dir, [line.values[72:100]])
    trained = load_trained(run_dir)
    expected = trained.predict({"window": line.values[None, 72:100]})[0]
    np.testing.assert_allclose(list(answer["forecast"].values()), expected.T, rtol=1e-4)
    np.testing.assert_allclose(list(same["forecast"].values()), expected.T, rtol=1e-6)
