from builder.network.check import check
from builder.spec.edits import apply_all


def fixed(project, problem, place=0):
    return apply_all(problem.fixes[place].edits, project)


def test_linear_over_an_image_offers_flatten_before_it(chain, digits):
    project = chain("input", "conv2d", ("linear", {"out_features": 10}), "output")
    (problem,) = check(project, "network", digits).errors()
    assert (
        problem.node == "n2"
        and problem.code == "linear_over_image"
        and problem.fixes[0].sentence == "Put Flatten before linear2"
    )
    assert "32×8×8" in problem.what and "10 values because the data has 10 classes" in problem.what
    assert check(fixed(project, problem), "network", digits).errors() == ()


def test_a_wrong_width_offers_the_variable_of_the_data(chain, digits):
    project = chain("input", "flatten", ("linear", {"out_features": 12}), "output")
    (problem,) = check(project, "network", digits).errors()
    assert problem.fixes[0].sentence == "Set out features of linear2 to classes"
    changed = fixed(project, problem)
    assert changed.networks[0].node("n2").knobs["out_features"].expr == "classes"
    assert check(changed, "network", digits).problems == ()


def test_a_blank_network_offers_its_first_layers(chain, digits):
    project = chain("input", "output")
    problem = next(p for p in check(project, "network", digits).problems if p.fixes)
    assert problem.fixes[0].sentence.startswith("Put Flatten and Linear")
    assert check(fixed(project, problem), "network", digits).problems == ()


def test_two_linear_layers_in_a_row_offer_an_activation_between_them(chain, digits):
    project = chain("input", "flatten", "linear", ("linear", {"out_features": 10}), "output")
    (problem,) = check(project, "network", digits).problems
    assert (problem.severity, problem.code) == ("hint", "no_activation")
    changed = fixed(project, problem)
    assert [n.kind for n in changed.networks[0].nodes][-1] == "relu"
    assert check(changed, "network", digits).problems == ()


def test_softmax_before_logits_offers_its_removal(chain, digits):
    project = chain("input", "flatten", ("linear", {"out_features": 10}), "softmax", "output")
    (problem,) = check(project, "network", digits).problems
    assert (problem.severity, problem.code, problem.node) == (
        "warning",
        "softmax_before_loss",
        "n3",
    )
    assert check(fixed(project, problem), "network", digits).problems == ()


def test_every_offered_fix_makes_its_problem_go_away(chain, digits):
    drawings = [
        ("input", "flatten", "conv2d", "flatten", ("linear", {"out_features": 10}), "output"),
        ("input", ("conv2d", {"out_channels": 6, "groups": 4}), "flatten", ("linear", {"out_features": 10}), "output"),
        ("input", ("conv2d", {"kernel_size": 21}), "flatten", ("linear", {"out_features": 10}), "output"),
        ("input", "lstm", ("linear", {"out_features": 10}), "output"),
        ("input", "embedding", "flatten", ("linear", {"out_features": 10}), "output"),
        ("input", ("max_pool2d", {"kernel_size": 2000}), "flatten", ("linear", {"out_features": 10}), "output"),
        ("input", "global_avg_pool", "output"),
    ]  # fmt: skip
    offered = 0
    for kinds in drawings:
        project = chain(*kinds)
        for problem in check(project, "network", digits).problems:
            for place in range(len(problem.fixes)):
                after = check(fixed(project, problem, place), "network", digits).problems
                assert (problem.code, problem.node, problem.field) not in [
                    (one.code, one.node, one.field) for one in after
                ], (kinds, problem.what, problem.fixes[place].sentence)
                offered += 1
    assert offered >= 7
