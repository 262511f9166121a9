// What Python says about a comparison: how each layer and connection differs; the drawing sent along holds both sides.

import type { Flowing } from "../model/protocol";
import type { Point } from "../model/route";

export type How = "added" | "removed" | "changed";

export interface LayerMark {
  how: How;
  /** "filters 16 → 32", one for each setting that differs. */
  lines: string[];
}

export interface WireMark {
  how: How | "same";
  /** Shape before and now, where both are known and differ. */
  old: string;
  now: string;
}

export interface Marks {
  /** By node id; layers that are the same on both sides are not named. */
  layers: Record<string, LayerMark>;
  /** By wireKey. */
  wires: Record<string, WireMark>;
}

export const WORDS: Record<How, string> = { added: "added", removed: "removed", changed: "changed" };
export const ICONS: Record<How, string> = { added: "add", removed: "remove", changed: "edit" };

/** Ids of the layers that differ, as they stand on the drawing: along the way data flows, then across it. */
export function inOrder(marks: Marks, places: ReadonlyMap<string, { x: number; y: number }>, direction: Flowing): string[] {
  const at = (id: string) => places.get(id) ?? { x: 0, y: 0 };
  return Object.keys(marks.layers)
    .filter((id) => places.has(id))
    .sort((a, b) => (direction === "down" ? down(at(a), at(b)) : right(at(a), at(b))));
}

function down(a: Point, b: Point): number {
  return a.y - b.y || a.x - b.x;
}

function right(a: Point, b: Point): number {
  return a.x - b.x || a.y - b.y;
}

/** The differing layer after (or before) `id`, round and round; the first one where none is chosen. */
export function next(order: readonly string[], id: string, step: 1 | -1): string | undefined {
  const here = order.indexOf(id);
  if (here < 0) return step > 0 ? order[0] : order.at(-1);
  return order[(here + step + order.length) % order.length];
}

/** How a layer is read out: "conv1, Conv2d, changed, filters 16 to 32". */
export function reading(name: string, line: string, mark: LayerMark | undefined): string {
  return [name, ...line.split(" · ").filter(Boolean), mark ? told(mark) : "the same"].join(", ");
}

/** "changed, filters 16 to 32". */
export function told(mark: LayerMark): string {
  return [WORDS[mark.how], ...mark.lines.map((each) => each.replace(" → ", " to "))].join(", ");
}
