"""What is written for texts is measured against what was wanted, beside opponents that only look texts up."""

import numpy as np
import pytest

from builder.data.raw import TEXT
from builder.data.split import split
from builder.data.store import open_raw
from builder.data.texts import text_at
from builder.errors import DataError
from builder.evaluate.predict import predict
from builder.evaluate.results import read_results
from builder.evaluate.run import evaluate
from builder.evaluate.translate import edit_distance
from builder.train.build import build_job
from builder.train.loop import train
from tests.train.drawn import translation


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A little trained run on dates: right now and then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr("builder.train.device.cores", lambda: 1)
        folder = tmp_path_factory.mktemp("run")
        quick = {"kind": "adamw", "learning_rate": 5e-3}
        project = translation(limit=None, epochs=5, optimizer=quick)
        (folder / "project.loom.json").write_text(project.model_dump_json())
        for _ in train(build_job(project, folder=folder)):
            pass
        yield folder


@pytest.fixture(scope="module")
def results(run):
    return evaluate(run, "validation")


@pytest.fixture(scope="module")
def pairs(run):
    """Texts and what is wanted of the validation split."""
    raw = open_raw(translation(limit=None).data)
    rows = split(raw, translation().data.split).validation.tolist()
    return [(text_at(raw.fields[TEXT], row), text_at(raw.target, row)) for row in rows]


def test_figures_are_those_of_the_texts_that_predict_writes(run, results, pairs):
    few = [predict(run, [text])[0]["text"] for text, _ in pairs[:12]]
    many = [one["text"] for one in predict(run, [text for text, _ in pairs])]
    assert many[:12] == few
    exact = np.mean([a == wanted for a, (_, wanted) in zip(many, pairs, strict=True)])
    edits = np.mean([edit_distance(a, w) for a, (_, w) in zip(many, pairs, strict=True)])
    assert results.metric == "exact_match" and results.samples == len(pairs)
    assert results.metrics["exact_match"] == pytest.approx(exact)
    assert results.metrics["edit_distance"] == pytest.approx(edits)
    assert 0.02 < exact < 1 and results.metrics["token_accuracy"] > exact


def test_lengths_worst_and_typical_texts_and_opponents_are_kept(run, results, pairs):
    told = results.translations
    assert sum(told.samples) == len(pairs)
    assert np.average(told.exact, weights=told.samples) == pytest.approx(
        results.metrics["exact_match"]
    )
    pairs_of_edges = zip(told.longest[:-1], told.shortest[1:], strict=True)
    assert all(high < low for high, low in pairs_of_edges)
    assert [one.score for one in results.worst] == sorted(
        (one.score for one in results.worst), reverse=True
    )
    assert all(edit_distance(one.truth, one.answer) == one.score > 0 for one in results.worst)
    copied, nearest = results.baselines
    assert copied.metrics["exact_match"] == 0
    assert nearest.metrics["exact_match"] < results.metrics["exact_match"]
    assert nearest.metrics["edit_distance"] < copied.metrics["edit_distance"]
    assert read_results(run, "validation") == results


def test_other_pairs_are_measured_from_a_file(run, tmp_path):
    path = tmp_path / "more.csv"
    path.write_text("from,to\n5 March 2020,2020-03-05\n6 May 1999,1999-05-06\n7 May 1999,x\n")
    found = evaluate(run, "test", data=path, compare=False)
    assert found.samples == 3 and found.metrics["exact_match"] < 1


def test_bad_input_is_refused_with_a_sentence(run):
    with pytest.raises(DataError, match="The text is empty"):
        predict(run, ["  "])
    (one,) = predict(run, ["x" * 500])
    assert isinstance(one["text"], str)


def test_the_edit_distance_counts_insertions_removals_and_exchanges():
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == edit_distance("abc", "") == 3
    assert edit_distance("2020-01-02", "2020-01-02") == 0
