"""Sequence to sequence learns to write texts, leaves padding out, says what does not fit, and resumes bit for bit."""

import numpy as np
import pytest
import torch

from builder.network.source import generate
from builder.readiness.blank import blank_project
from builder.readiness.check import check_project
from builder.readiness.expect import expectations
from builder.spec.edits import apply_all
from builder.spec.network import Expr
from builder.train import events
from builder.train.build import build_job
from builder.train.loop import train
from builder.train.losses import TargetToken
from builder.train.recipes.catalogue import all_recipes, find, infer
from builder.train.translating import translated
from tests.train.drawn import dates, digits, translation


def errors(project):
    return [p for p in check_project(project).problems if p.severity == "error"]


def losses(happened):
    done = [event for event in happened if isinstance(event, events.StepsDone)]
    return {
        int(step): float(loss).hex()
        for e in done
        for step, loss in zip(e.steps, e.losses, strict=True)
    }


def test_pairs_of_texts_ask_for_it_and_for_nothing_else_that_needs_a_target():
    schema = dates().snapshot
    assert infer(translation().training, schema).kind == "sequence_to_sequence"
    fitting = [r.kind for r in all_recipes() if r.needs_target and r.fits(schema) is None]
    assert fitting == ["sequence_to_sequence"]
    for kind in ("classification", "regression"):
        assert "choose Sequence to sequence" in find(kind).fits(schema)
    assert "two columns of texts" in find("sequence_to_sequence").fits(digits().snapshot)


def test_a_sound_drawing_has_no_error_and_the_smallest_network_trains():
    assert errors(translation()) == []
    assert errors(blank_project(dates())) == []


def test_a_decoder_that_looks_ahead_is_told_at_the_layer_with_a_fix_that_mends_it():
    project = translation(decoder={"bidirectional": True, "hidden_size": 16})
    (problem,) = errors(project)
    assert (problem.code, problem.node) == ("looks_ahead", "decoder")
    assert "copy the next token instead of learning to write it" in problem.what
    (fix,) = problem.fixes
    assert errors(apply_all(fix.edits, project)) == []


def test_an_encoder_may_look_both_ways_and_other_widths_are_told():
    project = translation()
    network = project.networks[0]
    wrong = network.model_copy(
        update={
            "nodes": tuple(
                n.model_copy(update={"knobs": {"out_features": 9}}) if n.id == "linear" else n
                for n in network.nodes
            )
        }
    )
    (problem,) = errors(project.model_copy(update={"networks": (wrong,)}))
    assert (problem.code, problem.node) == ("output_width", "linear")
    assert "at each of 11 places any of" in problem.what
    assert any(not errors(apply_all(fix.edits, project)) for fix in problem.fixes)


def test_each_table_is_measured_by_the_tokens_that_flow_into_it():
    def with_rows(node, rows):
        project = translation()
        network = project.networks[0]
        nodes = tuple(
            n.model_copy(update={"knobs": {**n.knobs, "num_embeddings": rows}})
            if n.id == node
            else n
            for n in network.nodes
        )
        return project.model_copy(
            update={"networks": (network.model_copy(update={"nodes": nodes}),)}
        )

    assert errors(with_rows("target_table", 15)) == []
    (problem,) = errors(with_rows("target_table", 14))
    assert (problem.code, problem.node) == ("small_vocabulary", "target_table")
    (edit,) = problem.fixes[0].edits
    assert edit.knobs["num_embeddings"] == Expr(expr="target_vocabulary")
    (problem,) = errors(with_rows("table", 15))
    assert problem.node == "table" and f"{dates().snapshot.vocabulary:,} different" in problem.what


def test_padding_costs_nothing_in_the_loss_and_changes_no_answer():
    draw = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 4, 7, generator=draw)
    target = torch.tensor([[4, 5, 3, 0], [6, 3, 0, 0]])
    real = target != 0
    wanted = torch.nn.functional.cross_entropy(logits[real], target[real])
    assert torch.equal(TargetToken().build()(logits, target), wanted)
    job = build_job(translation(), watch=False)
    few = job.train.cut(0, 8).inputs
    learner = job.learner
    network = next(iter(learner.networks.values())).eval()
    padding = torch.arange(few["text"].shape[1]) >= few["text_length"][:, None]
    assert padding.any()
    other = {**few, "text": few["text"].masked_fill(padding, 1)}
    with torch.no_grad():
        assert torch.allclose(learner.outputs(few), learner.outputs(other), atol=1e-6)
    assert network is not None


def test_exact_match_while_learning_is_what_greedy_decoding_gets():
    quick = {"kind": "adamw", "learning_rate": 5e-3}
    job = build_job(translation(limit=None, epochs=5, optimizer=quick), watch=False)
    for _ in train(job):
        pass
    measured = job.measured()
    figures = job.learner.measure(measured.inputs, measured.target, chunk=64)
    next(iter(job.learner.networks.values())).eval()
    written = translated(job.learner.outputs, measured.inputs)
    share = float((written == measured.target).all(1).float().mean())
    assert figures["exact_match"] == pytest.approx(share)
    assert 0.02 < share < 1
    assert figures["token_accuracy"] > figures["exact_match"]


def test_what_it_shows_are_texts_what_is_wanted_and_what_it_writes():
    job = build_job(translation())
    shown = job.display.rows()
    few = job.measured().cut(0, len(shown["text"]))
    assert shown["written"].shape == few.target.shape
    assert np.array_equal(shown["text"], few.inputs["text"].numpy())
    wanted = few.target.masked_fill(few.target == 3, 0)
    assert np.array_equal(shown["wanted"], wanted.numpy())


def test_the_source_takes_the_text_what_is_written_and_the_length():
    project = translation()
    text = generate(project, expectations(project)).text
    assert "so_far: int64 (B, 11)" in text and "key_padding_mask" in text


@pytest.mark.parametrize("stop", [3, 11])
def test_it_goes_on_bit_for_bit_after_a_stop_at_any_step(tmp_path, monkeypatch, stop):
    monkeypatch.setattr("builder.train.loop.ATTEND_SECONDS", 0.0)
    project = translation(deterministic=True)
    whole = losses(train(build_job(project, folder=tmp_path / "whole")))
    job = build_job(project, folder=tmp_path / "parts")
    real = job.learner.step

    def stopping(inputs, target):
        if job.progress.step == stop:
            job.control.stop()
        return real(inputs, target)

    job.learner.step = stopping
    parts = losses(train(job))
    assert 0 < len(parts) < len(whole)
    assert parts | losses(train(build_job(project, folder=tmp_path / "parts"))) == whole
