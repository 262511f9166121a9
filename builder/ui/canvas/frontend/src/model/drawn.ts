// A drawing as it travels to Python: of layers it has already, only what the canvas may change.
import type { Doc, Drawn } from "./protocol";

/** `known` are the ids of the layers that Python has. */
export function drawn(doc: Doc, known: ReadonlySet<string>): Drawn {
  return {
    nodes: doc.nodes.map((node) => {
      if (!known.has(node.id)) {
        const { ports, look, ...whole } = node;
        return whole;
      }
      const { id, name, x, y, bypassed, frozen } = node;
      return { id, name, x, y, bypassed, frozen };
    }),
    edges: [...doc.wires],
    notes: [...doc.notes],
    direction: doc.direction,
  };
}
