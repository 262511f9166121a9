"""New samples of a run are judged beside one Gaussian, and kept to look at."""

import json

import pytest

from builder.evaluate.results import read_arrays
from builder.evaluate.run import evaluate
from builder.export.kinds import bundle
from builder.export.model import real_samples
from builder.train.build import build_job
from builder.train.loop import train
from builder.train.recipes.options import Draw
from builder.train.trained import load_trained
from tests.train.drawn import vae


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr("builder.train.device.cores", lambda: 1)
        folder = tmp_path_factory.mktemp("run")
        project = vae(epochs=4)
        (folder / "project.loom.json").write_text(project.model_dump_json())
        for _ in train(build_job(project, folder=folder)):
            pass
        yield folder


def test_figures_stand_beside_those_of_a_gaussian(run):
    results = evaluate(run, "validation")
    assert results.metric == "sure_share"
    assert results.samples == 1000
    assert 0 <= results.metrics["sure_share"] <= 1
    assert results.metrics["feature_frechet"] > 0
    assert sum(results.made.sure_by_class) == round(1000 * results.metrics["sure_share"])
    assert results.made.judge_accuracy > 0.95
    (rival,) = results.baselines
    assert set(rival.metrics) == {"sure_share", "feature_frechet", "classes_present"}
    assert read_arrays(run, "validation")["generated"].shape == (32, 8, 8, 1)
    assert json.loads((run / "results" / "validation.json").read_text())["made"]


def test_an_export_is_the_decoder_and_is_proved_on_codes_of_real_samples(run):
    trained = load_trained(run)
    real = real_samples(trained)
    assert list(real.raw) == ["code"]
    assert real.raw["code"].shape == (200, 4)
    assert real.outputs.shape == (200, 1, 8, 8)


@pytest.mark.parametrize("kind", ["source", "safetensors", "bundle", "onnx"])
def test_a_reloaded_export_makes_the_same_samples(run, kind, tmp_path):
    from builder.export.formats import find
    from builder.export.verify import verify
    from builder.export.write import _lay_out

    trained = load_trained(run)
    exporter = find(kind)
    artefact = tmp_path / f"export.{exporter.FORMAT.extension}"
    exporter.write(trained, artefact)
    _lay_out(trained, tmp_path)
    assert verify(exporter, artefact, tmp_path, real_samples(trained)).is_same


def test_the_bundle_makes_the_samples_of_the_app(run, tmp_path):
    import subprocess
    import sys
    import zipfile

    import numpy as np

    trained = load_trained(run)
    bundle.write(trained, tmp_path / "b.zip")
    zipfile.ZipFile(tmp_path / "b.zip").extractall(tmp_path / "bundle")
    words = [sys.executable, "-I", str(tmp_path / "bundle" / "generate.py")]
    words += ["--count", "5", "--seed", "7", "-o", str(tmp_path / "made.npz")]
    subprocess.run(words, check=True, capture_output=True)
    theirs = np.load(tmp_path / "made.npz")["samples"]
    ours = trained.preparation.pictures(trained.generate(Draw(5, 7))).numpy()
    assert np.allclose(theirs, ours, atol=1e-6)
    assert "python generate.py" in (tmp_path / "bundle" / "README.md").read_text()
