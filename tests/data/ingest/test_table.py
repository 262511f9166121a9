"""Tables of every bad kind (facts 58 to 66): read right, set aside by line, or refused in one sentence."""

import codecs

import numpy as np
import pandas as pd
import pytest

from builder.data.ingest import dialect
from builder.errors import DataError

GOOD = (
    "size,colour,answer\n"
    + "\n".join(f"{i / 10},{['red', 'blue'][i % 2]},{'ab'[i % 2]}" for i in range(30))
    + "\n"
)


def column(result, name):
    return next(c for c in result.inspection.columns if c.name == name)


def test_a_plain_table_is_read_as_pandas_reads_it(table, tmp_path):
    result, values = table(GOOD)
    referee = pd.read_csv(tmp_path / "table.csv")
    np.testing.assert_array_equal(values["size"], referee["size"])
    words = next(c for c in result.raw.columns if c.name == "colour").categories
    assert [words[code] for code in values["colour"]] == referee["colour"].tolist()
    assert result.inspection.target == "answer" and result.inspection.task == "classification"
    assert result.inspection.skipped_total == 0


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_the_encoding_is_found(table, encoding):
    result, values = table("größe;farbe\n1,5;grün\n2,5;rot\n3,5;grün\n", saved_as=encoding)
    assert [c.name for c in result.raw.columns] == ["größe", "farbe"]
    assert values["größe"].tolist() == [1.5, 2.5, 3.5]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_newline_ends_a_row(table, newline):
    result, _ = table(GOOD.replace("\n", newline))
    assert result.raw.samples == 30


def test_mixed_newlines_end_rows(table):
    result, _ = table("a,b\n1,2\r\n3,4\r5,6\n")
    assert result.raw.samples == 3


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_told(table, mark):
    result, values = table(GOOD.replace(",", mark))
    assert result.inspection.delimiter == mark
    assert values["size"][3] == 0.3
    assert any("separated by" in note for note in result.inspection.notes)


def test_european_decimals_are_not_shifted_into_other_columns(table):
    result, values = table("a;b\n1,5;2,5\n3,5;4,5\n")
    assert values["a"].tolist() == [1.5, 3.5] and values["b"].tolist() == [2.5, 4.5]
    assert "decimal comma" in column(result, "a").reason


def test_a_row_of_another_width_is_set_aside_with_its_line(table):
    result, _ = table(GOOD + "9,9,9,9\n1\n0.7,red,a\n")
    assert result.raw.samples == 31
    assert [(s.where, s.why) for s in result.inspection.skipped] == [
        ("line 32", "has 4 values, the header has 3"),
        ("line 33", "has 1 values, the header has 3"),
    ]


def test_a_header_shorter_than_the_rows_is_refused_with_the_line(table):
    with pytest.raises(DataError, match=r"Line 2 has 3 values, the header has 2"):
        table("a,b\n1,2,3\n4,5,6\n7,8,9\n")


