"""The benchmark runs, and its opponent learns the same task."""

import torch

from builder.bench import training as bench
from builder.bench.editing import BUDGETS_SECONDS, bench_edit


def test_a_short_benchmark_gives_a_ratio_for_every_opponent(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    short = bench.CASES[0]._replace(epochs=2, limit=200)
    rows = bench.bench_train((short,), rounds=3, libraries=False)
    assert [row.against for row in rows] == ["hand-written loop", "probes off"]
    assert all(row.ratio > 0 for row in rows)


def test_both_sides_have_the_same_number_of_parameters(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path))
    for case in bench.CASES:
        ours = bench.build_job(bench.project_of(case._replace(limit=100)), watch=False)
        theirs = sum(parameter.numel() for parameter in case.by_hand().parameters())
        assert ours.parameters() == theirs, case.name
        assert isinstance(case.by_hand(), torch.nn.Module)


def test_the_edit_benchmark_checks_drawings_without_problems(monkeypatch):
    rows = bench_edit(rounds=2)
    assert [row.case for row in rows] == [f"check of {size} layers" for size in BUDGETS_SECONDS]
    assert all(row.ratio > 0 for row in rows)
