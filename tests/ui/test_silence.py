"""Hints keep quiet where they were asked to, errors never do."""

from builder.network.report import Report
from builder.readiness.report import ProjectReport
from builder.spec.problems import Change, Fix, Problem
from builder.ui import silence, words
from builder.ui.inspector import preview


def problem(severity="hint", node="a", code="no_activation"):
    return Problem(code=code, severity=severity, what="What.", network="network", node=node)


def report(*problems):
    return ProjectReport(
        reports={"network": Report(network="network", problems=problems)}, problems=problems
    )


def test_a_silenced_hint_is_left_out_and_others_stay():
    first, second = problem(), problem(node="b")
    whole = report(first, second)
    marks = {silence.mark(first)}
    assert silence.quiet(whole, marks).problems == (second,)
    assert silence.quiet(whole, marks).reports["network"].problems == (second,)
    assert silence.silent(whole, marks) == (first,)


def test_errors_cannot_be_silenced():
    wrong = problem("error")
    assert silence.quiet(report(wrong), {silence.mark(wrong)}).problems == (wrong,)


def test_whatever_was_kept_is_read_or_passed_over():
    kept = [["network", "a", "no_activation"], ["short"], 3]
    assert silence.marks(kept) == {("network", "a", "no_activation")}
    assert silence.marks(None) == silence.marks("x") == set()


def test_a_preview_says_what_is_added_changed_and_counted():
    fix = Fix(
        sentence="Put ReLU before b",
        edits=(),
        changes=(
            Change(what="added", name="relu", node="r", after="ReLU"),
            Change(what="setting", name="conv", before="bias as usual", after="off"),
            Change(what="parameters", before="1,000", after="900"),
        ),
    )
    said = [words.plain(one) for one in ("adds relu (ReLU)", "conv: bias as usual → off")]
    assert preview.short(fix) == f"{said[0]} · {said[1]} · 1 more"
    assert words.plain("1,000 → 900 parameters (-100)") in preview.whole(fix)
    assert preview.whole(Fix(sentence="x", edits=())) == ""
