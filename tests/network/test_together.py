"""Fixes that are applied at once do not touch each other, and mend what each would mend alone."""

from builder.network.check import check
from builder.network.together import together
from builder.spec.edits import apply_all
from tests.network.drawing import draw


def mended(text):
    project, expectation = draw(text)
    problems = check(project, "network", expectation).problems
    fixes = together(project, problems)
    edits = tuple(edit for fix in fixes for edit in fix.edits)
    return problems, fixes, check(apply_all(edits, project), "network", expectation).problems


def test_three_fixes_far_apart_are_one_act():
    problems, fixes, after = mended(
        "digits · input → conv2d → batch_norm2d → relu → flatten → linear → l2=linear → r2=relu → tanh → "
        "l3=linear(out_features=12) → output"
    )
    assert {one.code for one in problems} >= {
        "bias_before_norm",
        "no_activation",
        "activation_twice",
        "output_width",
    }
    assert len(fixes) >= 3
    assert len(after) <= len(problems) - len(fixes)


def test_two_ways_to_mend_the_same_layer_are_not_mixed():
    _, fixes, _ = mended(
        "digits · input → flatten → linear(out_features=0, bias=3) → relu → l2=linear(out_features=10) → output"
    )
    assert len(fixes) == 1
