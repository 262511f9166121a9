"""Texts from files: what is detected, and one sentence for what cannot be used (FAULTS 55, 58, 60, 65, 66, 81)."""

import csv
import json
import zipfile

import pytest

from builder.data.ingest.ingest import ingest
from builder.data.ingest.inspect import inspect
from builder.data.raw import LENGTHS, TEXT
from builder.data.store import open_raw
from builder.data.texts import texts_at
from builder.errors import DataError

ROWS = [
    (f"this is text number {i} and it is {'good' if i % 2 else 'bad'}", i % 2) for i in range(60)
]
PROSE = (
    "It was a bright day, and the clocks, all of them, were striking.\n"
    "Nobody listened; the street lay empty.\nHe went on, slowly.\n\n"
) * 20


def write_csv(path, rows, header=("text", "label")):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def labelled(tmp_path, rows=None):
    rows = rows or [(text, "yes" if code else "no") for text, code in ROWS]
    return write_csv(tmp_path / "reviews.csv", rows)


def texts_of(raw):
    return list(texts_at(raw.fields[TEXT], range(len(raw))))


def test_a_text_column_beside_a_label_is_learned_from(tmp_path):
    taken = ingest(labelled(tmp_path))
    raw = open_raw(taken.spec)
    assert taken.inspection.kind == raw.kind == "text"
    assert taken.inspection.target == "label" and taken.inspection.task == "classification"
    assert texts_of(raw) == [text for text, _ in ROWS]
    assert raw.classes == ("no", "yes") and raw.target.tolist() == [code for _, code in ROWS]
    assert taken.spec.snapshot.fields[0].role == "tokens"


def test_the_same_texts_as_json_lines_are_the_same_data(tmp_path):
    lines = [json.dumps({"text": text, "label": "yes" if c else "no"}) for text, c in ROWS]
    path = tmp_path / "reviews.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    one, other = open_raw(ingest(path).spec), open_raw(ingest(labelled(tmp_path)).spec)
    assert texts_of(one) == texts_of(other) and one.target.tolist() == other.target.tolist()


def test_a_table_with_other_inputs_stays_a_table(tmp_path):
    rows = [(text, i % 7, code) for i, (text, code) in enumerate(ROWS)]
    found = inspect(write_csv(tmp_path / "t.csv", rows, ("text", "stars", "label")))
    assert found.kind == "table"
    assert any(warning.code == "text left out" for warning in found.warnings)


def test_skipping_the_other_inputs_leaves_the_text(tmp_path):
    rows = [(text, i % 7, code) for i, (text, code) in enumerate(ROWS)]
    path = write_csv(tmp_path / "t.csv", rows, ("text", "stars", "label"))
    assert inspect(path, target="label", column_types={"stars": "skip"}).kind == "text"


def test_rows_without_text_or_label_are_set_aside_and_told(tmp_path):
    rows = [(text, "yes" if c else "no") for text, c in ROWS] + [("  ", "yes"), ("no label", "")]
    taken = ingest(labelled(tmp_path, rows))
    assert len(open_raw(taken.spec)) == len(ROWS)
    assert taken.skipped[0].where == "line 62" and taken.skipped[0].why == "the text is empty"
    assert taken.inspection.skipped_total == 2


def test_nul_and_very_long_texts_are_cleaned_and_cut_with_their_number(tmp_path):
    rows = [(text, "yes" if c else "no") for text, c in ROWS]
    rows[0] = ("long " * 10_000, "yes")
    rows[1] = ("a nul \0 in a text of some words", "no")
    path = labelled(tmp_path, rows)
    taken = ingest(path)
    assert any("1 text was cut after 16,384 bytes" in note for note in taken.inspection.notes)
    raw = open_raw(taken.spec)
    assert raw.fields[LENGTHS][0, 2] <= 16_384
    assert "\0" not in texts_of(raw)[1]


def make_zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_a_folder_of_text_files_a_class(tmp_path):
    files = {f"all/{'pos' if c else 'neg'}/{i}.txt": text for i, (text, c) in enumerate(ROWS)}
    files |= {
        "all/pos/latin.txt": "café, read as Windows".encode("cp1252"),
        "all/pos/broken.txt": bytes(range(32)) * 20,
        "all/neg/empty.txt": " \n",
        "all/neg/picture.pdf": b"%PDF-1.4",
    }
    taken = ingest(make_zip(tmp_path / "texts.zip", files))
    why = {item.where: item.why for item in taken.skipped}
    assert why["all/pos/broken.txt"] == "it is not text"
    assert why["all/neg/empty.txt"] == "the text is empty"
    assert "not a text file" in why["all/neg/picture.pdf"]
    raw = open_raw(taken.spec)
    assert raw.classes == ("neg", "pos") and len(raw) == len(ROWS) + 1
    assert any("Windows-1252" in note for note in taken.inspection.notes)


