"""An upload becomes data of the workspace: through the limited process, whole or not at all, the same content once."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from builder.data import store
from builder.data.describe import describe, verdict
from builder.data.ingest import limits
from builder.data.ingest.ingest import ingest
from builder.data.ingest.inspect import inspect
from builder.errors import DataError
from builder.spec.data import DataSpec


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "flowers of mine.csv"
    rows = "".join(f"{i / 3},{['red', 'blue'][i % 2]},{i % 3},{i * 2.5}\n" for i in range(90))
    path.write_text(f"size,colour,kind,price\n{rows}1,2\n")
    return path


def kept(workspace):
    return sorted(path.name for path in (workspace / "data").iterdir())


def test_a_table_is_kept_as_it_was_and_described(csv, workspace):
    done = ingest(csv, target="kind")
    referee = pd.read_csv(csv, skipfooter=1, engine="python")
    raw = store.open_raw(done.spec)
    numbers = raw.fields["numbers"]
    np.testing.assert_allclose(numbers, referee[["size", "price"]])
    assert [raw.classes[code] for code in raw.target] == referee["kind"].astype(str).tolist()
    assert done.spec.snapshot.target.classes == ("0", "1", "2")
    assert done.spec.snapshot.fields[0].shape == (2 + 3,)
    assert [s.where for s in done.skipped] == ["line 92"]
    assert "1 skipped" in verdict(done.spec) and "90 rows" in verdict(done.spec)
    assert kept(workspace) == [done.source.hash]
    assert {p.suffix for p in (workspace / "data" / done.source.hash).iterdir()} == {
        ".npy",
        ".json",
    }


def test_inspection_says_what_ingest_does_and_keeps_nothing(csv, workspace):
    told = []
    found = inspect(csv, progress=lambda share, words: told.append(share))
    assert kept(workspace) == []
    assert found == ingest(csv).inspection
    assert told and all(0 <= share <= 1 for share in told)


def test_the_same_content_is_kept_once_and_other_content_has_another_hash(csv, workspace):
    first, again = ingest(csv), ingest(csv, name="another name")
    assert first.source.hash == again.source.hash and len(kept(workspace)) == 1
    csv.write_text(csv.read_text().replace("2.5", "2.25"))
    assert ingest(csv).source.hash != first.source.hash and len(kept(workspace)) == 2


def test_the_data_hash_is_stable_and_changes_with_what_is_used(csv):
    done = ingest(csv)
    assert (
        store.data_hash(done.spec) == store.data_hash(ingest(csv).spec) == done.spec.snapshot.hash
    )
    others = [
        done.spec.model_copy(update={"target": "colour"}),
        done.spec.model_copy(update={"limit": 50}),
        done.spec.model_copy(update={"column_types": {"size": "skip"}}),
    ]
    assert len({store.data_hash(spec) for spec in (done.spec, *others)}) == 4


def test_another_target_needs_no_second_import(csv):
    done = ingest(csv, target="kind")
    spec = describe(done.spec.model_copy(update={"target": "price"}))
    assert spec.snapshot.target.kind == "numbers" and store.open_raw(spec).target.shape == (90, 1)
    assert spec.snapshot.fields[0].shape == (1 + 3 + 3 + 1,)  # size, colour, and kind as words
    spec = describe(
        done.spec.model_copy(update={"target": "colour", "column_types": {"price": "skip"}})
    )
    assert spec.snapshot.target.classes == ("blue", "red")
    assert spec.snapshot.columns == ("size", "kind")


def test_stored_arrays_are_opened_privately(csv, workspace):
    done = ingest(csv)
    raw = store.open_raw(done.spec)
    assert isinstance(np.asarray(raw.fields["numbers"]).base, (np.memmap, np.ndarray))
    before = {p: p.read_bytes() for p in (workspace / "data" / done.source.hash).iterdir()}
    raw.fields["numbers"][:] = 0
    assert before == {p: p.read_bytes() for p in before}


def test_damaged_or_missing_data_are_told(csv, workspace):
    done = ingest(csv)
    folder = workspace / "data" / done.source.hash
    store.verify(done.spec)
    content = bytearray((folder / "numbers.npy").read_bytes())
    content[200] ^= 1
    (folder / "numbers.npy").write_bytes(bytes(content))
    with pytest.raises(DataError, match="changed on the disk"):
        store.verify(done.spec)
    (folder / "numbers.npy").write_bytes(bytes(content[:-8]))
    with pytest.raises(DataError, match="damaged or incomplete"):
        store.open_raw(done.spec)
    (folder / "schema.json").unlink()
    with pytest.raises(DataError, match="not in this workspace"):
        store.open_raw(done.spec)


def test_a_zip_of_images_is_kept_and_described(make_zip, workspace):
    import io

    def png(value):
        out = io.BytesIO()
        Image.new("L", (12, 10), value).save(out, "PNG")
        return out.getvalue()

    files = {f"{name}/{i}.png": png(i) for name in ("cat", "dog") for i in range(20)}
    done = ingest(make_zip(files))
    raw = store.open_raw(done.spec)
    assert done.spec.snapshot.fields[0].shape == (1, 10, 12)
    assert raw.fields["image"][21, 0, 0, 0] == 1 and raw.class_counts() == (20, 20)
    assert any("identical to training" in w.what for w in done.warnings)


def test_a_refusal_in_the_process_arrives_as_its_sentence(tmp_path, workspace):
    path = tmp_path / "x.csv"
    path.write_bytes(b"%PDF-1.4")
    with pytest.raises(DataError, match="PDF document"):
        ingest(path)
    with pytest.raises(DataError, match=r"no file 'nowhere.csv'"):
        inspect(tmp_path / "nowhere.csv")
    assert not (workspace / "data").exists() or kept(workspace) == []


class Cancelled(Exception):
    pass


def test_a_cancelled_import_leaves_nothing(csv, workspace):
    def cancel(share, words):
        raise Cancelled

    with pytest.raises(Cancelled):
        ingest(csv, progress=cancel)
    assert kept(workspace) == []


def test_a_staging_folder_of_a_dead_process_is_swept(csv, workspace):
    orphan = workspace / "data" / ".staging-999999999-abc"
    orphan.mkdir(parents=True)
    ingest(csv)
    assert not orphan.exists()


def test_a_set_without_a_target_has_no_snapshot(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("a\n1\n2\n3\n")
    done = ingest(path)
    assert done.spec.snapshot is None
    with pytest.raises(DataError, match="No column is chosen to be predicted"):
        describe(done.spec)


def in_child(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux only")
def test_the_reader_cannot_use_more_than_its_memory():
    code = (
        "from builder.data.ingest.limits import apply_limits\n"
        "apply_limits(1000)\n"
        "try:\n bytearray(3 * 1024**3)\nexcept MemoryError:\n print('refused')\n"
        "import resource; print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    assert in_child(code).stdout.split("\n")[:2] == [
        "refused",
        f"(0, 0) ({limits.OPEN_FILES}, {limits.OPEN_FILES})",
    ]


def test_the_reading_process_never_imports_torch_nor_sees_our_environment(
    tmp_path, monkeypatch, csv
):
    monkeypatch.setenv("SECRET_TOKEN", "s3cret")
    from builder.data.ingest import sandbox

    environment = sandbox._environment(str(tmp_path))
    assert "SECRET_TOKEN" not in environment and environment["LAYERLOOM_HOME"] == str(tmp_path)
    code = (
        "import sys, builder.data.ingest.readers, builder.data.ingest.ingest, builder.data.describe\n"
        "print('torch' in sys.modules, 'pandas' in sys.modules)"
    )
    assert in_child(code).stdout.strip() == "False False"


def test_a_reader_that_dies_is_told_in_a_sentence(csv, monkeypatch):
    real = subprocess.Popen

    def dying(command, **options):
        return real([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], **options)

    monkeypatch.setattr("subprocess.Popen", dying)
    with pytest.raises(DataError, match="too much memory"):
        ingest(csv)


def test_specs_of_ingested_data_travel_as_json(csv):
    spec = ingest(csv).spec
    assert DataSpec.model_validate_json(json.dumps(spec.model_dump(mode="json"))) == spec
    assert os.sep not in spec.source.name
