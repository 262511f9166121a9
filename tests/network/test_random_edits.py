"""Random edits of random drawings with blocks: every state is checked without a crash, and undone byte for byte."""

import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.errors import SpecError
from builder.network.check import check
from builder.network.making import plan_block
from builder.projects.patch import backward, diff, forward
from builder.spec.codec import decode, encode
from builder.spec.edits import Disconnect, RemoveNodes, SetKnobs
from builder.spec.making_edits import DetachBlock, OpenBlock, RepeatBlock
from builder.spec.network import Block, Expr
from tests.chance import drawn, expected, knobs_for

ODD_REPEATS = (0, 1, 2, 3, -1, Expr(expr="classes"), Expr(expr="nobody"), Expr(expr="1 // 0"))


def edit(dice, project, number):
    """An edit that somebody could make of this project, one in two of blocks; None where there is nothing to edit."""
    graph = dice.choice([*project.networks, *project.blocks])
    name = graph.id if isinstance(graph, Block) else graph.name
    layers = [node for node in graph.nodes if node.kind not in ("input", "output")]
    placed = [node for node in layers if node.kind == "block"]
    if placed and dice.random() < 0.5:
        node = dice.choice(placed)
        shared = dice.random() < 0.3
        return dice.choice((
            OpenBlock(graph=name, node=node.id),
            DetachBlock(graph=name, node=node.id, block=f"d{number}"),
            RepeatBlock(graph=name, node=node.id, repeat=dice.choice(ODD_REPEATS), share_weights=shared),
        ))  # fmt: skip
    if not layers:
        return None
    node = dice.choice(layers)
    act = dice.randrange(4)
    if act == 0:
        chosen = dice.sample(layers, dice.randint(1, len(layers)))
        return plan_block(project, name, [one.id for one in chosen], f"b{number + 10}")
    if act == 1:
        return RemoveNodes(graph=name, nodes=(node.id,), heal=dice.random() < 0.5)
    if act == 2 and graph.wires:
        return Disconnect(graph=name, wires=(dice.choice(graph.wires),))
    knobs = {} if node.kind == "block" else knobs_for(node.kind, dice, wild=dice.random() < 0.3)
    return SetKnobs(graph=name, node=node.id, knobs=knobs)


def edited_and_undone(seed, count):
    """Makes a drawing, edits it, checks each state, and takes everything back."""
    project, feed = drawn(seed)
    dice = random.Random(seed)
    texts, patches = [encode(project)], []
    for number in range(count):
        try:
            made = edit(dice, project, number)
            changed = made.apply(project) if made else project
        except SpecError:
            continue
        assert encode(decode(encode(changed))) == encode(changed)
        patch = diff(json.loads(texts[-1]), json.loads(encode(changed)))
        patches.append(json.loads(json.dumps(patch)))
        assert forward(json.loads(texts[-1]), patch) == json.loads(encode(changed))
        texts.append(encode(changed))
        project = changed
        check(project, "network", expected(feed))
    value = json.loads(texts[-1])
    for patch, before in zip(reversed(patches), reversed(texts[:-1]), strict=True):
        value = backward(value, patch)
        assert json.dumps(value, indent=2, ensure_ascii=False) + "\n" == before
    return len(patches)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_random_edits_of_drawings_with_blocks_are_checked_and_undone(seed):
    edited_and_undone(seed, 6)


@pytest.mark.nightly
def test_thousands_of_random_edits_of_drawings_with_blocks_are_checked_and_undone():
    assert sum(edited_and_undone(seed, 12) for seed in range(500)) > 3000


def test_most_edits_take():
    """Else the tests above say little."""
    assert sum(edited_and_undone(seed, 6) for seed in range(8)) > 24
