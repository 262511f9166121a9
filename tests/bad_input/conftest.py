"""A workspace of its own, and files that are bad in one way each."""

import io
import json

import pytest
from PIL import Image

from builder.projects.templates import find
from builder.spec import codec


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("LAYERLOOM_HOME", str(home))
    return home


@pytest.fixture
def document():
    """A good project as plain JSON values, to be spoilt."""
    return json.loads(codec.encode(find("cnn-digits").project))


def _picture(value=0):
    out = io.BytesIO()
    Image.new("L", (8, 8), value).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def picture():
    """The bytes of a small PNG of one grey."""
    return _picture


def _is_sentence(words):
    """One or two sentences for people: what, why, what to do; no inner workings."""
    inner = ("Traceback", "Error:", "Exception", "errno", "NoneType", "builder.", ".py")
    return 10 < len(words) < 700 and words[-1] in ".?!" and not any(w in words for w in inner)


@pytest.fixture
def is_sentence():
    return _is_sentence
