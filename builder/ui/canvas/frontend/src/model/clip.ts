// Copies of layers: as JSON for the clipboard, and as an edit where the copy stays in the same drawing.
import type { Edit, Positions } from "./graph";
import { keepName, move, nodeOf } from "./graph";
import type { Definition, Doc, LoomNode, Note, Wire } from "./protocol";

export interface Clip {
  layerloom: "layers";
  nodes: LoomNode[];
  wires: Wire[];
  notes: Note[];
  /** The blocks placed among the nodes, and those inside them: they travel along. */
  blocks: Definition[];
}

/** The most the other side reads, in characters. */
export const MOST = 2_000_000;

export function copyOf(doc: Doc, ids: readonly string[], shown: Positions, definitions: Record<string, Definition> = {}): Clip {
  const chosen = new Set(ids);
  const nodes = doc.nodes
    .filter((node) => chosen.has(node.id))
    .map(({ ports, look, ...node }) => ({ ...node, x: shown.get(node.id)?.x ?? 0, y: shown.get(node.id)?.y ?? 0 }) as LoomNode);
  const wires = doc.wires.filter((wire) => chosen.has(wire.source) && chosen.has(wire.target));
  const notes = doc.notes.filter((note) => chosen.has(note.id));
  return { layerloom: "layers", nodes, wires, notes, blocks: placedAmong(nodes, definitions) };
}

/** The blocks placed among these layers and those inside them, each once. */
function placedAmong(nodes: readonly Record<string, unknown>[], definitions: Record<string, Definition>): Definition[] {
  const found = new Set<Definition>();
  const ahead = [...nodes];
  for (let node = ahead.pop(); node; node = ahead.pop()) {
    const block = typeof node.block === "string" ? definitions[node.block] : undefined;
    if (!block || found.has(block)) continue;
    found.add(block);
    ahead.push(...block.nodes);
  }
  return [...found];
}

/** Why a clipboard text need not even be sent; null where Python is to read it. */
export function whyNotPaste(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return "The clipboard holds no layers. Select layers and press Ctrl+C first.";
  if (text.length > MOST) {
    return `The clipboard holds ${(text.length / 1e6).toFixed(1)} MB; at most ${MOST / 1e6} MB are read as layers.`;
  }
  return null;
}

/** "relu1", "3 layers", "a note": what a copy holds, in words. */
export function contents({ nodes, notes }: Pick<Clip, "nodes" | "notes">): string {
  const layers = nodes.length === 1 ? nodes[0]?.name : nodes.length > 0 ? `${nodes.length} layers` : "";
  const cards = notes.length === 1 ? "a note" : notes.length > 0 ? `${notes.length} notes` : "";
  return [layers, cards].filter(Boolean).join(" and ");
}

/** Adds copies with the wires among them, `dx`, `dy` away; `ids` names the copies in order, notes last. */
export function addCopies(clip: Clip, ids: readonly string[], dx: number, dy: number, shown: Positions): Edit {
  const renamed = new Map([...clip.nodes, ...clip.notes].map(({ id }, index) => [id, ids[index] ?? ""]));
  const idOf = (id: string) => renamed.get(id) ?? "";
  return (doc) => {
    if (ids.some((id) => nodeOf(doc, id))) return null;
    let result = move(shown, shown)(doc) ?? doc;
    for (const node of clip.nodes) {
      const x = Math.round((node.x ?? 0) + dx);
      const y = Math.round((node.y ?? 0) + dy);
      const { ports, look } = nodeOf(result, node.id) ?? node;
      const copy = { ...node, ...(ports && { ports }), ...(look && { look }), id: idOf(node.id), name: keepName(result, node.name), x, y };
      result = { ...result, nodes: [...result.nodes, copy] };
    }
    const wires = clip.wires.map((wire) => ({ ...wire, source: idOf(wire.source), target: idOf(wire.target) }));
    const notes = clip.notes.map((note) => ({ ...note, id: idOf(note.id), x: note.x + dx, y: note.y + dy }));
    return { ...result, wires: [...result.wires, ...wires], notes: [...result.notes, ...notes] };
  };
}
