"""Two columns of texts become pairs, by their names or as a person chose."""

import numpy as np
import pytest

from builder.data.raw import TEXT
from builder.data.texts import text_at
from builder.errors import DataError

ROWS = (
    "from,to\n5 March 2020,2020-03-05\n6 March 2020,2020-03-06\n,2020-03-07\n"
    '"7 March, 2020",2020-03-07\n8 March 2020,\n9 March 2020,2020-03-09\n'
)


def test_columns_called_from_and_to_are_pairs_whatever_their_cells_look_like(read, tmp_path):
    path = tmp_path / "dates.csv"
    path.write_text(ROWS)
    result, staging = read(path)
    assert result.raw.is_pairs and result.target == "to"
    assert result.inspection.task == "sequence to sequence" and result.inspection.rows == 4
    assert [s.where for s in result.inspection.skipped] == ["line 4", "line 6"]
    assert "no text in 'from'" in result.inspection.skipped[0].why
    text, target = (np.load(staging / f"{name}.npy") for name in (TEXT, "target"))
    pairs = [(text_at(text, i), text_at(target, i)) for i in range(4)]
    assert pairs[2] == ("7 March, 2020", "2020-03-07")
    assert result.raw.target_longest == (5, 10, 10)
    assert sorted(p.name for p in staging.glob("*.npy")) == [
        "lengths.npy",
        "target.npy",
        "text.npy",
    ]
    assert not list(staging.glob("*.bin"))


def test_other_names_are_pairs_when_the_target_is_chosen_as_a_text(table):
    rows = "en,de\n" + "".join(f"the cat number {i},die Katze Nummer {i}\n" for i in range(60))
    result, _ = table(rows, target="de")
    assert result.raw.is_pairs and result.raw.columns[0].name == "en"
    few, _ = table(
        "en,de\na b,c d\ne f,g h\n", target="de", column_types={"en": "text", "de": "text"}
    )
    assert few.raw.is_pairs


def test_a_target_with_classes_beside_a_text_stays_one_of_classes(table):
    rows = "from,to\n" + "".join(f"some words {i},{'ab'[i % 2]}\n" for i in range(40))
    result, _ = table(rows, target="to", column_types={"to": "category"})
    assert result.raw.target.kind == "classes"


def test_pairs_without_a_whole_row_are_refused(table):
    with pytest.raises(DataError, match="No row of table has a text in both 'from' and 'to'"):
        table("from,to\na b c,\n,d e f\n")
