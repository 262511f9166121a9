"""docs/problems.md is the list of all problems: every line is drawn, seen, mended and seen again."""

import re
from pathlib import Path

import pytest

from builder.layers import catalogue
from builder.network.check import check
from builder.spec.edits import apply_all
from builder.spec.problems import Problem
from tests.network.drawing import draw

HOUSE = Path(__file__).parents[2]
DOCUMENT = (HOUSE / "docs" / "problems.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in DOCUMENT.split("## In data")[0].splitlines()
    if line.startswith("| `")
]
KINDS_ASKED_FOR = 30


def _marks(problems: tuple[Problem, ...]) -> set[tuple[str, str | None, str | None]]:
    return {(one.code, one.node, one.field) for one in problems}


def _errors(problems):
    return {(one.code, one.node) for one in problems if one.severity == "error"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip("`"))
class TestEveryProblem:
    def test_is_seen_at_the_layer_that_causes_it_with_values(self, row):
        code, severity, _, at, fixed, drawing = row
        project, expectation = draw(drawing)
        problems = check(project, "network", expectation).problems
        found = [one for one in problems if one.code == code.strip("`")]
        assert found, [(one.code, one.node, one.what) for one in problems]
        problem = found[0]
        assert problem.severity == severity
        assert problem.node == (None if at == "–" else at), problem.what
        assert problem.what[0] and problem.what.endswith((".", "?"))
        assert bool(problem.fixes) == (fixed == "yes"), [fix.sentence for fix in problem.fixes]

    def test_goes_away_with_every_fix_and_nothing_gets_worse(self, row):
        code, drawing = row[0].strip("`"), row[5]
        project, expectation = draw(drawing)
        before = check(project, "network", expectation)
        problem = next(one for one in before.problems if one.code == code)
        waiting = {node.node for node in before.nodes.values() if node.waiting_for}
        unknown = {node.node for node in before.nodes.values() if not node.outputs}
        for fix in problem.fixes:
            assert fix.changes, fix.sentence
            mended = apply_all(fix.edits, project)
            expected = expectation
            if mended.training != project.training:
                expected = expectation._replace(batch_size=mended.training.batch_size)
            after = check(mended, "network", expected)
            assert (problem.code, problem.node, problem.field) not in _marks(after.problems)
            new = _errors(after.problems) - _errors(before.problems)
            assert {node for _, node in new} <= waiting | unknown, (fix.sentence, new)


def test_there_are_more_kinds_than_were_asked_for():
    assert len({row[0] for row in ROWS}) == len(ROWS) >= KINDS_ASKED_FOR


def test_every_code_in_the_source_is_in_the_document():
    told = set(re.findall(r"^\| `(\w+)`", DOCUMENT, re.M))
    written = r'(?:code="|code=f?"|look\.problem\(\s*"|_missing\("|_problem\("|_last\(look, "|else ")(\w+)"'
    rooms = [HOUSE / "builder" / room for room in ("layers", "network", "readiness")]
    found = {
        code
        for room in rooms
        for path in room.rglob("*.py")
        for code in re.findall(written, path.read_text())
        if "_" in code or code in ("cycle", "unused", "island", "memory")
    }
    knobs = {info.name for kind in catalogue.all_kinds() for info in catalogue.knobs(kind.kind)}
    assert found - told - knobs == set()


def test_what_stands_behind_an_error_waits_and_says_nothing():
    project, expectation = draw(
        "digits · input → conv2d(kernel_size=99) → relu → flatten → linear(out_features=3) → output"
    )
    report = check(project, "network", expectation)
    assert [one.node for one in report.errors()] == ["conv2d"]
    assert {report.nodes[one].waiting_for for one in ("relu", "flatten", "linear")} == {"conv2d"}
