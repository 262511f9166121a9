"""Preparation takes its numbers from the training split alone and survives being saved."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from builder.data import plan
from builder.data.builtin import load
from builder.data.prepare import fit, from_state, restore
from builder.data.raw import Column
from builder.data.split import split
from builder.errors import DataError
from builder.spec.data import DataSpec, PrepareStep, SplitSpec

SPEC = DataSpec()


def test_numbers_are_imputed_and_standardised_as_scikit_learn_does(mixed):
    train = np.arange(200)
    prepared = fit(SPEC, mixed, train).prepare(mixed.fields)["features"][:, :3]
    imputer = SimpleImputer(strategy="median").fit(mixed.fields["numbers"][train])
    scaler = StandardScaler().fit(imputer.transform(mixed.fields["numbers"][train]))
    referee = scaler.transform(imputer.transform(mixed.fields["numbers"]))
    np.testing.assert_allclose(prepared.numpy(), referee, atol=1e-6)


@pytest.mark.parametrize("name", ["digits", "breast-cancer", "diabetes"])
def test_nothing_outside_the_training_split_changes_the_statistics(name):
    raw = load(name)
    train = split(raw, SplitSpec()).train
    before = fit(SPEC, raw, train).tensors()
    others = np.setdiff1d(np.arange(len(raw)), train)
    fields = {key: values.copy() for key, values in raw.fields.items()}
    for values in fields.values():
        values[others] = 0
    target = raw.target.copy()
    target[others] = 0
    after = fit(SPEC, replace(raw, fields=fields, target=target), train).tensors()
    assert before.keys() == after.keys() and before
    assert all(torch.equal(before[key], after[key]) for key in before)
    fields[next(iter(fields))][train] += 1
    changed = fit(SPEC, replace(raw, fields=fields), train).tensors()
    assert any(not torch.equal(before[key], changed[key]) for key in before)


def test_a_constant_column_becomes_zero_and_never_a_division_by_it(mixed):
    prepared = fit(SPEC, mixed, np.arange(300)).prepare(mixed.fields)["features"]
    assert torch.isfinite(prepared).all() and prepared[:, 2].abs().max() == 0


def test_extreme_numbers_do_not_overflow(mixed):
    mixed.fields["numbers"][:, 0] = np.where(np.arange(300) % 2, 1e308, -1e308)
    prepared = fit(SPEC, mixed, np.arange(300)).prepare(mixed.fields)["features"]
    np.testing.assert_allclose(prepared[:, 0].abs(), 1.0)


def test_numbers_beyond_float32_are_refused_with_the_column(mixed):
    mixed.fields["numbers"][7, 1] = 1e200
    spec = DataSpec(steps=(PrepareStep(kind="impute"),))
    with pytest.raises(DataError, match=r"Column 'b' .*Standardise"):
        fit(spec, mixed, np.arange(300)).prepare(mixed.fields)


def test_categories_become_columns_and_unknown_ones_their_own(mixed):
    train = np.flatnonzero(mixed.fields["categories"][:, 0] != 3)
    preparation = fit(SPEC, mixed, train)
    codes = np.array([[0], [1], [2], [3], [-1], [99]])
    fields = {"numbers": np.zeros((6, 3)), "categories": codes}
    hot = preparation.prepare(fields)["features"][:, 3:]
    assert hot.argmax(1).tolist() == [0, 1, 2, 4, 4, 4] and hot.sum(1).tolist() == [1] * 6
    assert preparation.columns == (
        "a",
        "b",
        "same",
        "city = Bonn",
        "city = Oslo",
        "city = Rome",
        "city = Wien",
        "city = other",
    )


def test_only_the_most_frequent_of_many_categories_get_a_column(mixed):
    words = tuple(f"w{i}" for i in range(100))
    codes = np.minimum(np.arange(300) % 130, 99)[:, None]
    column = Column(name="city", type="category", place=0, categories=words)
    raw = replace(
        mixed,
        fields={"categories": codes},
        schema=mixed.schema.model_copy(update={"columns": (column,)}),
    )
    preparation = fit(SPEC, raw, np.arange(300))
    hot = preparation.prepare({"categories": np.array([[99], [98], [-1]])})["features"]
    assert hot.shape == (3, 33) and hot[0, 32] == 0 and hot[2, 32] == 1
    assert (
        len(preparation.columns)
        == 33
        == plan.prepared_fields(raw, plan.inferred_steps(raw))[0].shape[0]
    )


def test_images_are_normalised_by_channel_over_the_training_images():
    raw = load("fashion-mnist-10k")
    train = split(raw, SplitSpec()).train
    images = fit(SPEC, raw, train).prepare({"image": raw.fields["image"][train]})["image"]
    referee = raw.fields["image"][train].astype(np.float64) / 255
    np.testing.assert_allclose(
        images[0, 0].numpy(), ((referee - referee.mean()) / referee.std())[0, :, :, 0], atol=1e-5
    )
    assert images.shape[1:] == (1, 28, 28) and images.dtype == torch.float32


def test_a_target_of_numbers_comes_back_in_its_own_unit():
    raw = load("diabetes")
    preparation = fit(SPEC, raw, np.arange(300))
    trained = preparation.prepare_target(raw.target)
    assert trained.dtype == torch.float32 and abs(float(trained[:300].mean())) < 1e-5
    np.testing.assert_allclose(preparation.target.inverse(trained).numpy(), raw.target, rtol=1e-5)


def test_classes_are_int64_and_unchanged():
    raw = load("digits")
    target = fit(SPEC, raw, np.arange(100)).prepare_target(raw.target)
    assert target.dtype == torch.int64 and target.tolist() == raw.target.tolist()


@pytest.mark.parametrize("name", ["digits", "iris", "diabetes"])
def test_a_saved_preparation_gives_the_same_numbers(name, tmp_path):
    raw = load(name)
    first = fit(SPEC, raw, np.arange(100))
    first.save(tmp_path)
    for other in (
        restore(tmp_path),
        from_state(json.loads(json.dumps(first.state())), first.tensors()),
    ):
        for key, values in first.prepare(raw.fields).items():
            assert torch.equal(values, other.prepare(raw.fields)[key])
        assert torch.equal(first.prepare_target(raw.target), other.prepare_target(raw.target))
        assert other.settings == json.loads(json.dumps(first.settings))


def test_a_damaged_preparation_is_refused(tmp_path):
    raw = load("iris")
    fit(SPEC, raw, np.arange(100)).save(tmp_path)
    (tmp_path / "preparation.safetensors").write_bytes(b"x" * 30)
    with pytest.raises(DataError, match="missing or damaged"):
        restore(tmp_path)
    with pytest.raises(DataError, match="missing or damaged"):
        restore(tmp_path / "nowhere")


def test_steps_that_are_unknown_or_do_not_suit_are_refused():
    with pytest.raises(DataError, match="Known are: scale"):
        fit(DataSpec(steps=(PrepareStep(kind="magic"),)), load("iris"), np.arange(9))
    with pytest.raises(DataError, match="does not suit"):
        fit(DataSpec(steps=(PrepareStep(kind="scale"),)), load("iris"), np.arange(9))


def test_the_declared_shape_is_the_shape_that_comes_out(mixed):
    for raw in (mixed, load("digits"), load("wine"), load("fashion-mnist-10k")):
        for steps in (None, ()):
            spec = DataSpec(steps=steps)
            (field,) = plan.prepared_fields(raw, plan.steps(spec, raw))
            prepared = fit(spec, raw, np.arange(100)).prepare(
                {k: v[:5] for k, v in raw.fields.items()}
            )
            assert (
                prepared[field.name].shape == (5, *field.shape)
                and prepared[field.name].dtype == torch.float32
            )


def test_an_image_reshapes_to_rows_as_a_sequence_with_plain_layers():
    raw = load("digits")
    image = fit(SPEC, raw, np.arange(100)).prepare(raw.fields)["image"]
    rows = image.reshape(-1, 8, 8)
    out, _ = torch.nn.LSTM(8, 4, batch_first=True)(rows[:2])
    assert out.shape == (2, 8, 4) and torch.equal(rows[5, 3], image[5, 0, 3])


@pytest.mark.parametrize("name", ["digits", "iris"])
def test_preparation_exports_into_the_graph(name):
    raw = load(name)
    preparation = fit(SPEC, raw, np.arange(100))
    ((key, module),) = preparation.inputs.items()
    given = tuple(torch.from_numpy(raw.fields[part][:3]) for part in preparation.reads[key])
    exported = torch.export.export(module, given)
    assert torch.equal(
        exported.module()(*given),
        preparation.prepare({k: v[:3] for k, v in raw.fields.items()})[key],
    )
