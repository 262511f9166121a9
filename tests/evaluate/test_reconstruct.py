"""Reconstructions are measured against principal components, and what is unusual against validation."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from builder.errors import DataError
from builder.evaluate.generate import generate
from builder.evaluate.predict import predict
from builder.evaluate.reconstruct import narrowest
from builder.evaluate.results import read_arrays
from builder.evaluate.run import evaluate
from builder.spec.network import Wire
from builder.train.build import build_job
from builder.train.loop import train
from builder.train.trained import load_trained
from builder.train.unusual import ORDINARY, threshold
from tests.train.drawn import autoencoder


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A trained autoencoder on the digits, with noise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr("builder.train.device.cores", lambda: 1)
        folder = tmp_path_factory.mktemp("run")
        project = autoencoder(code=16, epochs=8, recipe_settings={"noise": 0.2})
        (folder / "project.loom.json").write_text(project.model_dump_json())
        for _ in train(build_job(project, folder=folder)):
            pass
        yield folder


@pytest.fixture(scope="module")
def results(run):
    return evaluate(run, "validation")


def test_the_figures_are_those_of_numpy(run, results):
    trained = load_trained(run)
    from builder.data.split import split
    from builder.data.store import open_raw

    raw = open_raw(trained.project.data)
    rows = split(raw, trained.project.data.split).validation
    truth = raw.fields["image"][rows].astype(np.float32).transpose(0, 3, 1, 2) / 16
    with torch.no_grad():
        made = trained.network(torch.from_numpy(truth)).numpy()
    off = ((made - truth) ** 2).reshape(len(rows), -1).mean(1)
    assert results.metrics["mse"] == pytest.approx(off.mean(), rel=1e-5)
    assert results.intervals["mse"].low < off.mean() < results.intervals["mse"].high
    assert results.worst[0].index == rows[off.argmax()]
    assert results.reconstructions.threshold == pytest.approx(np.quantile(off, ORDINARY), rel=1e-5)


def test_components_of_equal_width_stand_beside_it(run, results):
    trained = load_trained(run)
    assert narrowest(trained) == 16
    (rival,) = results.baselines
    from builder.data.split import split
    from builder.data.store import open_raw

    raw = open_raw(trained.project.data)
    parts = split(raw, trained.project.data.split)
    flat = raw.fields["image"].reshape(len(raw), -1) / 16
    model = PCA(16).fit(flat[parts.train])
    seen = flat[parts.validation]
    back = model.inverse_transform(model.transform(seen))
    assert rival.metrics["mse"] == pytest.approx(((back - seen) ** 2).mean(), rel=1e-3)
    assert set(rival.metrics) == {"mse", "denoised_mse"}


def test_the_worst_and_best_are_kept_as_pictures(run, results):
    arrays = read_arrays(run, "validation")
    assert set(arrays) == {
        f"{which}:{word}" for which in ("worst", "best") for word in ("input", "reconstruction")
    }
    assert arrays["worst:input"].shape == (8, 8, 8, 1)
    off = {
        which: ((arrays[f"{which}:input"] - arrays[f"{which}:reconstruction"]) ** 2).mean()
        for which in ("worst", "best")
    }
    assert off["best"] < off["worst"]


def test_a_way_around_the_narrow_place_makes_it_wide():
    project = autoencoder()
    from builder.evaluate.reconstruct import _all_pass

    network = project.networks[0]
    assert _all_pass(network, "linear2", "output")
    around = network.model_copy(
        update={"wires": (*network.wires, Wire(source="relu1", target="linear3"))}
    )
    assert not _all_pass(around, "linear2", "output")
    assert _all_pass(around, "flatten1", "output")


def test_noise_that_is_no_digit_is_unusual_and_a_digit_is_not(run):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 17, (8, 8, 1)).astype(np.uint8)
    trained = load_trained(run)
    from builder.data.store import open_raw

    digit = open_raw(trained.project.data).fields["image"][0]
    strange, plain = predict(run, [noise, digit])
    assert strange["unusual"]
    assert not plain["unusual"]
    assert strange["threshold"] == pytest.approx(threshold(trained).value)


def test_new_samples_are_refused_in_a_sentence(run):
    with pytest.raises(DataError, match="1 to"):
        generate(load_trained(run), count=0)