def test_the_lines_of_rows_with_line_breaks_inside_are_right(table):
    result, _ = table('a,b\n1,"x\ny"\n2,"z"\n3,4,5\n4,"w"\n' + "5,u\n" * 20)
    assert result.inspection.skipped[0].where == "line 5"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "is empty"),
        (b"a,b\n", "header but no rows"),
        (b'a,b\n1,"' + b"x" * 1_100_000, "line 2.*closing quote"),
        (b'a,b\n1,"x"y\n', "line 2.*quoted value"),
        (b'a,b\n1,"x\n2,3\n', "line 2.*closing quote"),
        (
            ",".join(f"c{i}" for i in range(5000)).encode()
            + b"\n"
            + b",".join([b"1"] * 5000)
            + b"\n",
            "5,000 columns",
        ),
        (b"PK\x03\x04xlsx", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"MZ\x90\x00", "program"),
        (b"<!DOCTYPE html><table>", "web page"),
        (bytes(range(256)) * 20, "not a CSV"),
        (b"PAR1", "Parquet"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(table, data, words):
    with pytest.raises(DataError, match=f"(?s){words}"):
        table(data)


def test_one_row_and_one_column_are_read(table):
    assert table("a,b\n1,x\n")[0].raw.samples == 1
    result, values = table("a\n1\n2\n3\n")
    assert values["a"].tolist() == [1, 2, 3] and result.target is None


def test_a_file_without_header_gets_column_names(table):
    result, _ = table("1.5,2,x\n2.5,3,y\n3.5,4,x\n")
    assert result.raw.samples == 3 and not result.inspection.has_header
    assert [c.name for c in result.raw.columns] == ["column 1", "column 2", "column 3"]


def test_odd_column_names_become_unique_short_and_visible(table):
    long = "n" * 10_000
    result, _ = table(
        f"a,a,,<b>x</b>,=1+1,😀,\u202eevil,{long},Unnamed: 0\n" + "1,2,3,4,5,6,7,8,9\n" * 3
    )
    names = [c.name for c in result.raw.columns]
    assert names[:7] == ["a", "a 2", "column 3", "<b>x</b>", "=1+1", "😀", "evil"]
    assert len(set(map(str.casefold, names))) == 9 and max(map(len, names)) <= 100
    assert any(w.code == "renamed" and w.column == "a 2" for w in result.inspection.warnings)


def test_empty_constant_and_id_columns_are_told(table):
    rows = "\n".join(f"{i},,7,{i % 3 + i / 50},{'ab'[i % 2]}" for i in range(40))
    result, _ = table(f"id,none,same,x,y\n{rows}\n")
    types = {c.name: c.type for c in result.raw.columns}
    assert types == {"id": "id", "none": "skip", "same": "number", "x": "number", "y": "category"}
    codes = {(w.code, w.column) for w in result.inspection.warnings}
    assert {("constant", "same"), ("id-like", "id")} <= codes


@pytest.mark.parametrize(
    ("name", "numbers", "why"),
    [
        ("order", range(1000, 1040), "it counts up by one from row to row, from 1,000 to 1,039"),
        ("ticket", [7 + (11 * i) % 40 for i in range(40)], "each whole number from 7 to 46 occurs"),
    ],
)
def test_numbers_that_only_tell_rows_apart_are_left_out_with_the_reason(table, name, numbers, why):
    rows = "\n".join(f"{i % 7 / 3},{n},{'ab'[i % 2]}" for i, n in enumerate(numbers))
    result, _ = table(f"x,{name},y\n{rows}\n")
    assert {c.name: c.type for c in result.raw.columns}[name] == "id"
    warning = next(w for w in result.inspection.warnings if w.column == name)
    assert warning.code == "id-like"
    assert why in warning.what


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("year", range(1980, 2020)),
        ("weight", [100 + 3 * i for i in range(40)]),
        ("rooms", [i // 2 for i in range(40)]),
    ],
)
def test_numbers_that_tell_something_stay_numbers(table, name, numbers):
    rows = "\n".join(f"{i % 7 / 3},{n},{'ab'[i % 2]}" for i, n in enumerate(numbers))
    result, _ = table(f"x,{name},y\n{rows}\n")
    assert {c.name: c.type for c in result.raw.columns}[name] == "number"


def test_words_that_mean_missing_are_gaps_in_numbers_but_words_in_categories(table):
    rows = "".join(
        f"{i if i % 5 else 'NA'},{['None', 'Paved', 'Dirt'][i % 3]},{i % 2}\n" for i in range(60)
    )
    result, values = table(f"n,alley,y\n{rows}")
    assert np.isnan(values["n"]).sum() == 12 == column(result, "n").missing
    assert "None" in next(c for c in result.raw.columns if c.name == "alley").categories
    assert any(
        w.code == "missing words" and w.column == "alley" for w in result.inspection.warnings
    )


def test_a_few_cells_that_are_no_numbers_set_their_rows_aside(table):
    rows = "".join(f"{'oops' if i == 50 else i},{i % 2}\n" for i in range(100))
    result, values = table(f"n,y\n{rows}")
    assert len(values["n"]) == 99 == len(values["y"]) and 50 not in values["n"]
    assert values["y"].tolist() == [i % 2 for i in range(100) if i != 50]
    assert [(s.where, s.why) for s in result.inspection.skipped] == [
        ("line 52", "n is 'oops', not a number")
    ]


def test_a_column_of_mixed_types_is_read_as_words_and_nothing_is_lost(table):
    rows = "".join(f"{'low' if i % 3 else i % 7},{i % 2}\n" for i in range(100))
    result, _ = table(f"n,y\n{rows}")
    assert column(result, "n").type == "category" and result.raw.samples == 100


def test_a_type_that_fails_far_down_the_file_is_taken_back(table):
    rows = "".join(f"{i % 9 if i < 30_000 else 'word'},{i % 2}\n" for i in range(60_000))
    result, _ = table(f"n,y\n{rows}")
    assert column(result, "n").type == "category" and result.raw.samples == 60_000
    assert "are not a number" in next(c for c in result.raw.columns if c.name == "n").reason


def test_a_declared_type_is_kept_or_refused(table):
    result, _ = table("n,y\n1,a\n2,b\n1,a\n", column_types={"n": "category"})
    assert column(result, "n").type == "category"
    with pytest.raises(DataError, match=r"No row .* number in 'y'"):
        table("n,y\n1,a\n2,b\n1,a\n", column_types={"y": "number"})
    with pytest.raises(DataError, match="no column 'z'"):
        table("n,y\n1,a\n", column_types={"z": "number"})


@pytest.mark.parametrize("cell", ["1e309", "-1e309", "inf", "-inf", "1_000", "0x10"])
def test_what_is_beyond_a_number_is_never_taken_for_one(table, cell):
    rows = "".join(f"{cell if i == 7 else i / 2},{i % 2}\n" for i in range(60))
    result, values = table(f"n,y\n{rows}")
    assert np.isfinite(values["n"]).all() and len(values["n"]) == 59
    assert result.inspection.skipped[0].where == "line 9"


def test_huge_numbers_and_whole_numbers_beyond_precision_are_told(table):
    rows = "".join(f"{i + 2**63},{'1e308' if i % 2 else '-1e308'},{i % 2}\n" for i in range(60))
    result, _ = table(f"big,huge,y\n{rows}")
    codes = {(w.code, w.column) for w in result.inspection.warnings}
    assert ("digits lost", "big") in codes and ("huge numbers", "huge") in codes


def test_leading_zeros_stay_words(table):
    result, _ = table("zip,y\n" + "".join(f"0012{i % 7},{i % 2}\n" for i in range(60)))
    assert column(result, "zip").type == "category"
    assert "00123" in next(c for c in result.raw.columns if c.name == "zip").categories


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["50%", "25%", "75%"], 50.0),
        (["1,234", "2,345,678", "12"], 1234.0),
        (["1.234,5", "2.345.678,1", "12,5"], 1234.5),
        (["1 234.5", "12 345.5", "7.5"], 1234.5),
        (["−1.5", "2.5", "3.5"], -1.5),
    ],
)
def test_percents_thousands_and_real_minus_signs_are_numbers(table, cells, first):
    _, values = table(
        "n\ty\n" + "".join(f"{cell}\t{'ab'[i % 2]}\n" for i, cell in enumerate(cells * 8))
    )
    assert values["n"][0] == first


