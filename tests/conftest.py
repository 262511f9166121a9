"""What every test leaves as it found it."""

import sys

import pytest


@pytest.fixture(autouse=True)
def free_choice_of_kernels():
    """A run in deterministic mode sets a switch of the whole process; the next test begins without it."""
    yield
    torch = sys.modules.get("torch")
    if torch is not None and torch.are_deterministic_algorithms_enabled():
        torch.use_deterministic_algorithms(False)
