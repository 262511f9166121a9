"""Rules about normalisation and dropout: batches of one, a bias that does nothing, an order that harms."""

from collections.abc import Iterator

from builder.network.advice.rule import Look, rule
from builder.network.mending import remove, set_knob, with_fix
from builder.spec.edits import InsertNode, SetTraining
from builder.spec.problems import Fix, Problem

MUCH_DROPPED = 0.7


@rule
def batch_of_one(look: Look) -> Iterator[Problem]:
    """A layer that compares samples, and one sample in a batch."""
    if look.expectation.batch_size != 1:
        return
    training = look.project.training.model_copy(update={"batch_size": None})
    chosen = Fix(sentence="Choose the batch size for me", edits=(SetTraining(training=training),))
    for placed, layer in look.layers:
        if layer.mixes_samples:
            problem = look.problem(
                "batch_of_one",
                "error",
                f"{placed.node.name} compares the samples of a batch, and the batch size is 1. "
                "Use batches of 16 or more, or LayerNorm.",
                placed,
                got="batches of 1",
                expected="batches of 16 or more",
                field="batch_size",
            )
            yield with_fix(problem, chosen)


@rule
def bias_before_norm(look: Look) -> Iterator[Problem]:
    """A bias that the next layer takes away with the mean."""
    for placed, layer in look.layers:
        follower = look.only_reader(placed)
        after = look.layer(follower.node.id) if follower else None
        if not follower or not after or after.normalises != "channels" or not layer.linear_map:
            continue
        if "bias" in placed.node.knobs and placed.texts.get("bias"):
            continue
        if getattr(layer, "bias", False) is True:
            problem = look.problem(
                "bias_before_norm",
                "hint",
                f"{follower.node.name} takes away the mean, so the bias of {placed.node.name} does nothing. "
                "Turn it off.",
                placed,
                got="bias on",
                expected="bias off",
                field="bias",
            )
            yield with_fix(problem, set_knob(look.walked, placed.node, "bias", False))


@rule
def drops_before_norm(look: Look) -> Iterator[Problem]:
    """Values dropped right before a batch normalisation, whose running spread is then wrong (Li et al., 2019)."""
    for placed, layer in look.layers:
        follower = look.only_reader(placed)
        after = look.layer(follower.node.id) if follower else None
        if not layer.drops or follower is None or after is None or not after.mixes_samples:
            continue
        problem = look.problem(
            "drops_before_norm",
            "hint",
            f"{placed.node.name} changes the spread of values in training only, and {follower.node.name} keeps "
            "that spread for later, when nothing is dropped. Put it after.",
            placed,
            got=f"{layer.title} before {after.title}",
            expected=f"{after.title} first",
        )
        taken = remove(look.walked, placed.node)
        wires = look.leaving[follower.node.id]
        fixes = [taken]
        if len(wires) == 1:
            put = InsertNode(graph=look.walked.name, node=placed.node, into=wires[0])
            sentence = f"Move {placed.node.name} behind {follower.node.name}"
            fixes.insert(0, Fix(sentence=sentence, edits=(*taken.edits, put)))
        yield with_fix(problem, *fixes)


@rule
def much_dropped(look: Look) -> Iterator[Problem]:
    """So large a share dropped that little is left to learn from."""
    for placed, layer in look.layers:
        share = getattr(layer, "p", 0.0)
        if layer.drops and share >= MUCH_DROPPED:
            problem = look.problem(
                "much_dropped",
                "warning",
                f"{placed.node.name} drops {share:.0%} of the values, so little is left to learn from. "
                "0.1 to 0.5 is usual.",
                placed,
                got=f"{share:g}",
                expected=f"less than {MUCH_DROPPED:g}",
                field="p",
            )
            yield with_fix(problem, set_knob(look.walked, placed.node, "p", 0.5))