@pytest.mark.parametrize(
    ("form", "day"),
    [
        ("%Y-%m-%d", 25),
        ("%d.%m.%Y", 25),
        ("%d/%m/%Y", 25),
        ("%m/%d/%Y", 25),
        ("%Y-%m-%d %H:%M:%S", 25),
    ],
)
def test_dates_become_days_since_1970(table, form, day):
    moments = pd.date_range("2024-03-01", periods=40)
    result, values = table(
        "when,y\n" + "".join(f"{m.strftime(form)},{i % 2}\n" for i, m in enumerate(moments))
    )
    assert column(result, "when").type == "date"
    np.testing.assert_allclose(values["when"], (moments - pd.Timestamp("1970-01-01")).days)


def test_an_ambiguous_date_says_so(table):
    result, _ = table(
        "when,y\n" + "".join(f"0{i % 9 + 1}/0{i % 7 + 1}/2024,{i % 2}\n" for i in range(40))
    )
    assert "could also be month/day/year" in column(result, "when").reason


def test_booleans_are_zero_and_one(table):
    result, values = table(
        "ok,y\n" + "".join(f"{['Yes', 'no', ''][i % 3]},{i % 4}\n" for i in range(60))
    )
    assert column(result, "ok").type == "boolean" and column(result, "ok").missing == 20
    assert values["ok"][:2].tolist() == [1.0, 0.0] and np.isnan(values["ok"][2])


