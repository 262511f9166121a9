// Pure edits of a drawing. Each returns the changed drawing, or null where the edit makes no sense any more.
import { placedBlock } from "./blocks";
import type { Doc, Flowing, LoomNode, Palette, PortInfo, Wire } from "./protocol";
import { wireKey } from "./protocol";

export type Edit = (doc: Doc) => Doc | null;
export type Kinds = Palette["kinds"];

export const DEFAULT_INPUT: PortInfo = { name: "in", label: "", optional: false, many: false };

type Kinded = Pick<LoomNode, "kind"> & Partial<LoomNode>;

export function inputsOf(node: Kinded, kinds: Kinds): PortInfo[] {
  return node.ports?.inputs ?? kinds[node.kind]?.inputs ?? [DEFAULT_INPUT];
}

export function outputsOf(node: Kinded, kinds: Kinds): string[] {
  return node.ports?.outputs ?? kinds[node.kind]?.outputs ?? ["out"];
}

export function nodeOf(doc: Doc, id: string): LoomNode | undefined {
  return doc.nodes.find((node) => node.id === id);
}

export function sameWire(a: Wire, b: Wire): boolean {
  return wireKey(a) === wireKey(b);
}

/** Ids of everything downstream of a node, itself included. */
export function downstream(doc: Doc, id: string): Set<string> {
  const next = new Map<string, string[]>();
  for (const wire of doc.wires) next.set(wire.source, [...(next.get(wire.source) ?? []), wire.target]);
  const seen = new Set([id]);
  const queue = [id];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const follower of next.get(at) ?? []) {
      if (!seen.has(follower)) {
        seen.add(follower);
        queue.push(follower);
      }
    }
  }
  return seen;
}

/** relu1, relu2, ...: the first that is free. */
export function freeName(doc: Doc, stem: string): string {
  const taken = new Set(doc.nodes.map((node) => node.name));
  let number = 1;
  while (taken.has(`${stem}${number}`)) number += 1;
  return `${stem}${number}`;
}

/** `name` itself where it is free, else its stem with the next free number. */
export function keepName(doc: Doc, name: string): string {
  if (!doc.nodes.some((node) => node.name === name)) return name;
  return freeName(doc, name.replace(/\d+$/, "") || "layer");
}

export function newNode(id: string, kind: string, doc: Doc, kinds: Kinds): LoomNode {
  const name = freeName(doc, kinds[kind]?.slug || kind);
  const node = { id, kind, name, knobs: {}, x: null, y: null, bypassed: false, frozen: false };
  return { ...node, ...placedBlock(kind, kinds[kind]) };
}

function through(node: LoomNode, kinds: Kinds): { input: string; output: string } | null {
  const input = inputsOf(node, kinds)[0];
  const output = outputsOf(node, kinds)[0];
  return input && output ? { input: input.name, output } : null;
}

/** Places a new layer after another: what followed that one now follows the new one. */
export function insertAfter(id: string, kind: string, after: string, kinds: Kinds): Edit {
  return (doc) => {
    const anchor = nodeOf(doc, after);
    if (!anchor || nodeOf(doc, id)) return null;
    const node = newNode(id, kind, doc, kinds);
    const ends = through(node, kinds);
    const port = outputsOf(anchor, kinds)[0];
    const nodes = [...doc.nodes, node];
    if (!ends) return { ...doc, nodes };
    if (!port) return insertBefore(id, kind, after, kinds)(doc);
    const wires = doc.wires.map((wire) =>
      wire.source === after && wire.source_port === port
        ? { ...wire, source: id, source_port: ends.output }
        : wire,
    );
    wires.push({ source: after, source_port: port, target: id, target_port: ends.input });
    return { ...doc, nodes, wires };
  };
}

/** Places a new layer before another, into its first wire; what Output gets when it is selected. */
export function insertBefore(id: string, kind: string, before: string, kinds: Kinds): Edit {
  return (doc) => {
    const wire = doc.wires.find((each) => each.target === before);
    if (wire) return insertInto(id, kind, wire, kinds)(doc);
    const anchor = nodeOf(doc, before);
    const port = anchor && inputsOf(anchor, kinds)[0];
    const node = newNode(id, kind, doc, kinds);
    const output = outputsOf(node, kinds)[0];
    if (!anchor || nodeOf(doc, id)) return null;
    const wires =
      port && output
        ? [...doc.wires, { source: id, source_port: output, target: before, target_port: port.name }]
        : doc.wires;
    return { ...doc, nodes: [...doc.nodes, node], wires };
  };
}

/** Places a new layer into a wire. */
export function insertInto(id: string, kind: string, into: Wire, kinds: Kinds): Edit {
  return (doc) => {
    if (nodeOf(doc, id) || !doc.wires.some((wire) => sameWire(wire, into))) return null;
    const node = newNode(id, kind, doc, kinds);
    const ends = through(node, kinds);
    if (!ends) return null;
    const wires = doc.wires.map((wire) =>
      sameWire(wire, into) ? { ...wire, source: id, source_port: ends.output } : wire,
    );
    wires.push({ source: into.source, source_port: into.source_port, target: id, target_port: ends.input });
    return { ...doc, nodes: [...doc.nodes, node], wires };
  };
}

