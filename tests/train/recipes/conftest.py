"""Recipes on the built-in digits, with one thread: they are small."""

import pytest


@pytest.fixture(autouse=True)
def one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builder.train.device.cores", lambda: 1)
