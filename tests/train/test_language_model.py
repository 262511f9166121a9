"""The language model: what it measures, what it refuses, and that a stop leaves no trace."""

import math
from itertools import pairwise

import pytest
import torch
from torch.nn.functional import cross_entropy

from builder.data import texts
from builder.data.batches import Tensors
from builder.spec.data import DataSchema, DataSpec, FieldSchema, TargetSchema
from builder.spec.network import Expr, Network, Node, Wire
from builder.spec.project import Project
from builder.spec.training import OptimizerSpec, ScheduleSpec, TrainingSpec
from builder.train import events
from builder.train.build import build_job
from builder.train.loop import train
from builder.train.recipes.catalogue import find, infer

LENGTH = 32


@pytest.fixture(autouse=True)
def one_pace(monkeypatch):
    """No trial of threads: two trials on a busy machine may choose differently."""
    monkeypatch.setattr("builder.train.build._choose_pace", lambda job, plan, networks: None)


def chain(*rows):
    nodes = tuple(Node(id=kind, kind=kind, name=kind, knobs=knobs) for kind, knobs in rows)
    wires = tuple(Wire(source=a.id, target=b.id) for a, b in pairwise(nodes))
    return Network(nodes=nodes, wires=wires)


def gpt(*, causal=True, dropout=0.1):
    vocabulary = Expr(expr="vocabulary")
    return chain(
        ("input", {}),
        ("embedding", {"num_embeddings": vocabulary, "embedding_dim": 16}),
        ("learned_positions", {}),
        (
            "transformer_encoder_layer",
            {"nhead": 2, "dim_feedforward": 32, "causal": causal, "dropout": dropout},
        ),
        ("linear", {"out_features": vocabulary}),
        ("output", {}),
    )


def text(characters=6000):
    """Each letter but every seventh follows from the one before it."""
    letters = ["a"]
    while len(letters) < characters:
        place = "abcde".index(letters[-1]) + 1 if len(letters) % 7 else len(letters) // 7**2
        letters.append("abcde"[place % 5])
    return texts.corpus("letters", "".join(letters))


def schema(raw, length=LENGTH):
    from builder.data import plan
    from builder.spec.data import PrepareStep

    steps = (PrepareStep(kind="characters", settings={"length": length}),)
    how = plan.cut(raw, steps)
    snapshot = DataSchema(
        fields=(FieldSchema(name="text", shape=(length,), dtype="int64", role="tokens"),),
        target=TargetSchema(kind="tokens", name="next token"),
        samples=plan.tokens(raw, how) // length,
        hash="0" * 16,
        vocabulary=how.vocabulary,
    )
    return DataSpec(steps=steps, snapshot=snapshot)


def project(raw, network=None, **training):
    usual = {
        "epochs": 2,
        "batch_size": 16,
        "optimizer": OptimizerSpec(learning_rate=3e-3),
        "schedule": ScheduleSpec(kind="cosine", warmup_steps=3),
        "clip_norm": 1.0,
    }
    return Project(
        networks=(network or gpt(),),
        data=schema(raw),
        training=TrainingSpec(**{**usual, **training}),
    )


def losses(happened):
    done = [event for event in happened if isinstance(event, events.StepsDone)]
    return {
        int(step): float(loss).hex()
        for event in done
        for step, loss in zip(event.steps, event.losses, strict=True)
    }


def test_one_text_is_learned_by_a_language_model_and_by_nothing_else():
    data = schema(text()).snapshot
    assert infer(TrainingSpec(), data).kind == "language_model"
    for kind in ("classification", "regression"):
        assert "Language model" in find(kind).fits(data)
    labelled = data.model_copy(update={"target": TargetSchema(kind="classes", classes=("a", "b"))})
    assert "without labels" in find("language_model").fits(labelled)


def test_the_data_give_vocabulary_and_length_as_variables():
    raw = text()
    assert find("language_model").variables(schema(raw).snapshot) == {
        "features": LENGTH,
        "length": LENGTH,
        "vocabulary": 7,
    }


def test_it_learns_what_follows():
    quick = OptimizerSpec(learning_rate=1e-2)
    job = build_job(
        project(text(), gpt(dropout=0.0), epochs=8, optimizer=quick), text(), watch=False
    )
    ended = [event for event in train(job) if isinstance(event, events.EpochEnded)]
    first, last = ended[0].validation["nats_per_token"], ended[-1].validation["nats_per_token"]
    assert last < 0.6 * math.log(5) and last < first


def test_measuring_is_the_mean_cross_entropy_of_every_token():
    raw = text()
    job = build_job(project(raw), raw, watch=False)
    measured = job.measured()
    found = job.learner.measure(measured.inputs, measured.target, chunk=3)
    (network,) = job.networks.values()
    network.eval()
    with torch.no_grad():
        logits = network(measured.inputs["text"])
    wanted = float(cross_entropy(logits.flatten(0, 1), measured.target.flatten()))
    assert found["nats_per_token"] == pytest.approx(wanted, abs=1e-6)
    assert found["perplexity"] == pytest.approx(math.exp(wanted), rel=1e-5)


