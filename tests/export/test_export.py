"""Every format, reloaded in a clean process, gives the app's answers; what does not is never delivered."""

import dataclasses
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from builder.errors import ExportError
from builder.evaluate.predict import predict
from builder.export import formats, verify, write
from builder.export.model import real_samples
from builder.train.trained import load_trained

KINDS = [format_.kind for format_ in formats.formats()]


@pytest.fixture(
    params=[
        "picture_run",
        "table_run",
        "autoencoder_run",
        "text_run",
        "corpus_run",
        "series_run",
        "mask_run",
        "translation_run",
    ]
)
def run(request):
    return request.getfixturevalue(request.param)


def test_the_four_formats_are_found() -> None:
    assert {"source", "safetensors", "onnx", "bundle"} <= set(KINDS)
    assert [f.order for f in formats.formats()] == sorted(f.order for f in formats.formats())


@pytest.mark.parametrize("kind", KINDS)
def test_a_reloaded_export_gives_the_apps_answers(kind, run, tmp_path) -> None:
    done = write.export(run, kind, tmp_path / "model.bin")
    assert done.path.stat().st_size == done.bytes > 0
    assert done.verified.samples == min(200, len(real_samples(load_trained(run.path))))
    assert done.verified.max_abs_difference <= 1e-5 * max(1.0, done.verified.max_abs_output)
    assert done.verified.same_answers == 1.0


def test_changed_weights_are_not_the_same_model_and_nothing_is_delivered(
    picture_run, tmp_path, monkeypatch
) -> None:
    honest = write.real_samples

    def other(trained):
        samples = honest(trained)
        return dataclasses.replace(samples, answers=samples.answers + 1e-2)

    monkeypatch.setattr(write, "real_samples", other)
    with pytest.raises(ExportError, match="Not the same model"):
        write.export(picture_run, "bundle", tmp_path / "model.zip")
    assert not (tmp_path / "model.zip").exists()


def test_outputs_of_another_shape_or_not_a_number_are_never_the_same() -> None:
    wanted = np.zeros((3, 2), np.float32)
    with pytest.raises(ExportError, match="shape"):
        verify.compare(wanted, wanted[:, :1], size=1, milliseconds=1.0)
    broken = wanted.copy()
    broken[0, 0] = np.nan
    assert not verify.compare(wanted, broken, size=1, milliseconds=1.0).is_same


def test_the_bundle_of_a_segmentation_writes_masks_as_pictures(mask_run, tmp_path) -> None:
    from PIL import Image

    done = write.export(mask_run, "bundle", tmp_path / "b.zip")
    zipfile.ZipFile(done.path).extractall(tmp_path / "a bundle")
    raw = real_samples(load_trained(mask_run.path)).raw["image"]
    picture = tmp_path / "a picture.png"
    Image.fromarray(raw[0]).save(picture)
    (mine,) = predict(mask_run, [str(picture)])
    (theirs,) = run_clean(tmp_path / "a bundle", [str(picture)])["predictions"]
    assert theirs["mask"] == mine["mask"] and theirs["shares"] == pytest.approx(mine["shares"])
    folder = tmp_path / "masks"
    answer = run_clean(tmp_path / "a bundle", [str(picture), "--masks", str(folder)])
    path = Path(answer["predictions"][0]["mask"])
    assert path == folder / "a picture-mask.png"
    with Image.open(path) as image:
        assert image.mode == "P" and np.asarray(image).tolist() == mine["mask"]


def test_the_bundle_of_a_sequence_to_sequence_run_writes_the_same_texts(
    translation_run, tmp_path
) -> None:
    done = write.export(translation_run, "bundle", tmp_path / "b.zip")
    zipfile.ZipFile(done.path).extractall(tmp_path / "a bundle")
    texts = ["5 March 1999", "4/5/2020", "a text of another kind"]
    mine = predict(translation_run, texts)
    assert run_clean(tmp_path / "a bundle", texts)["predictions"] == mine
    assert len(mine) == 3 and all(isinstance(one["text"], str) for one in mine)


def test_the_bundle_predicts_without_layerloom(picture_run, tmp_path) -> None:
    from PIL import Image

    done = write.export(picture_run, "bundle", tmp_path / "b.zip")
    zipfile.ZipFile(done.path).extractall(tmp_path / "a bundle")
    pixels = (np.arange(28 * 28).reshape(28, 28) % 255).astype(np.uint8)
    picture = tmp_path / "a picture.png"
    Image.fromarray(pixels).save(picture)
    answer = run_clean(tmp_path / "a bundle", [str(picture)])
    (mine,) = predict(picture_run, [str(picture)])
    (theirs,) = answer["predictions"]
    assert theirs["class"] == mine["class"]
    assert theirs["probability"] == pytest.approx(mine["probability"], abs=1e-6)


def test_the_bundle_predicts_rows_with_gaps_and_unknown_words(table_run, tmp_path) -> None:
    done = write.export(table_run, "bundle", tmp_path / "b.zip")
    zipfile.ZipFile(done.path).extractall(tmp_path / "bundle")
    row = '{"size": null, "colour": "violet"}'
    answer = run_clean(tmp_path / "bundle", [row])
    (mine,) = predict(table_run, [row])
    assert answer["predictions"][0]["value"] == pytest.approx(mine["value"], rel=1e-6)


