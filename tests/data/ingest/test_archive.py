"""Hostile and odd archives (facts 52 to 57): refused whole with their own sentence, or read and told."""

import io
import struct
import unicodedata
import zipfile

import numpy as np
import pytest
from PIL import Image

from builder.data.ingest.images import scan
from builder.errors import DataError


def png(value=0):
    out = io.BytesIO()
    Image.fromarray(np.full((8, 8), value, np.uint8)).save(out, "PNG")
    return out.getvalue()


TWO = {"cats/1.png": png(1), "dogs/1.png": png(2)}


def files_under(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "name",
    [
        "../evil.png",
        "a/../../evil.png",
        "/etc/evil.png",
        "C:\\evil.png",
        "..\\evil.png",
        "\\\\host\\share\\evil.png",
    ],
)
def test_a_name_that_points_outside_refuses_the_whole_archive(make_zip, read, tmp_path, name):
    path = make_zip({**TWO, name: png()})
    before = files_under(tmp_path)
    with pytest.raises(DataError, match="points outside of it"):
        read(path)
    assert files_under(tmp_path) == before


def test_a_nul_in_a_name_refuses_the_whole_archive(make_zip, read):
    path = make_zip({**TWO, "dogs/aXb.png": png()})
    path.write_bytes(path.read_bytes().replace(b"aXb.png", b"a\0b.png"))
    with pytest.raises(DataError, match=r"points outside of it|damaged"):
        read(path)


@pytest.mark.parametrize("kind", [0o120777, 0o020666, 0o060666, 0o010666])
def test_a_link_or_device_refuses_the_whole_archive(tmp_path, read, kind):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("cats/link.png")
        info.external_attr = kind << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(DataError, match="link or device"):
        read(path)


def test_a_bomb_is_refused_by_its_ratio(tmp_path, read):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/zeros.png", b"\0" * 30_000_000)
    with pytest.raises(DataError, match="times its size"):
        read(path)


def test_entries_that_share_their_bytes_are_refused(tmp_path, read):
    path = tmp_path / "overlap.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/1.png", png())
    data = path.read_bytes()
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    central = data[start:end]
    fifty = central * 50
    record = bytearray(data[end:])
    record[8:12] = struct.pack("<HH", 50, 50)
    record[12:16] = struct.pack("<I", len(fifty))
    path.write_bytes(data[:start] + fifty + bytes(record))
    with pytest.raises(DataError, match="share their bytes"):
        read(path)


