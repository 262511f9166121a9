"""Uploads made to fill the memory or the disk (facts 52 to 54, 60, 65, 69), through the process that reads them."""

import struct
import subprocess
import sys
import zipfile
import zlib

import pytest

from builder.data.ingest import sandbox
from builder.data.ingest.ingest import ingest
from builder.data.ingest.inspect import request_for
from builder.data.ingest.readers import reader_for
from builder.errors import BuilderError, DataError

ROWS = "".join(f"{i},w{i % 3}\n" for i in range(30)).encode()


def size_under(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def zeros_of_a_gigabyte():
    """A deflate stream of 1 GiB of zeros in about a megabyte, made in no time: one flushed block, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * 1024 + packer.flush()


def stored_zip(name, packed, declared):
    """A ZIP of one deflated entry whose headers say `declared` bytes."""
    local = struct.pack(
        "<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 33, 0, len(packed), declared, len(name), 0
    )
    central = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 33, 0, len(packed), declared, len(name), 0, 0, 0, 0, 0, 0
    )  # fmt: skip
    start = len(local) + len(name) + len(packed)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(central) + len(name), start, 0)
    return local + name + packed + central + name + end


def png(width, height, rows):
    """A PNG whose header says `width` × `height`, with `rows` rows of black really in it."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(bytes(width + 1)) for _ in range(rows)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def greedy(kind, path, picture):
    """Writes one greedy file and gives what its refusal, or the reason of what was set aside, says."""
    good = {f"{c}/{i}.png": picture(i) for c in "ab" for i in range(3)}
    if kind == "a gigabyte of zeros":
        path.write_bytes(stored_zip(b"a/zeros.png", zeros_of_a_gigabyte(), 2**30))
        return "as only a trap does"
    if kind == "a gigabyte that says it is small":
        path.write_bytes(stored_zip(b"a/zeros.png", zeros_of_a_gigabyte(), 1000))
        return "cannot be read"
    if kind == "a hundred thousand entries":
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(100_000):
                archive.writestr(zipfile.ZipInfo(f"a/{number}.png"), b"")
        return "100,000 files"
    if kind == "a header of 20,000 by 20,000":
        zipped(path, {**good, "a/huge.png": png(20_000, 20_000, 0)})
        return "more than 40 million pixels"
    if kind == "a picture of 13,000 by 13,000":
        zipped(path, {**good, "a/huge.png": png(13_000, 13_000, 13_000)})
        return "more than 40 million pixels|as only a trap does"
    if kind == "ten thousand columns":
        names = ",".join(f"c{i}" for i in range(10_000)).encode()
        path.write_bytes(names + b"\n" + (b"1," * 9_999 + b"1\n") * 50)
        return "10,000 columns"
    if kind == "a cell of fifty megabytes":
        path.write_bytes(b"a,b\n" + ROWS + b"x" * 50_000_000 + b",w1\n")
        return "line 32"
    if kind == "a quote that never closes":
        path.write_bytes(b"a,b\n" + ROWS + b'"' + (b"x" * 99 + b"\n") * 500_000)
        return "line 32"
    raise AssertionError(kind)


TABLES = ("ten thousand columns", "a cell of fifty megabytes", "a quote that never closes")
ARCHIVES = (
    "a gigabyte of zeros", "a gigabyte that says it is small", "a hundred thousand entries",
    "a header of 20,000 by 20,000", "a picture of 13,000 by 13,000",
)  # fmt: skip
READING = """
import resource, sys
from pathlib import Path
from builder.data.ingest.inspect import inspect
from builder.errors import DataError
try:
    found = inspect(Path(sys.argv[1]))
    print("; ".join(s.why for s in found.skipped))
except DataError as refused:
    print(refused)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in another unit elsewhere")
@pytest.mark.parametrize("kind", ARCHIVES + TABLES)
def test_a_greedy_file_is_refused_within_bounds_of_memory_and_disk(
    tmp_path, workspace, picture, is_sentence, kind
):
    path = tmp_path / ("greedy.csv" if kind in TABLES else "greedy.zip")
    words = greedy(kind, path, picture)
    before = size_under(tmp_path)
    said = subprocess.run(
        [sys.executable, "-c", READING, str(path)], capture_output=True, text=True, check=True
    )
    told, kilobytes = said.stdout.strip().splitlines()
    assert any(word in told for word in words.split("|")), told
    assert is_sentence(told + "." * (told[-1] not in ".?!"))
    assert int(kilobytes) < 300_000
    assert size_under(tmp_path) - before < 1_000_000
    assert not any(p.is_file() for p in workspace.rglob("*"))


@pytest.mark.skipif(sys.platform != "linux", reason="the size of files is limited on Linux")
def test_a_reader_that_may_not_write_more_ends_in_a_sentence_and_leaves_nothing(
    tmp_path, workspace, monkeypatch, picture, is_sentence
):
    path = tmp_path / "images.zip"
    zipped(path, {f"{c}/{i}.png": picture(i % 250) for c in "ab" for i in range(600)})
    (tmp_path / "sitecustomize.py").write_text(
        "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    )
    honest = sandbox._environment

    def tight(staging):
        found = honest(staging)
        return {**found, "PYTHONPATH": f"{tmp_path}:{found['PYTHONPATH']}"}

    monkeypatch.setattr(sandbox, "_environment", tight)
    with pytest.raises(BuilderError) as refused:
        ingest(path)
    assert is_sentence(str(refused.value))
    assert not any(p.is_file() for p in workspace.rglob("*"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b"\xff\xfe"
            + ("a,b\n" + ROWS.decode()).encode("utf-16-le")
            + b"\x00\xd8,\x001\x00\n\x00",
            "not utf-16 text",
        ),
        (b"\xff\xfe\x00\xd8" + ("a,b\n" + ROWS.decode()).encode("utf-16-le"), "not utf-16 text"),
        (b"\xef\xbb\xbfa,b\n" + ROWS + b"\xed\xa0\x80,w1\n", "says it is UTF-8"),
        (b"a,b\n" + ROWS + b"x" * 2**20 + b",w1\n", "line 32"),
        (b"a,b\n" + ROWS + b'"' + b"x" * 2**20 + b'",w1\n', "line 32"),
    ],
)
def test_half_characters_and_cells_of_a_megabyte_are_refused(tmp_path, is_sentence, content, words):
    path = tmp_path / "text.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words) as refused:
        ingest(path)
    assert is_sentence(str(refused.value))


def test_nul_bytes_and_empty_texts_are_counted_and_change_no_other_cell(tmp_path):
    path = tmp_path / "text.csv"
    path.write_bytes(b"a\0,b\n" + ROWS.replace(b"5,w2", b'"",""').replace(b"7,w1", b"7\0,w\0001"))
    found = ingest(path).inspection
    assert [c.name for c in found.columns] == ["a", "b"]
    assert {c.name: c.missing for c in found.columns} == {"a": 1, "b": 1}
    assert any("3 NUL characters" in note for note in found.notes)
    assert {name for name, _ in found.classes} == {"w0", "w1", "w2"}


@pytest.mark.parametrize("blank", [b"\n" * 100_000, b"\r\n" * 30_000, b" \n" * 50_000])
def test_blank_lines_without_end_hide_neither_header_nor_rows(tmp_path, blank):
    path = tmp_path / "text.csv"
    path.write_bytes(blank + b"a,b\n" + ROWS)
    with pytest.raises(DataError, match="starts with blank lines"):
        ingest(path)
    for content in (b"a,b\n" + blank + ROWS, b"a,b\n" + ROWS + blank):
        path.write_bytes(content)
        with sandbox.staging_folder() as staging:
            request = request_for(path, staging, name=None)
            found = reader_for(path).read(request, lambda share, words: None).inspection
        assert [c.name for c in found.columns] == ["a", "b"] and found.rows == 30


@pytest.mark.parametrize(
    "known",
    [
        {"encoding": "zlib"}, {"encoding": "rot13"}, {"encoding": "a\0b"}, {"encoding": "no such"},
        {"delimiter": "ab"}, {"delimiter": "\n"}, {"delimiter": '"'},
    ],
)  # fmt: skip
def test_an_encoding_or_a_delimiter_that_is_none_is_told(tmp_path, is_sentence, known):
    path = tmp_path / "text.csv"
    path.write_bytes(b"a,b\n" + ROWS)
    with pytest.raises(DataError, match=r"no text encoding|cannot separate") as refused:
        ingest(path, **known)
    assert is_sentence(str(refused.value))


def test_a_header_cell_of_fifty_megabytes_is_not_called_an_empty_file(tmp_path):
    path = tmp_path / "text.csv"
    path.write_bytes(b"x" * 50_000_000 + b",b\n" + ROWS)
    with pytest.raises(DataError, match="line 1: a cell does not end"):
        ingest(path)


def test_an_entry_without_a_name_is_no_folder_and_no_image(tmp_path):
    path = tmp_path / "images.zip"
    path.write_bytes(stored_zip(b"", zlib.compress(b"x")[2:-4], 1))
    with pytest.raises(DataError, match=r"holds no images|no folders"):
        ingest(path)
