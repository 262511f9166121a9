"""What has changed in a drawing since a run was made, layer by layer, in words."""

from typing import NamedTuple

from builder.spec.network import Knob, Network, Node
from builder.spec.project import Project


class Changes(NamedTuple):
    """Differences between a run's snapshot and the project now; empty when they would train the same."""

    layers: tuple[str, ...]
    """One sentence a layer."""
    wires: bool
    data: bool
    training: bool

    def __bool__(self) -> bool:
        return bool(self.layers) or self.wires or self.data

    def headline(self) -> str:
        """`The drawing has changed since this run: 2 layers.`"""
        if not self.layers and not self.wires:
            return "The data has changed since this run."
        count = len(self.layers)
        what = "the connections" if not count else "1 layer" if count == 1 else f"{count} layers"
        return f"The drawing has changed since this run: {what}."

    def sentences(self) -> list[str]:
        """Everything that differs, one sentence each."""
        rest = [
            words
            for differs, words in (
                (self.wires, "Connections between layers were changed."),
                (self.data, "The data or its preparation was changed."),
                (self.training, "Training settings were changed."),
            )
            if differs
        ]
        return [*self.layers, *rest]


def changes(before: Project, now: Project) -> Changes:
    """The differences that matter to training; places, names and notes do not count."""
    sentences: list[str] = []
    rewired = False
    for network in before.networks:
        other = now.network(network.name) or Network(name=network.name)
        sentences += _layers(network, other)
        rewired = rewired or set(network.wires) != set(other.wires)
    known = {network.name for network in before.networks}
    for network in now.networks:
        if network.name not in known:
            sentences += [f"{node.name} was added." for node in network.nodes]
    rewired = rewired or before.blocks != now.blocks
    return Changes(
        tuple(sentences),
        rewired and not sentences,
        before.data != now.data,
        before.training != now.training,
    )


def _layers(before: Network, now: Network) -> list[str]:
    sentences = []
    for node in before.nodes:
        other = now.node(node.id)
        if other is None:
            sentences.append(f"{node.name} was removed.")
        else:
            sentences += _differences(node, other)
    known = {node.id for node in before.nodes}
    return sentences + [f"{node.name} was added." for node in now.nodes if node.id not in known]


def _differences(before: Node, now: Node) -> list[str]:
    parts = []
    if before.kind != now.kind:
        parts.append(f"{before.kind} became {now.kind}")
    for name in sorted({*before.knobs, *now.knobs}):
        old, new = before.knobs.get(name), now.knobs.get(name)
        if old != new and before.kind == now.kind:
            parts.append(f"{name.replace('_', ' ')} {_shown(old)} → {_shown(new)}")
    if before.bypassed != now.bypassed:
        parts.append("bypassed" if now.bypassed else "no longer bypassed")
    if before.frozen != now.frozen:
        parts.append("frozen" if now.frozen else "no longer frozen")
    if (before.repeat, before.block) != (now.repeat, now.block):
        parts.append("repetition changed")
    return [f"{now.name}: {', '.join(parts)}."] if parts else []


def _shown(value: Knob | None) -> str:
    if value is None:
        return "default"
    if isinstance(value, tuple):
        return "×".join(_shown(part) for part in value)
    return str(getattr(value, "expr", value))