def test_texts_in_no_folder_are_refused(tmp_path):
    with pytest.raises(DataError, match="has texts but no folders"):
        inspect(make_zip(tmp_path / "texts.zip", {"a.txt": "one", "b.txt": "two"}))


def test_one_plain_text_is_a_corpus(tmp_path):
    path = tmp_path / "novel.txt"
    path.write_bytes(PROSE.replace("\n", "\r\n").encode())
    taken = ingest(path)
    raw = open_raw(taken.spec)
    assert "".join(texts_of(raw)) == PROSE
    assert taken.inspection.task == "language model" and raw.schema.is_corpus
    assert taken.spec.snapshot.target.kind == "tokens"


def test_a_table_named_txt_stays_a_table(tmp_path):
    path = tmp_path / "table.txt"
    path.write_text("".join(f"{i}\t{i * i % 7}\tclass {i % 3}\n" for i in range(40)))
    assert inspect(path).kind == "table"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"", "is empty: there is not a single letter"),
        ("a.txt", b"too short", "has only 9 characters"),
        ("a.txt", bytes(range(32)) * 50, "is not a text file: it holds binary data"),
        ("a.txt", b"%PDF-1.7 " + b"x" * 500, "is not a text file: it is a PDF"),
        ("a.txt", b"\xef\xbb\xbf" + b"\xff\xfe broken " * 50, "says it is UTF-8 text but is not"),
        ("a.jsonl", b"\n\n  \n", "is empty"),
        ("a.jsonl", b'{"a": 1, "a": 2}\n', "line 1: a name occurs twice"),
        ("a.jsonl", b'{"a": NaN, "label": 1}\n', "line 1: NaN is no value"),
        ("a.jsonl", b'{"a": [1]}\n', "line 1: a value holds a list"),
        ("a.jsonl", b'["a"]\n', "line 1: it is not a JSON object"),
        ("a.jsonl", b'{"a": 1}\n{"b": 1}\n', "line 2|only one column|no rows|nothing"),
        ("a.jsonl", b"[" * 200_000 + b"\n", "line 1: it is not a JSON object"),
        ("a.jsonl", b'{"a": ' + b"9" * 6000 + b"}\n", "line 1: it is not a JSON object"),
        ("a.jsonl", b'{"text": "' + b"x" * 1_000_100 + b'"}\n', "line 1: it is longer than"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence(tmp_path, workspace, name, data, words):
    path = tmp_path / name
    path.write_bytes(data)
    if words.startswith("line 2|"):
        assert {c.name for c in inspect(path).columns} == {
            "a",
            "b",
        }  # every name of the first lines
        return
    with pytest.raises(DataError, match=words) as caught:
        ingest(path)
    assert "\n" not in str(caught.value) and "Traceback" not in str(caught.value)
    assert [one for one in (workspace / "data").iterdir() if not one.name.startswith(".")] == []


def test_a_huge_line_is_no_trouble_for_a_corpus(tmp_path):
    path = tmp_path / "line.txt"
    path.write_text("word and word again " * 60_000)
    raw = open_raw(ingest(path).spec)
    assert int(raw.fields[LENGTHS][:, 1].sum()) == 20 * 60_000


def test_a_utf_16_text_is_read_as_such(tmp_path):
    path = tmp_path / "wide.txt"
    path.write_bytes(PROSE.encode("utf-16"))
    assert "".join(texts_of(open_raw(ingest(path).spec))) == PROSE


def test_a_folder_is_read_like_its_zip_and_its_links_are_not_followed(tmp_path, workspace):
    files = {f"{'pos' if c else 'neg'}/{i}.txt": text for i, (text, c) in enumerate(ROWS)}
    folder = tmp_path / "reviews"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / "secret.txt").write_text("not part of it, though a link says so")
    (folder / "pos" / "link.txt").symlink_to(tmp_path / "secret.txt")
    taken = ingest(folder)
    one, other = open_raw(taken.spec), open_raw(ingest(make_zip(tmp_path / "z.zip", files)).spec)
    assert sorted(texts_of(one)) == sorted(texts_of(other)) and len(one) == len(ROWS)
    assert one.schema.name == "reviews"
    assert not list(workspace.rglob("*.zip"))


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(DataError, match="The folder nothing is empty"):
        ingest(tmp_path / "nothing")
