"""Rules about the last layer: what the loss does itself, what narrows the answer, what disturbs it."""

from collections.abc import Iterator

from builder.layers.base import LayerType
from builder.network.advice.rule import Look, rule
from builder.network.mending import remove, with_fix
from builder.network.walk import Placed
from builder.spec.problems import Problem


@rule
def activated_logits(look: Look) -> Iterator[Problem]:
    """An activation between the last layer and a loss that applies its own."""
    for output, last, want in look.answers():
        layer = look.layer(last.node.id)
        if want.kind != "logits" or layer is None or layer.family != "activation":
            continue
        code, why = _because(layer)
        problem = look.problem(
            code,
            "warning",
            f"{last.node.name} stands before {output.node.name}, and the loss wants plain scores (logits): "
            f"{why}. Learning would be slow or stop. Remove it.",
            last,
            got=layer.title,
            expected="logits",
        )
        yield with_fix(problem, remove(look.walked, last.node))


def _because(layer: LayerType) -> tuple[str, str]:
    if layer.shares:
        return (
            "softmax_before_loss",
            "it turns them into shares itself, and shares of shares differ too little",
        )
    if layer.limits:
        low, high = layer.limits
        return (
            "sigmoid_before_loss",
            f"between {low:g} and {high:g} no score can be clearly for or against",
        )
    return "activated_logits", "a score must be free to be negative"


@rule
def limited_answer(look: Look) -> Iterator[Problem]:
    """A last activation that cannot reach the numbers that are wanted."""
    for output, last, want in look.answers():
        layer = look.layer(last.node.id)
        if want.kind != "numbers" or want.shape is None or len(want.shape) > 1:
            continue
        if layer is None or layer.limits is None:
            continue
        low, high = layer.limits
        problem = look.problem(
            "limited_answer",
            "warning",
            f"{last.node.name} keeps every answer between {low:g} and {high:g}, and the numbers to predict go "
            f"beyond. Let {output.node.name} get what the layer before it gives.",
            last,
            got=f"{low:g} to {high:g}",
            expected="numbers of any size",
        )
        yield with_fix(problem, remove(look.walked, last.node))


@rule
def disturbed_answer(look: Look) -> Iterator[Problem]:
    """Dropped values or batch normalisation as the last word."""
    for output, last, want in look.answers():
        layer = look.layer(last.node.id)
        if want.kind == "any" or layer is None:
            continue
        if layer.drops:
            code, does = (
                "drops_answer",
                "sets random answers to 0 while training, which teaches nothing",
            )
        elif layer.mixes_samples:
            code, does = (
                "normalised_answer",
                "makes each answer depend on the other samples of its batch",
            )
        else:
            continue
        yield _last(
            look, code, last, output, f"{last.node.name} {does}. Put it before the last layer."
        )


def _last(look: Look, code: str, last: Placed, output: Placed, what: str) -> Problem:
    got = last.layer.title if last.layer else ""
    problem = look.problem(
        code,
        "warning",
        what,
        last,
        got=f"{got} right before {output.node.name}",
        expected="a layer with weights",
    )
    return with_fix(problem, remove(look.walked, last.node))
