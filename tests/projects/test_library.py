"""The library of blocks: kept across projects, atomic, and never changed by a file it refuses."""

import pytest

from builder.errors import SpecError, StorageError
from builder.projects import library
from builder.spec.block_codec import encode_block
from builder.spec.block_file import BlockFile
from builder.spec.network import Block, Node

ENDS = (Node(id="i", kind="input", name="x"), Node(id="o", kind="output", name="y"))
FILE = BlockFile(
    title="My cell", synonyms=("widget",), block=Block(id="b", name="My cell", nodes=ENDS)
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_HOME", str(tmp_path / "home"))


def test_a_saved_block_is_in_the_library_of_every_project():
    saved = library.save(FILE)
    (block,) = library.own_blocks()
    assert block == saved == library.find(saved.id)
    assert block.own and block.file.block == FILE.block and block.file.family == "own"


def test_a_second_block_of_that_title_gets_a_number_and_saving_over_one_keeps_its_id():
    first, second = library.save(FILE), library.save(FILE)
    assert (first.title, second.title, second.file.block.name) == (
        "My cell",
        "My cell 2",
        "My cell 2",
    )
    again = library.save(FILE.titled("Cell"), first.id)
    assert again.id == first.id and [b.title for b in library.own_blocks()] == ["Cell", "My cell 2"]


def test_a_renamed_block_is_called_so_in_every_project_that_uses_it_later():
    saved = library.rename(library.save(FILE).id, "  Their\ncell ")
    assert saved.title == saved.file.block.name == "Their cell"
    assert library.rename(saved.id, " ").title == "Block"


def test_a_deleted_block_comes_back():
    saved = library.save(FILE)
    library.delete(saved.id)
    assert library.own_blocks() == () and [t.name for t in library.trashed()] == ["My cell"]
    assert library.restore(saved.id) == saved
    with pytest.raises(StorageError):
        library.restore(saved.id)


def test_a_block_goes_out_as_a_file_and_comes_in_as_the_same_block():
    text = library.export_text(library.save(FILE).id)
    assert library.import_text(text).file.block.nodes == FILE.block.nodes
    assert library.file_name("Sé/../ a b!") == "sé-a-b.block.json"
    assert library.file_name("///") == "block.block.json"


@pytest.mark.parametrize("text", [b"\xff", "{}", encode_block(FILE).replace('"x"', "3")])
def test_a_refused_file_changes_nothing(text, tmp_path):
    library.save(FILE)
    before = sorted(path for path in (tmp_path / "home").rglob("*"))
    with pytest.raises(SpecError):
        library.import_text(text, "bad.block.json")
    assert sorted(path for path in (tmp_path / "home").rglob("*")) == before


def test_an_unreadable_block_is_listed_with_its_reason_and_can_be_deleted(tmp_path):
    saved = library.save(FILE)
    (tmp_path / "home" / "blocks" / saved.id / "own.block.json").write_text("{")
    (block,) = library.own_blocks()
    assert block.file is None and "not valid JSON" in block.problem
    with pytest.raises(SpecError, match="not valid JSON"):
        library.export_text(saved.id)
    library.delete(saved.id)
    assert library.own_blocks() == ()


@pytest.mark.parametrize("block_id", ["", "..", "../projects", "gone", "a/b", "x" * 65])
def test_no_id_leads_out_of_the_library(block_id):
    for act in (
        library.find,
        library.delete,
        library.export_text,
        lambda i: library.rename(i, "x"),
    ):
        with pytest.raises(SpecError, match="not in your library"):
            act(block_id)


def test_a_block_of_an_unknown_family_is_listed_with_that_reason(tmp_path):
    saved = library.save(FILE)
    text = encode_block(FILE.model_copy(update={"family": "magic"}))
    (tmp_path / "home" / "blocks" / saved.id / "own.block.json").write_text(text)
    assert "no known family (magic)" in library.own_blocks()[0].problem


def test_own_blocks_are_found_by_title_and_synonym():
    library.save(FILE)
    for typed in ("my", "cell", "widg"):
        found = {one.block.title: one.matched for one in library.search(typed)}
        assert found["My cell"] == ("widget" if typed == "widg" else "My cell")
    assert library.search("zzzz") == ()
    assert len(library.search("")) == len(library.shipped_blocks()) + 1
