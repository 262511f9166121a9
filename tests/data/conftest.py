"""A workspace of its own for every test of the data room."""

import numpy as np
import pytest

from builder.data.raw import Column, Raw, RawSchema
from builder.spec.data import TargetSchema


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("LAYERLOOM_HOME", str(home))
    return home


@pytest.fixture
def mixed():
    """300 rows: two numbers (one with gaps), one constant, one category of four words, three classes."""
    generator = np.random.default_rng(0)
    numbers = generator.normal(5.0, 3.0, (300, 3))
    numbers[::10, 1] = np.nan
    numbers[:, 2] = 4.2
    codes = generator.integers(-1, 4, (300, 1))
    target = generator.integers(0, 3, 300)
    columns = (
        Column(name="a", type="number", place=0),
        Column(name="b", type="number", place=1, missing=30),
        Column(name="same", type="number", place=2),
        Column(name="city", type="category", place=0, categories=("Bonn", "Oslo", "Rome", "Wien")),
    )
    schema = RawSchema(
        name="mixed",
        kind="table",
        samples=300,
        columns=columns,
        target=TargetSchema(kind="classes", name="y", classes=("u", "v", "w")),
        missing_words=("", "NA"),
    )
    return Raw({"numbers": numbers, "categories": codes}, target, schema)
