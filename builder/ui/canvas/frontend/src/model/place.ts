// Where every node is shown; builder/ui/canvas/place.py is the same rule in Python.
import type { Positions } from "./graph";
import { downstream } from "./graph";
import type { CanvasData, Doc } from "./protocol";

export const WIDTH = 216;
export const HEIGHT = 56;
export const GRID = 8;
export const STEP_DOWN = HEIGHT + 40;
export const STEP_ACROSS = WIDTH + 32;
/** Between layers that follow each other to the right there is room for the shape on their connection. */
export const STEP_RIGHT = WIDTH + 112;
export const STEP_BESIDE = HEIGHT + 32;

type Point = { x: number; y: number };

/** The document's own places, else Python's layout, else below what feeds the node, making room. */
export function settle(doc: Doc, layout: CanvasData["layout"]): Positions {
  const automatic = doc.nodes.every((node) => node.x === null || node.y === null);
  const placed = new Map<string, Point>();
  for (const node of doc.nodes) {
    const own = node.x !== null && node.y !== null ? { x: node.x, y: node.y } : null;
    const given = layout[node.id];
    const at = own ?? (automatic && given ? { x: given[0], y: given[1] } : null);
    if (at) placed.set(node.id, at);
  }
  for (const id of waiting(doc, placed)) placed.set(id, spot(doc, id, placed));
  return placed;
}

/** Nodes without a place, those fed by placed ones first. */
function waiting(doc: Doc, placed: ReadonlyMap<string, Point>): string[] {
  const left = doc.nodes.map((node) => node.id).filter((id) => !placed.has(id));
  const done = new Set(placed.keys());
  const order: string[] = [];
  while (left.length > 0) {
    const ready = left.findIndex((id) => doc.wires.some((wire) => wire.target === id && done.has(wire.source)));
    const [id] = left.splice(Math.max(ready, 0), 1);
    if (id === undefined) break;
    done.add(id);
    order.push(id);
  }
  return order;
}

/** How far the next layer is, and the one beside. */
function steps(doc: Doc): { ahead: Point; beside: Point } {
  return doc.direction === "right"
    ? { ahead: { x: STEP_RIGHT, y: 0 }, beside: { x: 0, y: STEP_BESIDE } }
    : { ahead: { x: 0, y: STEP_DOWN }, beside: { x: STEP_ACROSS, y: 0 } };
}

function along(doc: Doc, at: Point): number {
  return doc.direction === "right" ? at.x : at.y;
}

function spot(doc: Doc, id: string, placed: Map<string, Point>): Point {
  const { ahead, beside } = steps(doc);
  const feeds = doc.wires.filter((wire) => wire.target === id).flatMap((wire) => placed.get(wire.source) ?? []);
  const feed = feeds.reduce<Point | null>((last, at) => (last && along(doc, last) >= along(doc, at) ? last : at), null);
  const fed = doc.wires.filter((wire) => wire.source === id).flatMap((wire) => placed.get(wire.target) ?? [])[0];
  const at = feed
    ? { x: feed.x + ahead.x, y: feed.y + ahead.y }
    : fed
      ? { x: fed.x - ahead.x, y: fed.y - ahead.y }
      : besideAll(doc, [...placed.values()], beside);
  makeRoom(doc, id, at, placed);
  while ([...placed.values()].some((other) => overlaps(at, other))) {
    at.x += beside.x;
    at.y += beside.y;
  }
  return at;
}

/** In the first free column; in the first free row where data flows to the right. */
function besideAll(doc: Doc, places: Point[], beside: Point): Point {
  if (places.length === 0) return { x: 0, y: 0 };
  return doc.direction === "right"
    ? { x: 0, y: Math.max(...places.map((at) => at.y + beside.y)) }
    : { x: Math.max(...places.map((at) => at.x + beside.x)), y: 0 };
}

/** Pushes what comes after a new node on by one step where it would be in the way. */
function makeRoom(doc: Doc, id: string, at: Point, placed: Map<string, Point>): void {
  const after = [...downstream(doc, id)].filter((other) => other !== id && placed.has(other));
  if (!after.some((other) => overlaps(at, placed.get(other) as Point))) return;
  const { ahead } = steps(doc);
  for (const other of after) {
    const old = placed.get(other) as Point;
    if (along(doc, old) < along(doc, at) && !overlaps(at, old)) continue;
    placed.set(other, { x: old.x + ahead.x, y: old.y + ahead.y });
  }
}

export function overlaps(a: Point, b: Point): boolean {
  return Math.abs(a.x - b.x) < WIDTH + GRID && Math.abs(a.y - b.y) < HEIGHT + GRID;
}

/** Below this zoom a node shows its name alone, and wires no shapes. */
export const READABLE = 0.7;
const MARGIN = { top: 32, side: 48, bottom: 72 };

/** The first look at a drawing: all of it, unless that were too small to read; then its beginning. */
export function opening(positions: Positions, width: number, height: number): Point & { zoom: number } {
  const places = [...positions.values()];
  if (places.length === 0 || width <= 0 || height <= 0) return { x: 0, y: 0, zoom: 1 };
  const left = Math.min(...places.map(({ x }) => x));
  const top = Math.min(...places.map(({ y }) => y));
  const wide = Math.max(...places.map(({ x }) => x)) + WIDTH - left;
  const tall = Math.max(...places.map(({ y }) => y)) + HEIGHT - top;
  const roomWide = width - 2 * MARGIN.side;
  const roomTall = height - MARGIN.top - MARGIN.bottom;
  const whole = Math.min(roomWide / wide, roomTall / tall, 1);
  if (whole >= READABLE) {
    const spare = Math.max(0, (roomTall - tall * whole) / 2);
    return { zoom: whole, x: width / 2 - (left + wide / 2) * whole, y: MARGIN.top + spare - top * whole };
  }
  const zoom = Math.min(1, Math.max(READABLE + 0.1, roomWide / wide));
  const first = places.find(({ y }) => y === top) ?? { x: left, y: top };
  const fits = wide * zoom <= roomWide;
  const middle = fits ? left + wide / 2 : first.x + WIDTH / 2;
  return { zoom, x: width / 2 - middle * zoom, y: MARGIN.top - top * zoom };
}