def test_a_lying_size_sets_the_file_aside(make_zip, read):
    files = {**TWO, **{f"cats/{i}.png": png(i) for i in range(2, 8)}}
    path = make_zip(files, compression=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02")
    size = struct.unpack_from("<I", data, place + 24)[0]
    struct.pack_into("<I", data, place + 24, size - 10)
    path.write_bytes(bytes(data))
    result, _ = read(path)
    assert [s.where for s in result.inspection.skipped] == ["cats/1.png"]
    assert (
        "damaged" in result.inspection.skipped[0].why or "size" in result.inspection.skipped[0].why
    )


def test_a_hundred_thousand_entries_are_refused_before_they_are_listed(make_zip, read, monkeypatch):
    path = make_zip(TWO)
    data = bytearray(path.read_bytes())
    end = data.index(b"PK\x05\x06")
    struct.pack_into("<HH", data, end + 8, 65_000, 65_000)
    path.write_bytes(bytes(data))
    monkeypatch.setattr("builder.data.ingest.archive.MAX_ENTRIES", 60_000)
    with pytest.raises(DataError, match="65,000 files"):
        read(path)


def test_many_small_entries_beyond_the_limit_are_refused(tmp_path, read, monkeypatch):
    monkeypatch.setattr("builder.data.ingest.archive.MAX_ENTRIES", 100)
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(101):
            archive.writestr(f"a/{i}.png", b"")
    with pytest.raises(DataError, match="101 files"):
        read(path)


def test_each_broken_archive_has_its_own_sentence(make_zip, read, tmp_path):
    path = make_zip(TWO)
    data = path.read_bytes()
    cases = {
        "cut off": data[: len(data) - 30],
        "not a ZIP": b"hello world, no archive at all" * 5,
        "empty ZIP": b"PK\x05\x06" + b"\0" * 18,
        "password": data.replace(
            b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
        ),
        "list of files cannot be read": data.replace(b"PK\x01\x02", b"PK\x01\x07"),
    }
    for words, content in cases.items():
        broken = tmp_path / "broken.zip"
        broken.write_bytes(content)
        with pytest.raises(DataError, match=words):
            read(broken)


def test_a_wrong_checksum_sets_the_file_aside(make_zip, read):
    path = make_zip({**TWO, "cats/2.png": png(9)}, compression=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    place = data.index(b"cats/1.png") + len(b"cats/1.png") + 40
    data[place] ^= 0xFF
    path.write_bytes(bytes(data))
    result, _ = read(path)
    assert (
        result.inspection.skipped[0].where == "cats/1.png"
        and "checksum" in result.inspection.skipped[0].why
    )


def test_zip64_and_trailing_bytes_are_read(tmp_path, read):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", allowZip64=True) as archive:
        for name, data in TWO.items():
            with archive.open(name, "w", force_zip64=True) as entry:
                entry.write(data)
    with path.open("ab") as file:
        file.write(b"junk" * 5)
    result, _ = read(path)
    assert result.raw.samples == 2
    assert any("20 bytes after the end" in note for note in result.inspection.notes)


def test_duplicate_names_long_names_and_reserved_names_are_safe(tmp_path, read):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("cats/1.png", png(1))
        archive.writestr("cats/1.png", png(7))
        archive.writestr(f"cats/{'n' * 300}.png", png(2))
        archive.writestr("CON/NUL.png", png(3))
        archive.writestr("dots.../a.png", png(4))
    result, staging = read(path)
    assert dict(result.inspection.classes) == {"cats": 2, "CON": 1, "dots...": 1}
    assert 7 in np.load(staging / "image.npy") and 1 not in np.load(staging / "image.npy")
    assert any("twice" in note for note in result.inspection.notes)
    assert sorted(p.name for p in staging.iterdir()) == ["image.npy", "target.npy"]


def test_composed_and_decomposed_names_are_one_class_and_capitals_are_told(pictures):
    composed, decomposed = (
        unicodedata.normalize("NFC", "Köln"),
        unicodedata.normalize("NFD", "Köln"),
    )
    result, _, _ = pictures(
        {f"{composed}/1.png": png(), f"{decomposed}/2.png": png(1), "köln/3.png": png(2)}
    )
    assert dict(result.inspection.classes) == {"Köln": 2, "köln": 1}
    assert any("capital letters" in note for note in result.inspection.notes)


def test_litter_wrapping_folders_root_files_and_empty_classes_are_told(make_zip, read):
    path = make_zip(
        {
            "set/cats/1.png": png(1),
            "set/dogs/1.png": png(2),
            "__MACOSX/set/cats/._1.png": b"x",
            "set/.DS_Store": b"x",
            "set/cats/Thumbs.db": b"x",
            "set/birds/": b"",
            "set/readme.txt": b"x",
            "set/cats/inner.zip": b"x",
        }
    )
    result, _ = read(path)
    assert dict(result.inspection.classes) == {"cats": 1, "dogs": 1}
    notes = " ".join(result.inspection.notes)
    assert "3 system files" in notes and "no classes: birds" in notes
    whys = {s.where: s.why for s in result.inspection.skipped}
    assert "archive inside" in whys["set/cats/inner.zip"] and "not a PNG" in whys["set/readme.txt"]


def test_a_single_wrapping_folder_is_no_class(pictures):
    result, _, _ = pictures({f"set/{name}": data for name, data in TWO.items()})
    assert [name for name, _ in result.inspection.classes] == ["cats", "dogs"]
    assert any("around everything" in note for note in result.inspection.notes)


def test_published_test_folders_stay_the_test_split(pictures):
    files = {
        f"{part}/{name}/{i}.png": png(i)
        for part in ("train", "test")
        for name in "ab"
        for i in range(3)
    }
    result, _, labels = pictures(files)
    assert result.raw.official_test == 6 and result.raw.samples == 12
    assert labels.tolist() == [0, 0, 0, 1, 1, 1] * 2


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"1.png": png(), "2.png": png()}, "images but no folders"),
        ({"a.csv": b"a,b"}, "text table instead of images"),
        ({"[Content_Types].xml": b"", "xl/x.xml": b""}, "Office document"),
        ({"a/b.bin": b"x"}, "no images"),
    ],
)
def test_an_archive_without_class_folders_says_what_it_needs(make_zip, read, files, words):
    with pytest.raises(DataError, match=words):
        read(make_zip(files))


def test_nothing_is_ever_extracted(make_zip, tmp_path):
    staging = tmp_path / "s"
    staging.mkdir()
    scan(make_zip(TWO), staging, size=None, progress=lambda share, words: None)
    assert files_under(staging) == ["image.npy", "target.npy"]