def test_the_bundle_goes_on_from_the_last_rows_of_a_csv(series_run, tmp_path, home) -> None:
    done = write.export(series_run, "bundle", tmp_path / "b.zip")
    zipfile.ZipFile(done.path).extractall(tmp_path / "bundle")
    csv = str(home / "loads.csv")
    (theirs,) = run_clean(tmp_path / "bundle", [csv])["predictions"]
    (mine,) = predict(series_run, [csv])
    assert set(theirs) == {"low", "forecast", "high"}
    for word in theirs:
        for name in ("load", "price"):
            assert theirs[word][name] == pytest.approx(mine[word][name], rel=1e-5)
    short = tmp_path / "short.csv"
    short.write_text("day,load,price\n2024-01-01,1,2\n")
    refused = clean(tmp_path / "bundle", [str(short)])
    assert refused.returncode == 1 and "A forecast needs the last" in refused.stderr


def test_the_bundle_refuses_a_bad_file_in_one_sentence(picture_run, tmp_path) -> None:
    done = write.export(picture_run, "bundle", tmp_path / "b.zip")
    zipfile.ZipFile(done.path).extractall(tmp_path / "bundle")
    (tmp_path / "x.png").write_text("not a picture")
    refused = clean(tmp_path / "bundle", [str(tmp_path / "x.png")])
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "x.png" in refused.stderr


def test_the_bundle_answers_to_a_text(text_run, tmp_path) -> None:
    done = write.export(text_run, "bundle", tmp_path / "b.zip")
    zipfile.ZipFile(done.path).extractall(tmp_path / "bundle")
    text = "Number 7 is a fine one, they say"
    (theirs,) = run_clean(tmp_path / "bundle", [text])["predictions"]
    (mine,) = predict(text_run, [text])
    assert theirs["class"] == mine["class"]
    assert theirs["probability"] == pytest.approx(mine["probability"], abs=1e-6)


def test_the_bundle_of_a_language_model_writes_what_the_app_writes(corpus_run, tmp_path) -> None:
    done = write.export(corpus_run, "bundle", tmp_path / "b.zip")
    zipfile.ZipFile(done.path).extractall(tmp_path / "bundle")
    (mine,) = predict(corpus_run, ["One day"])
    (theirs,) = run_clean(tmp_path / "bundle", ["One day", "--json"])["predictions"]
    assert theirs["text"] == mine["text"] and len(mine["text"]) == 200
    other = run_clean(tmp_path / "bundle", ["One day", "--json", "--seed", "1", "--tokens", "20"])
    assert len(other["predictions"][0]["text"]) == 20
    refused = clean(tmp_path / "bundle", [" "])
    assert refused.returncode == 1 and refused.stderr.startswith("The text is empty")


def test_the_same_run_gives_the_same_bundle_bytes(table_run, tmp_path) -> None:
    first = write.export(table_run, "bundle", tmp_path / "1.zip").path.read_bytes()
    assert first == write.export(table_run, "bundle", tmp_path / "2.zip").path.read_bytes()


def test_exports_hold_no_path_of_this_machine(run, tmp_path, home) -> None:
    done = write.export(run, "bundle", tmp_path / "b.zip")
    with zipfile.ZipFile(done.path) as bundle:
        for name in bundle.namelist():
            content = bundle.read(name)
            assert str(home).encode() not in content
            assert str(Path.home()).encode() + b"/" not in content


def test_onnx_takes_any_number_of_samples(picture_run, tmp_path) -> None:
    import onnxruntime

    done = write.export(picture_run, "onnx", tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(str(done.path), providers=["CPUExecutionProvider"])
    samples = real_samples(load_trained(picture_run.path), 7)
    for count in (1, 2, 7):
        fed = {name: values[:count] for name, values in samples.raw.items()}
        (got,) = session.run(None, fed)
        np.testing.assert_allclose(got, samples.answers[:count], atol=1e-4)


def test_an_unknown_format_lists_the_known_ones(picture_run) -> None:
    with pytest.raises(ExportError, match="safetensors"):
        write.export(picture_run, "keras")


def test_a_run_without_weights_says_so(picture_run, home, tmp_path) -> None:
    from builder.errors import BuilderError
    from builder.runs.store import create

    fresh = create(picture_run.project)
    with pytest.raises(BuilderError, match=r"weights|trained|model"):
        write.export(fresh, "onnx", tmp_path / "m.onnx")


def clean(folder, words):
    """Runs predict.py of an unpacked bundle where LayerLoom cannot be imported."""
    return subprocess.run(
        [sys.executable, "-I", str(folder / "predict.py"), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def run_clean(folder, words):
    """The JSON object predict.py prints."""
    done = clean(folder, words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_bundle_of_an_autoencoder_gives_back_and_says_what_is_unusual(
    autoencoder_run, tmp_path
) -> None:
    from PIL import Image

    done = write.export(autoencoder_run, "bundle", tmp_path / "b.zip")
    zipfile.ZipFile(done.path).extractall(tmp_path / "bundle")
    checks = np.indices((8, 8)).sum(0) % 2
    Image.fromarray((255 * checks).astype(np.uint8)).save(tmp_path / "checks.png")
    told = subprocess.run(
        [
            sys.executable,
            "-I",
            str(tmp_path / "bundle" / "predict.py"),
            str(tmp_path / "checks.png"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    (theirs,) = json.loads(told.stdout)["predictions"]
    (ours,) = predict(autoencoder_run, [str(tmp_path / "checks.png")])
    assert theirs["unusual"] is ours["unusual"] is True
    assert theirs["error"] == pytest.approx(ours["error"], rel=1e-5)
    assert np.allclose(theirs["reconstruction"], ours["reconstruction"], atol=1e-5)
    assert np.shape(theirs["reconstruction"]) == (8, 8, 1)