/** Places a new layer, unwired, or wired to what a connection was pulled from. */
export function place(
  id: string,
  kind: string,
  at: { x: number; y: number } | null,
  kinds: Kinds,
  from?: { node: string; port: string; side: "source" | "target" },
): Edit {
  return (doc) => {
    if (nodeOf(doc, id)) return null;
    const node = { ...newNode(id, kind, doc, kinds), x: at?.x ?? null, y: at?.y ?? null };
    const nodes = [...doc.nodes, node];
    if (!from || !nodeOf(doc, from.node)) return { ...doc, nodes };
    const input = inputsOf(node, kinds)[0]?.name;
    const output = outputsOf(node, kinds)[0];
    if (from.side === "source" && input) {
      const wire = { source: from.node, source_port: from.port, target: id, target_port: input };
      return { ...doc, nodes, wires: [...doc.wires, wire] };
    }
    if (from.side === "target" && output) {
      const wire = { source: id, source_port: output, target: from.node, target_port: from.port };
      return connect(wire, kinds)({ ...doc, nodes }) ?? { ...doc, nodes };
    }
    return { ...doc, nodes };
  };
}

/** Removes layers; with `heal`, what fed a removed layer feeds what it fed. */
export function remove(ids: readonly string[], heal: boolean): Edit {
  return (doc) => {
    const gone = new Set(ids.filter((id) => nodeOf(doc, id) || doc.notes.some((note) => note.id === id)));
    if (gone.size === 0) return null;
    let wires = [...doc.wires];
    for (const id of gone) {
      const feed = wires.find((wire) => wire.target === id);
      const fed = wires.filter((wire) => wire.source === id);
      wires = wires.filter((wire) => wire.source !== id && wire.target !== id);
      if (!heal || !feed) continue;
      for (const wire of fed) {
        const healed = { ...wire, source: feed.source, source_port: feed.source_port };
        if (healed.source !== healed.target && !wires.some((each) => sameWire(each, healed))) wires.push(healed);
      }
    }
    return {
      ...doc,
      nodes: doc.nodes.filter((node) => !gone.has(node.id)),
      wires,
      notes: doc.notes.filter((note) => !gone.has(note.id)),
    };
  };
}

/** Draws a wire; into an occupied single port it takes the place of the wire there. */
export function connect(wire: Wire, kinds: Kinds): Edit {
  return (doc) => {
    const target = nodeOf(doc, wire.target);
    if (!target || !nodeOf(doc, wire.source)) return null;
    const many = inputsOf(target, kinds).find((port) => port.name === wire.target_port)?.many;
    const kept = doc.wires.filter(
      (each) =>
        !sameWire(each, wire) &&
        (many || each.target !== wire.target || each.target_port !== wire.target_port),
    );
    return { ...doc, wires: [...kept, wire] };
  };
}

export function cut(wires: readonly Wire[]): Edit {
  const keys = new Set(wires.map(wireKey));
  return (doc) => {
    const kept = doc.wires.filter((wire) => !keys.has(wireKey(wire)));
    return kept.length === doc.wires.length ? null : { ...doc, wires: kept };
  };
}

/** Takes a wire's end to another port. */
export function replug(old: Wire, wire: Wire, kinds: Kinds): Edit {
  return (doc) => {
    const without = cut([old])(doc);
    return without && connect(wire, kinds)(without);
  };
}

export function change(ids: readonly string[], fields: Partial<LoomNode>): Edit {
  const chosen = new Set(ids);
  return (doc) => {
    if (!doc.nodes.some((node) => chosen.has(node.id))) return null;
    const nodes = doc.nodes.map((node) => (chosen.has(node.id) ? { ...node, ...fields } : node));
    return { ...doc, nodes };
  };
}

export function rename(id: string, name: string): Edit {
  return (doc) => {
    const others = { ...doc, nodes: doc.nodes.filter((node) => node.id !== id) };
    return change([id], { name: keepName(others, name.trim().slice(0, 200) || "layer") })(doc);
  };
}

export type Positions = ReadonlyMap<string, { x: number; y: number }>;

/** Moves layers and notes. Every other layer is pinned where it is shown, so that a hand-made layout stays. */
export function move(to: Positions, shown: Positions): Edit {
  return (doc) => {
    if (![...doc.nodes, ...doc.notes].some(({ id }) => to.has(id))) return null;
    const notes = doc.notes.map((note) => ({ ...note, ...rounded(to.get(note.id)) }));
    if (!doc.nodes.some(({ id }) => to.has(id))) return { ...doc, notes };
    const nodes = doc.nodes.map((node) => ({ ...node, ...rounded(to.get(node.id) ?? shown.get(node.id)) }));
    return { ...doc, nodes, notes };
  };
}

function rounded(at: { x: number; y: number } | undefined) {
  return at && { x: Math.round(at.x), y: Math.round(at.y) };
}

/** Gives all places back to the automatic layout, and turns it where another direction is named. */
export function tidy(direction?: Flowing): Edit {
  return (doc) => ({
    ...doc,
    nodes: doc.nodes.map((node) => ({ ...node, x: null, y: null })),
    direction: direction ?? doc.direction,
  });
}

export function addNote(id: string, at: { x: number; y: number }): Edit {
  return (doc) => ({ ...doc, notes: [...doc.notes, { id, text: "", ...at }] });
}

export function writeNote(id: string, text: string): Edit {
  return (doc) => {
    if (!doc.notes.some((note) => note.id === id)) return null;
    return { ...doc, notes: doc.notes.map((note) => (note.id === id ? { ...note, text: text.slice(0, 4000) } : note)) };
  };
}
