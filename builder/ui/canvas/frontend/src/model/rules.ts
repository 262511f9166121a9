// What may be done, and the reason in words where it may not.
import type { Kinds } from "./graph";
import { downstream, inputsOf, nodeOf, outputsOf } from "./graph";
import type { Doc, Info, LoomNode, Wire } from "./protocol";

/** Why this wire may not be drawn, or null. */
export function whyNotConnect(doc: Doc, wire: Wire, kinds: Kinds, info: Info): string | null {
  const source = nodeOf(doc, wire.source);
  const target = nodeOf(doc, wire.target);
  if (!source || !target) return "This layer is gone.";
  if (source === target) return `${source.name} cannot feed itself.`;
  if (!outputsOf(source, kinds).includes(wire.source_port)) return `${source.name} gives nothing on.`;
  if (!inputsOf(target, kinds).some((port) => port.name === wire.target_port)) return `${target.name} takes no input.`;
  if (downstream(doc, wire.target).has(wire.source)) {
    return `That would make a loop: ${target.name} already leads to ${source.name}.`;
  }
  const type = info.nodes[wire.source]?.type;
  return (type && info.unfit[type]?.[target.kind]) || null;
}

/** Layers of which a drawing must keep at least one: the last without inputs and the last without outputs. */
export function whyNotRemove(doc: Doc, ids: readonly string[], kinds: Kinds): string | null {
  const gone = new Set(ids);
  const rest = doc.nodes.filter((node) => !gone.has(node.id));
  const needs: [string, (node: LoomNode) => boolean][] = [
    ["Input", (node) => inputsOf(node, kinds).length === 0],
    ["Output", (node) => outputsOf(node, kinds).length === 0],
  ];
  for (const [title, is] of needs) {
    if (doc.nodes.some((node) => gone.has(node.id) && is(node)) && !rest.some(is)) {
      return `The last ${title} stays: a network needs one.`;
    }
  }
  return null;
}

/** Whether a required input of a layer is free, where these of its ports are wired. */
export function isUnwired(node: LoomNode, wired: readonly string[], kinds: Kinds): boolean {
  return inputsOf(node, kinds).some((port) => !port.optional && !wired.includes(port.name));
}