def test_nul_characters_are_left_out_and_counted(table):
    result, values = table(b"n,y\n1\x00,a\n2,b\x00\n" + b"3,a\n" * 9)
    assert values["n"][0] == 1 and any("2 NUL" in note for note in result.inspection.notes)


def test_long_text_is_left_out_of_the_inputs_and_told(table):
    rows = "".join(f'"{"lorem ipsum " * 8}{i}",{i / 3},{i % 2}\n' for i in range(60))
    result, values = table(f"review,x,y\n{rows}")
    assert column(result, "review").type == "text" and "review" not in values
    assert any(w.code == "text left out" for w in result.inspection.warnings)


def test_one_class_tiny_classes_and_missing_answers_are_told(table):
    result, _ = table("x,y\n" + "".join(f"{i / 7},only\n" for i in range(30)))
    assert "one class" in {w.code for w in result.inspection.warnings}
    rows = "".join(
        f"{i / 7},{'rare' if i == 5 else '' if i == 6 else 'ab'[i % 2]}\n" for i in range(60)
    )
    result, _ = table(f"x,y\n{rows}")
    told = {w.code: w.what for w in result.inspection.warnings}
    assert "rare (1)" in told["tiny classes"] and told["left out"].startswith(
        "Left out: 1 row without"
    )


def test_ten_thousand_classes_are_read(table):
    result, _ = table(
        "x,y\n" + "".join(f"{i / 7},c{i % 9000}\n" for i in range(27_000)),
        target="y",
        column_types={"y": "category"},
    )
    assert len(result.inspection.classes) == 1000 and result.inspection.task == "classification"


def test_a_column_that_gives_the_answer_away_is_told(table):
    rows = "".join(f"{i / 7},{'ab'[i % 2]}!,{'ab'[i % 2]}\n" for i in range(60))
    result, _ = table(f"x,leak,y\n{rows}")
    assert {w.column for w in result.inspection.warnings if w.code == "leakage-like"} == {"leak"}


def test_identical_rows_are_told(table):
    rows = "".join(f"{i % 20},{'ab'[i % 2]}\n" for i in range(100))
    result, _ = table(f"x,y\n{rows}")
    assert any("identical to training samples" in w.what for w in result.inspection.warnings)


def test_an_unknown_target_lists_the_columns(table):
    with pytest.raises(DataError, match="The columns are: size, colour, answer"):
        table(GOOD, target="nope")


def test_text_that_is_not_what_it_says_is_refused(table):
    text = ("größe,y\n" + "1,ä\n" * 50).encode("latin-1")
    with pytest.raises(DataError, match="says it is UTF-8 text but is not"):
        table(codecs.BOM_UTF8 + text)
    with pytest.raises(DataError, match=r"not utf-16 text|not utf-8 text"):
        table(b"a,b\n1,2\n" + text, encoding="utf-8")


def test_what_the_caller_knows_wins_over_detection(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    found = dialect.detect(path, delimiter=";", has_header=False, encoding="latin-1")
    assert (found.delimiter, found.has_header, found.encoding) == (";", False, "iso8859-1")
