from builder.network.borrowing import place_block
from builder.network.ports import ports
from builder.spec.block_file import BlockFile
from builder.spec.network import Block, Network, Node, Wire
from builder.spec.project import Project


def nodes(*kinds, role=""):
    return tuple(
        Node(id=f"{kind}{i}", kind=kind, name=f"{kind}{i}", knobs={"role": role} if role else {})
        for i, kind in enumerate(kinds)
    )


CHAIN = Project(
    networks=(Network(nodes=nodes("relu", "relu"), wires=(Wire(source="relu0", target="relu1"),)),)
)


def test_a_placed_block_is_wired_by_its_first_ports_whatever_they_are_called():
    file = BlockFile(
        title="T", block=Block(id="b", name="T", nodes=nodes("input", "input", "output"))
    )
    for place in ({"after": "relu0"}, {"into": CHAIN.networks[0].wires[0]}):
        after = place_block(file, "network", "n", **place).apply(CHAIN)
        network = after.network("network")
        known = ports(after, network.node("n"))
        assert [w.target_port for w in network.wires_into("n")] == [known[0][0].name] == ["input0"]
        assert [w.source_port for w in network.wires_from("n")] == [known[1][0]] == ["out"]


def test_a_block_without_inputs_is_placed_free():
    file = BlockFile(title="T", block=Block(id="b", name="T", nodes=nodes("output")))
    after = place_block(file, "network", "n", after="relu0").apply(CHAIN).network("network")
    assert after.wires == CHAIN.networks[0].wires and after.node("n")


def test_a_block_placed_at_a_point_stands_there():
    file = BlockFile(title="T", block=Block(id="b", name="T", nodes=nodes("input", "output")))
    node = place_block(file, "network", "n", at=(8, 16)).apply(CHAIN).network("network").node("n")
    assert (node.x, node.y) == (8, 16)
