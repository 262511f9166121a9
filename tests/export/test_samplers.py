"""A bundle of a network that makes pictures makes the app's own, in a clean process, with what it lists alone."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from builder.errors import DataError, TrainError
from builder.evaluate.generate import generate
from builder.evaluate.run import evaluate
from builder.export import write
from builder.train.trained import load_trained


@pytest.fixture(params=["gan_run", "diffusion_run"])
def run(request):
    return request.getfixturevalue(request.param)


def unpacked(run, folder):
    done = write.export(run, "bundle", folder / "model.zip")
    assert done.verified.is_same
    with zipfile.ZipFile(done.path) as bundle:
        bundle.extractall(folder / "model")
    return folder / "model"


def read_npz(path):
    with np.load(path) as stored:
        return stored["samples"]


def made_by(home: Path, *words):
    program = [sys.executable, "-I", str(home / "generate.py"), *map(str, words)]
    return subprocess.run(program, capture_output=True, text=True, check=False, cwd=home)


def test_a_bundle_makes_the_pictures_of_the_app(run, tmp_path):
    home = unpacked(run, tmp_path)
    done = made_by(home, "--count", 20, "--seed", 3, "-o", home / "all.npz")
    assert done.returncode == 0, done.stderr
    ours = generate(load_trained(run.path), count=20, seed=3)
    np.testing.assert_allclose(read_npz(home / "all.npz"), ours, atol=1e-4)
    done = made_by(home, "--count", 20, "--seed", 3, "--class", "7", "-o", home / "seven.png")
    assert done.returncode == 0, done.stderr
    with Image.open(home / "seven.png") as sheet:
        assert sheet.size == (16 * 8, 2 * 8)
    sevens = generate(load_trained(run.path), count=20, seed=3, label=7)
    assert not np.allclose(sevens, ours)


def test_sampling_can_be_set_anew_where_there_is_a_sampler(diffusion_run, tmp_path):
    home = unpacked(diffusion_run, tmp_path)
    words = ("--sampling-steps", 12, "--guidance", 3.5, "-o", home / "x.npz")
    done = made_by(home, "--count", 4, *words)
    assert done.returncode == 0, done.stderr
    settings = {"sampling_steps": 12, "guidance": 3.5}
    trained = load_trained(diffusion_run.path)
    ours = generate(trained, count=4, settings=settings)
    np.testing.assert_allclose(read_npz(home / "x.npz"), ours, atol=1e-4)
    assert not np.allclose(ours, generate(trained, count=4))
    assert (home / "noising.py").is_file()


def test_wishes_that_cannot_be_are_refused_in_words(gan_run, diffusion_run):
    trained = load_trained(diffusion_run.path)
    with pytest.raises(DataError, match="class 10"):
        generate(trained, count=4, label=10)
    with pytest.raises(TrainError, match="sampling_steps"):
        generate(trained, count=4, settings={"sampling_steps": 0})
    with pytest.raises(TrainError, match="guidance"):
        generate(load_trained(gan_run.path), count=4, settings={"guidance": 2.0})


def test_the_command_line_draws_with_settings(diffusion_run, tmp_path, capsys):
    from builder.cli import main as cli

    path = tmp_path / "drawn.npz"
    words = ["generate", str(diffusion_run.path), "--count", "4", "--set", "sampling_steps=12"]
    assert cli.main([*words, "--json", "-o", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["count"] == 4
    ours = generate(load_trained(diffusion_run.path), count=4, settings={"sampling_steps": 12})
    np.testing.assert_array_equal(read_npz(path), ours)
    assert cli.main([*words[:-1], "sampling_steps=many"]) != 0


def test_pictures_are_judged_by_the_class_they_were_asked_for(gan_run):
    results = evaluate(gan_run.path, "validation", compare=False)
    assert {"sure_share", "asked_share", "feature_frechet", "classes_present"} <= set(
        results.metrics
    )
    assert results.metrics["asked_share"] < 0.5, "an epoch teaches nothing"
    assert results.metric == "sure_share"
