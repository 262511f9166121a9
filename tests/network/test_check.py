import pytest

from builder.layers.base import TensorType
from builder.network.check import check
from builder.network.expectation import EMPTY, Expectation, Feed, Want
from builder.network.report import Report
from builder.spec.network import Expr, Network, Node, Variable, Wire
from builder.spec.project import Project

GOOD = (
    "input",
    ("conv2d", {"out_channels": 4}),
    "relu",
    "flatten",
    ("linear", {"out_features": 10}),
    "output",
)


def codes(report):
    return [(problem.severity, problem.code, problem.node) for problem in report.problems]


def test_a_good_drawing_has_shapes_costs_and_no_problems(chain, digits):
    report = check(chain(*GOOD), "network", digits)
    assert report.problems == ()
    assert [one.outputs[0].shape for one in report.nodes.values() if one.outputs] == [
        (1, 8, 8), (4, 8, 8), (4, 8, 8), (256,), (10,),
    ]  # fmt: skip
    assert report.parameters == 4 * 9 + 4 + 256 * 10 + 10
    assert report.flops == 2 * 9 * 4 * 64 + 2 * 2560
    assert report.hidden_layers == 1
    assert report.nodes["n0"].identifier == "image"


def test_norms_and_activations_with_weights_are_no_hidden_layers(chain, digits):
    flat = ["input", "flatten", ("linear", {"out_features": 8})]
    more = ["batch_norm1d", "prelu", "layer_norm"]
    last = [("linear", {"out_features": 10}), "output"]
    plain, dressed = (
        check(chain(*parts), "network", digits) for parts in ([*flat, *last], [*flat, *more, *last])
    )
    assert plain.hidden_layers == dressed.hidden_layers == 1
    assert dressed.parameters > plain.parameters


def test_a_report_travels_as_json(chain, digits):
    report = check(chain(*GOOD), "network", digits)
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_problems_show_at_once_and_those_behind_wait(chain, digits):
    project = chain(
        "input",
        ("conv2d", {"out_channels": 0, "foo": 1}),
        "relu",
        ("linear", {"bias": 3}),
        "output",
    )
    report = check(project, "network", digits)
    assert codes(report) == [
        ("error", "bad_setting", "n1"),
        ("error", "bad_setting", "n1"),
        ("error", "bad_setting", "n3"),
    ]
    assert {p.field for p in report.problems} == {"foo", "out_channels", "bias"}
    assert report.nodes["n0"].outputs and not report.nodes["n2"].outputs
    assert report.nodes["n2"].waiting_for == "n1" and report.nodes["n4"].waiting_for == "n1"


def test_flat_values_into_an_image_layer_are_told_with_values(chain, digits):
    report = check(
        chain("input", "flatten", "conv2d", "flatten", "linear", "output"), "network", digits
    )
    (problem,) = report.errors()
    assert (
        problem.node == "n2"
        and "64 values" in problem.what
        and "channels × height × width" in problem.what
    )


@pytest.mark.parametrize(
    ("knobs", "field"),
    [
        ({"out_channels": -1}, "out_channels"), ({"out_channels": 2**63}, "out_channels"), ({"stride": 0}, "stride"),
        ({"kernel_size": 0}, "kernel_size"), ({"padding": -1}, "padding"), ({"groups": 0}, "groups"),
        ({"out_channels": "5"}, "out_channels"), ({"out_channels": 5.5}, "out_channels"),
        ({"out_channels": True}, "out_channels"), ({"__class__": 1}, "__class__"),
        ({"out_channels": Expr(expr="width")}, "out_channels"), ({"out_channels": Expr(expr="1/0")}, "out_channels"),
        ({"out_channels": Expr(expr="9/2")}, "out_channels"), ({"groups": 3, "out_channels": 4}, "groups"),
    ],
)  # fmt: skip
def test_sizes_out_of_bounds_are_refused_before_torch_sees_them(chain, digits, knobs, field):
    report = check(
        chain("input", ("conv2d", knobs), "flatten", "linear", "output"), "network", digits
    )
    first = report.errors()[0]
    assert first.node == "n1" and first.field == field


