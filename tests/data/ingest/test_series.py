"""A CSV in order of time is taken in as a series: detected, told, and forecast from the command line."""

import json

import numpy as np
import pytest

from builder.cli.main import main
from builder.data.ingest.ingest import ingest
from builder.data.ingest.inspect import inspect
from builder.data.store import open_raw
from builder.errors import DataError
from builder.readiness.blank import blank_project
from builder.spec import codec
from builder.spec.training import TrainingSpec


def text(rows=120, *, gap=(), kind="drizzle"):
    """Daily rows of two numbers and a word, those of `gap` left out."""
    generator = np.random.default_rng(0)
    days = np.datetime64("2023-01-01") + np.arange(rows)
    warm = 10 + 5 * np.sin(2 * np.pi * np.arange(rows) / 7) + generator.normal(size=rows)
    lines = [
        f"{day},{warm[i]:.2f},{generator.random():.3f},{kind if i % 2 else 'sun'}"
        for i, day in enumerate(days)
        if i not in gap
    ]
    return "day,warm,rain,sky\n" + "\n".join(lines) + "\n"


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "weather.csv"
    path.write_text(text(gap=(50, 51)))
    return path


def test_a_dated_table_is_detected_and_told_in_sentences(csv):
    found = inspect(csv)
    assert found.task == "forecasting" and found.target == "warm, rain"
    assert found.windows.time == "day" and found.windows.season == 7
    assert found.in_time == (
        "day runs from 2023-01-01 to 2023-04-30, a value every day; 2 of 120 steps are missing and count as gaps.",
    )
    assert {w.code for w in found.warnings} == {"gaps"}


def test_a_target_of_words_or_a_wish_keeps_the_rows_as_samples(csv):
    assert inspect(csv, target="sky").task == "classification"
    assert inspect(csv, target="warm").windows.series == ("warm",)
    assert inspect(csv, target="warm", task="table").task == "regression"


def test_the_windows_are_written_into_the_spec_and_open_again(csv):
    taken = ingest(csv)
    assert taken.spec.windows == taken.inspection.windows
    assert taken.spec.snapshot.target.horizon == taken.spec.windows.horizon
    raw = open_raw(taken.spec)
    assert raw.kind == "series" and len(raw) == taken.spec.snapshot.samples
    again = codec.decode(codec.encode(blank_project(taken.spec)), "the project")
    assert again.data == taken.spec


def test_rows_without_a_time_are_forecast_in_their_order_when_asked(tmp_path):
    path = tmp_path / "plain.csv"
    path.write_text("load\n" + "\n".join(f"{np.sin(i / 3):.4f}" for i in range(90)) + "\n")
    found = inspect(path, task="forecasting")
    assert found.windows.time is None and found.windows.series == ("load",)


def test_a_forecast_of_words_alone_is_refused(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("a,b\n" + "x,y\nz,y\n" * 30)
    with pytest.raises(DataError, match="no number column to forecast"):
        inspect(path, task="forecasting")


def test_the_command_line_inspects_and_trains_on_an_uploaded_series(csv, tmp_path, capsys):
    assert main(["data", "inspect", str(csv), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["task"] == "forecasting" and told["windows"]["horizon"] == 5
    project = blank_project(ingest(csv).spec)
    project = project.model_copy(
        update={"name": "w", "training": TrainingSpec(epochs=2, deterministic=True)}
    )
    other = tmp_path / "other.csv"
    other.write_text(text(rows=150))
    (tmp_path / "w.loom.json").write_text(codec.encode(project))
    run = tmp_path / "run"
    words = ["train", str(tmp_path / "w.loom.json"), "--data", str(other), "--json"]
    assert main([*words, "--run-dir", str(run)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"mae", "rmse", "mase"} <= set(told["metrics"]["test"])
    assert told["baseline"]["name"] in ("last_value", "seasonal_naive", "ridge")
    assert main(["predict", str(run), str(other), "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)["predictions"]
    assert set(answer["forecast"]) == {"warm", "rain"}
    assert all(len(steps) == 5 for steps in answer["forecast"].values())
