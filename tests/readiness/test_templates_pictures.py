"""The templates that make pictures learn, in a part of their time; `make templates` trains them in full."""

import pytest

from builder.projects.templates import find
from builder.readiness.compile import prepare_job
from builder.spec.codec import encode
from builder.train.events import EpochEnded
from builder.train.loop import train


@pytest.mark.parametrize(
    ("name", "figure", "share"),
    [("gan-digits", "pixel_frechet", 0.5), ("diffusion-digits", "loss", 0.85)],
)
def test_a_few_epochs_bring_the_figure_down(name, figure, share, tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path / "home"))
    project = find(name).project
    training = project.training.model_copy(update={"epochs": 6})
    short = project.model_copy(update={"training": training})
    (tmp_path / "project.loom.json").write_text(encode(short))
    ends = [e for e in train(prepare_job(tmp_path)) if isinstance(e, EpochEnded)]
    assert ends[-1].validation[figure] < share * ends[0].validation[figure]