def test_an_unknown_kind_is_told_with_what_may_be_meant(chain, digits):
    report = check(chain("input", "flatten", "lineer", "output"), "network", digits)
    assert codes(report) == [("error", "unknown_kind", "n2")]
    assert "linear" in report.problems[0].fixes[0].sentence


def test_a_circle_names_its_layers(chain, digits):
    project = chain(*GOOD)
    network = project.networks[0]
    looped = network.model_copy(
        update={"wires": (*network.wires[1:], Wire(source="n4", target="n1"))}
    )
    report = check(project.with_network(looped), "network", digits)
    cycle = next(p for p in report.problems if p.code == "cycle")
    assert "conv2d1 → relu2 → flatten3 → linear4 → conv2d1" in cycle.what
    assert report.nodes["n5"].waiting_for == cycle.node


def test_a_layer_that_feeds_itself_is_a_circle(chain, digits):
    project = chain("input", "flatten", "linear", "output")
    network = project.networks[0]
    looped = network.model_copy(
        update={"wires": (Wire(source="n2", target="n2"), *network.wires[2:])}
    )
    assert "cycle" in [
        p.code for p in check(project.with_network(looped), "network", digits).problems
    ]


def test_free_and_taken_ports_and_ports_that_do_not_exist(chain, digits):
    network = Network(
        nodes=(
            Node(id="i", kind="input", name="image"),
            Node(id="f", kind="flatten", name="flat"),
            Node(id="g", kind="flatten", name="alone"),
            Node(id="o", kind="output", name="output"),
        ),
        wires=(
            Wire(source="i", target="f"),
            Wire(source="f", target="o"),
            Wire(source="i", target="o"),
            Wire(source="i", target="f", target_port="mask"),
        ),
    )
    found = {
        (p.code, p.node) for p in check(Project(networks=(network,)), "network", digits).problems
    }
    assert {
        ("unconnected", "g"),
        ("port_taken", "o"),
        ("unknown_port", "f"),
        ("unused", "g"),
    } <= found


def test_no_way_from_input_to_output_is_an_error(chain, digits):
    network = Network(
        nodes=(Node(id="i", kind="input", name="image"), Node(id="o", kind="output", name="output"))
    )
    found = [p.code for p in check(Project(networks=(network,)), "network", digits).problems]
    assert "no_path" in found and "unconnected" in found


def test_an_empty_drawing_says_what_it_lacks():
    found = {p.code for p in check(Project(), "network").problems}
    assert found == {"no_input", "no_output"}


def test_two_outputs_where_one_is_wanted_are_refused(chain, digits):
    project = chain(*GOOD)
    network = project.networks[0]
    second = network.model_copy(
        update={
            "nodes": (*network.nodes, Node(id="o2", kind="output", name="second")),
            "wires": (*network.wires, Wire(source="n4", target="o2")),
        }
    )
    report = check(project.with_network(second), "network", digits)
    assert codes(report) == [("error", "extra_output", "o2")]
    assert check(project.with_network(second), "network", EMPTY).of_node("o2") == ()


def test_an_input_with_a_field_that_does_not_exist_offers_those_that_do(chain, digits):
    report = check(chain(("input", {"role": "sound"}), *GOOD[1:]), "network", digits)
    assert report.errors()[0].code == "unknown_role"
    assert report.errors()[0].fixes[0].sentence == "Take image"


def test_an_input_without_data_needs_a_shape(chain):
    assert check(chain(*GOOD), "network").errors()[0].code == "no_shape"
    own = chain(("input", {"shape": (1, 8, 8)}), *GOOD[1:])
    assert check(own, "network").problems == ()


