"""The anomaly bench: what was held back is in nothing the network learns from."""

import numpy as np
import pytest

from builder.bench import anomaly
from builder.data.store import open_raw
from builder.train.build import build_job
from tests.train.drawn import autoencoder


def test_a_class_that_is_held_back_is_found_again(monkeypatch, tmp_path):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    monkeypatch.setattr("builder.train.device.cores", lambda: 1)
    monkeypatch.setattr(anomaly, "WIDTH_NODE", "linear2")
    learned = []

    def spy(project, raw, **more):
        learned.append(np.unique(raw.target).tolist())
        return build_job(project, raw, **more)

    monkeypatch.setattr(anomaly, "build_job", spy)
    project = autoencoder(code=8, epochs=15)
    ours, theirs = anomaly.held_back(project, open_raw(project.data), 0)
    assert learned == [list(range(1, 10))]
    assert ours > 0.9
    assert theirs > 0.8


@pytest.mark.slow
def test_unseen_digits_are_found_in_shorter_trainings(monkeypatch, tmp_path):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    monkeypatch.setattr("builder.train.device.cores", lambda: 1)
    *rows, mean = anomaly.bench_anomaly(epochs=40)
    assert len(rows) == 10
    assert float(mean.spread.split(" to ")[0]) >= 0.9
    assert mean.ratio > 1