@pytest.mark.parametrize("step", [1, 5, 9, 11])
def test_a_resumed_language_model_goes_on_bit_for_bit(tmp_path, step):
    raw = text()
    whole = losses(train(build_job(project(raw), raw, folder=tmp_path / "whole", watch=False)))

    job = build_job(project(raw), raw, folder=tmp_path / "cut", watch=False)
    real = job.learner.step

    def stopping(inputs, target):
        if job.progress.step + 1 == step:
            job.control.stop()
        return real(inputs, target)

    job.learner.step = stopping
    before = losses(train(job))
    resumed = build_job(project(raw), raw, folder=tmp_path / "cut", watch=False)
    resumed_at = resumed.progress.step
    assert resumed_at >= step
    after = losses(train(resumed))
    assert {**before, **after} == whole
    assert len(after) == len(whole) - resumed_at


def test_other_places_drawn_after_a_resume_would_be_seen(tmp_path, monkeypatch):
    from builder.data.batches import Windows, order

    raw = text()
    whole = losses(train(build_job(project(raw), raw, watch=False)))
    monkeypatch.setattr(
        Windows, "places", lambda self, seed, epoch: order(seed, epoch + 1, len(self))
    )
    assert losses(train(build_job(project(raw), raw, watch=False))) != whole


def test_an_epoch_reads_as_many_tokens_as_the_text_has():
    raw = text()
    job = build_job(project(raw), raw, watch=False)
    assert isinstance(job.train, Tensors)
    assert len(job.train) * LENGTH <= job.train.positions < (len(job.train) + 1) * LENGTH


def test_a_network_that_looks_ahead_is_a_problem_with_a_fix():
    from builder.readiness.check import check_project
    from builder.spec.data import BuiltinSource

    novel = DataSpec(source=BuiltinSource(name="pride-and-prejudice"))
    drawn = Project(networks=(gpt(causal=False),), data=novel)
    (problem,) = [p for p in check_project(drawn).problems if p.severity == "error"]
    assert problem.code == "looks_ahead" and problem.node == "transformer_encoder_layer"
    mended = problem.fixes[0].edits[0].apply(drawn)
    assert not check_project(mended).errors()


@pytest.mark.parametrize(
    ("kind", "knobs", "ahead"),
    [
        ("transformer_encoder_layer", {"nhead": 2, "causal": True}, False),
        ("transformer_encoder_layer", {"nhead": 2}, True),
        ("multihead_attention", {"num_heads": 2, "causal": True}, False),
        ("multihead_attention", {"num_heads": 2}, True),
        ("rotary_attention", {"num_heads": 2, "causal": True}, False),
        ("rotary_attention", {"num_heads": 2, "causal": False}, True),
        ("lstm", {"hidden_size": 16, "output": "sequence"}, False),
        ("lstm", {"hidden_size": 8, "output": "sequence", "bidirectional": True}, True),
        ("gru", {"hidden_size": 16, "output": "sequence"}, False),
        ("mamba", {}, False),
        ("causal_conv1d", {"out_features": 16}, False),
    ],
)
def test_what_looks_ahead_is_found_whatever_the_layer(kind, knobs, ahead):
    from builder.network.causality import looks_ahead

    vocabulary = Expr(expr="vocabulary")
    network = chain(
        ("input", {}),
        ("embedding", {"num_embeddings": vocabulary, "embedding_dim": 16}),
        (kind, knobs),
        ("layer_norm", {}),
        ("linear", {"out_features": vocabulary}),
        ("output", {}),
    )
    drawn = project(text(1200), network)
    expected = find("language_model").expectations(drawn, drawn.data.snapshot)
    assert looks_ahead(drawn, network.name, expected, "text") == (kind if ahead else None)


def test_it_shows_what_it_writes_and_changes_no_loss_by_it():
    raw = text()
    job = build_job(project(raw), raw)
    shown = [event for event in train(job) if isinstance(event, events.SamplesShown)]
    assert shown[-1].rows["prompt"].shape == (1, 32) and shown[-1].rows["text"].shape == (1, 160)
    watched = losses(train(build_job(project(raw), raw, watch=True)))
    assert watched == losses(train(build_job(project(raw), raw, watch=False)))


def test_every_screen_and_program_knows_what_to_do_with_what_a_recipe_shows():
    from builder.evaluate import predict, run
    from builder.train.recipes.catalogue import all_recipes

    shown = {recipe.shows for recipe in all_recipes()}
    assert shown <= set(predict._SAID)
    assert shown - {"generated"} <= set(run.PARTS)