def test_a_field_nobody_takes_is_a_warning(chain, digits):
    more = digits._replace(inputs=(*digits.inputs, Feed("age", TensorType((1,)))))
    found = check(chain(("input", {"role": "image"}), *GOOD[1:]), "network", more)
    assert [(p.severity, p.code) for p in found.problems] == [("warning", "unused_field")]


def test_a_layer_of_100_gb_is_refused_by_its_name(chain, digits):
    report = check(
        chain("input", "flatten", ("linear", {"out_features": 400_000}), ("linear", {"out_features": 400_000}),
              ("linear", {"out_features": 10}), "output"), "network", digits,
    )  # fmt: skip
    large = next(p for p in report.problems if p.code == "too_large")
    assert large.node == "n3" and "TB" in large.what


def test_huge_outputs_of_small_weights_are_refused(chain, digits):
    project = chain(
        "input",
        *[("conv_transpose2d", {"stride": 1000, "kernel_size": 3})] * 2,
        "flatten",
        "linear",
        "output",
    )
    assert check(project, "network", digits).errors()


def test_batch_normalisation_with_batches_of_one_is_refused(chain, digits):
    project = chain(
        "input",
        "flatten",
        ("linear", {"out_features": 8, "bias": False}),
        "batch_norm1d",
        "relu",
        ("linear", {"out_features": 10}),
        "output",
    )
    assert codes(check(project, "network", digits._replace(batch_size=1))) == [
        ("error", "batch_of_one", "n3")
    ]
    assert check(project, "network", digits).problems == ()


def test_a_bypassed_layer_is_passed_over(chain, digits):
    project = chain(*GOOD)
    network = project.networks[0]
    nodes = tuple(n.model_copy(update={"bypassed": n.id == "n1"}) for n in network.nodes)
    report = check(
        project.with_network(network.model_copy(update={"nodes": nodes})), "network", digits
    )
    assert report.problems == () and report.parameters == 64 * 10 + 10
    nodes = tuple(n.model_copy(update={"bypassed": n.id == "n3"}) for n in network.nodes)
    report = check(
        project.with_network(network.model_copy(update={"nodes": nodes})), "network", digits
    )
    assert report.errors()[0].code == "linear_over_image"


def test_variables_are_known_and_those_of_the_data_win(chain, digits):
    project = chain("input", "flatten", ("linear", {"out_features": Expr(expr="classes")}), "output",
                    variables=(Variable(name="classes", value=3),))  # fmt: skip
    report = check(project, "network", digits)
    assert [(p.severity, p.code) for p in report.problems] == [("warning", "shadowed_variable")]


def test_the_largest_drawing_answers(chain, digits):
    kinds = ["relu"] * 1990
    report = check(
        chain("input", "flatten", *kinds, ("linear", {"out_features": 10}), "output"),
        "network",
        digits,
    )
    assert report.errors() == ()


def test_two_inputs_and_two_outputs():
    network = Network(
        nodes=(
            Node(id="a", kind="input", name="noise", knobs={"role": "noise"}),
            Node(id="b", kind="input", name="label", knobs={"role": "label"}),
            Node(id="c", kind="concat", name="both"),
            Node(id="l", kind="linear", name="head", knobs={"out_features": 4}),
            Node(id="o", kind="output", name="mean", knobs={"role": "mean"}),
            Node(id="p", kind="output", name="spread", knobs={"role": "spread"}),
        ),
        wires=(Wire(source="a", target="c"), Wire(source="b", target="c"), Wire(source="c", target="l"),
               Wire(source="l", target="o"), Wire(source="l", target="p")),
    )  # fmt: skip
    wanted = Expectation(
        inputs=(Feed("noise", TensorType((3,))), Feed("label", TensorType((2,)))),
        outputs=(Want("mean", (4,)), Want("spread", (4,)), Want("extra", (1,))),
    )
    report = check(Project(networks=(network,)), "network", wanted)
    assert [p.code for p in report.problems] == ["missing_output"]
