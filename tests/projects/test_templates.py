"""Templates: every one in the index opens, and keeps its promises in writing."""

import pytest

from builder.errors import SpecError
from builder.projects import templates as templates_module
from builder.projects.templates import find, templates
from builder.spec.codec import encode
from builder.spec.project import Project


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(templates_module, "_FOLDER", tmp_path)
    templates.cache_clear()
    yield tmp_path
    templates.cache_clear()


ROW = (
    '{"id": "mlp-x", "title": "X", "recipe": "classification", "dataset": "digits", '
    '"metric": "accuracy", "expected": 0.97, "minutes": 0.5, "teaches": "layers", "parameters": 10}'
)


def test_a_template_knows_its_promise_and_its_project(folder):
    (folder / "index.json").write_text(f"[{ROW}]")
    (folder / "mlp-x.loom.json").write_text(encode(Project(name="X")))
    (template,) = templates()
    assert (template.expected, template.minutes, template.project.template) == (0.97, 0.5, "mlp-x")
    assert find("mlp-x") is template
    with pytest.raises(SpecError, match="Known: mlp-x"):
        find("nothing")


@pytest.mark.parametrize("index", [None, "[", '[{"id": "mlp-x"}]', '[{"title": "no id"}]', "[3]"])
def test_a_broken_installation_is_told(folder, index):
    if index is not None:
        (folder / "index.json").write_text(index)
    (folder / "mlp-x.loom.json").write_text(encode(Project(name="X")))
    with pytest.raises(SpecError):
        templates()
