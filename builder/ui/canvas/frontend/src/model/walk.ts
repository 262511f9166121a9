// Arrow keys: from layer to layer along the wires, and sideways to the nearest neighbour.
import type { Positions } from "./graph";
import type { Doc } from "./protocol";

export type Direction = "up" | "down" | "left" | "right";

const TURNED: Record<Direction, Direction> = { right: "down", left: "up", down: "right", up: "left" };

/** The layer an arrow key leads to from `id`; `id` itself where there is none. */
export function walk(doc: Doc, positions: Positions, id: string | undefined, direction: Direction): string | undefined {
  // Where data flows to the right, right leads on and left leads back.
  const turned = doc.direction === "right" ? TURNED[direction] : direction;
  const here = id === undefined ? undefined : positions.get(id);
  if (!here || id === undefined) return first(doc, positions);
  if (turned === "up" || turned === "down") {
    const ahead = doc.wires
      .filter((wire) => (turned === "down" ? wire.source : wire.target) === id)
      .map((wire) => (turned === "down" ? wire.target : wire.source));
    return nearest(ahead, positions, here) ?? id;
  }
  const sign = turned === "right" ? 1 : -1;
  const axis = doc.direction === "right" ? "y" : "x";
  const beside = [...positions].filter(([, at]) => (at[axis] - here[axis]) * sign > 8).map(([other]) => other);
  return nearest(beside, positions, here) ?? id;
}

function first(doc: Doc, positions: Positions): string | undefined {
  const fed = new Set(doc.wires.map((wire) => wire.target));
  return doc.nodes.map((node) => node.id).sort((a, b) => Number(fed.has(a)) - Number(fed.has(b)) || (positions.get(a)?.y ?? 0) - (positions.get(b)?.y ?? 0))[0];
}

function nearest(ids: readonly string[], positions: Positions, here: { x: number; y: number }): string | undefined {
  const far = (id: string) => {
    const at = positions.get(id);
    return at ? Math.hypot(at.x - here.x, (at.y - here.y) * 2) : Infinity;
  };
  return [...ids].sort((a, b) => far(a) - far(b))[0];
}
