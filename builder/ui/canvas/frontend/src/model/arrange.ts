// Lining up and spacing chosen layers and notes.
import type { Positions } from "./graph";

export interface Box {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Edge = "left" | "centre" | "right" | "top" | "middle" | "bottom";

const GRID = 8;

/** Where each box goes so that they share an edge or an axis. */
export function aligned(boxes: readonly Box[], edge: Edge): Positions {
  const left = Math.min(...boxes.map((box) => box.x));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const top = Math.min(...boxes.map((box) => box.y));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  const place: Record<Edge, (box: Box) => { x: number; y: number }> = {
    left: (box) => ({ x: left, y: box.y }),
    centre: (box) => ({ x: onGrid((left + right - box.width) / 2), y: box.y }),
    right: (box) => ({ x: right - box.width, y: box.y }),
    top: (box) => ({ x: box.x, y: top }),
    middle: (box) => ({ x: box.x, y: onGrid((top + bottom - box.height) / 2) }),
    bottom: (box) => ({ x: box.x, y: bottom - box.height }),
  };
  return new Map(boxes.map((box) => [box.id, place[edge](box)]));
}

/** Where each box goes so that the gaps between them are equal; the outermost stay. */
export function distributed(boxes: readonly Box[], axis: "x" | "y"): Positions {
  const size = axis === "x" ? "width" : "height";
  const sorted = [...boxes].sort((a, b) => a[axis] - b[axis] || a.id.localeCompare(b.id));
  const first = sorted[0];
  const last = sorted.at(-1);
  if (!first || !last || sorted.length < 3) return new Map();
  const room = last[axis] + last[size] - first[axis] - sorted.reduce((sum, box) => sum + box[size], 0);
  const gap = room / (sorted.length - 1);
  let at = first[axis];
  return new Map(
    sorted.map((box) => {
      const to = box === last ? last[axis] : onGrid(at);
      at += box[size] + gap;
      return [box.id, axis === "x" ? { x: to, y: box.y } : { x: box.x, y: to }];
    }),
  );
}

function onGrid(value: number): number {
  return Math.round(value / GRID) * GRID;
}
