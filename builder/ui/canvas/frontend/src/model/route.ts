// Paths of wires: straight down where the way is free, else through a lane at the side, never behind a layer.
import type { Doc, Flowing, Wire } from "./protocol";
import { wireKey } from "./protocol";
import type { Positions } from "./graph";
import { HEIGHT, WIDTH } from "./place";

export type Point = { x: number; y: number };

const LANE_GAP = 24;
const CORNER = 12;
/** How far a wire runs straight before it turns into its lane: above and below the labels of its neighbours. */
const STUB = 7;

/**
 * The lane of each wire that would run behind a layer on its straight way: x of a lane at the right, or y of one below
 * where data flows to the right. The geometry is written for the way down; the other is its mirror image.
 */
export function lanes(doc: Doc, positions: Positions): Map<string, number> {
  const turned = doc.direction === "right";
  const [wide, high] = turned ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT];
  const boxes = [...positions].map(([id, at]) => ({ id, ...(turned ? flipped(at) : at) }));
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const tall = (wire: Wire) => Math.abs((byId.get(wire.target)?.y ?? 0) - (byId.get(wire.source)?.y ?? 0));
  const taken: { x: number; top: number; bottom: number }[] = [];
  const result = new Map<string, number>();
  for (const wire of [...doc.wires].sort((a, b) => tall(a) - tall(b))) {
    const from = byId.get(wire.source);
    const to = byId.get(wire.target);
    if (!from || !to) continue;
    const top = from.y + high;
    const bottom = to.y;
    const left = Math.min(from.x, to.x);
    const right = Math.max(from.x, to.x) + wide;
    const inWay = boxes.some(
      (at) => at !== from && at !== to && at.y < bottom && at.y + high > top && at.x < right && at.x + wide > left,
    );
    if (!inWay && bottom >= top) continue;
    const beside = boxes.filter((at) => at.y + high > Math.min(top, bottom) && at.y < Math.max(top, bottom));
    let x = Math.max(right, ...beside.map((at) => at.x + wide)) + LANE_GAP;
    while (taken.some((lane) => lane.x === x && lane.top < bottom && lane.bottom > top)) x += LANE_GAP;
    taken.push({ x, top, bottom });
    result.set(wireKey(wire), x);
  }
  return result;
}

/**
 * The lane of a wire between two layers side by side, left of the further one: on its straight way it would run along
 * their edges. None where there is room between them.
 */
export function gapLane(from: Point, to: Point, direction: Flowing): number | undefined {
  const turned = direction === "right";
  const [wide, high] = turned ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT];
  const [a, b] = turned ? [flipped(from), flipped(to)] : [from, to];
  if (b.y - a.y - high >= 2 * STUB || Math.abs(a.x - b.x) < wide) return undefined;
  return Math.max(a.x, b.x) - Math.min(LANE_GAP, Math.abs(a.x - b.x) - wide) / 2;
}

/** Height of a label with a gap, and its width without text and for each sign of it. */
const LABEL_STEP = 22;
const LABEL_BARE = 30;
const LABEL_SIGN = 7.3;
/** How far the label of a wire in a lane begins to the left of it. */
export const LABEL_BEFORE = 12;

/**
 * How far the label of each wire in a lane is moved along it, so that labels of lanes side by side do not cover each
 * other. Where data flows to the right, labels lie in their lanes and cannot.
 */
export function labelShifts(doc: Doc, positions: Positions, lane: ReadonlyMap<string, number>, text: (key: string) => string): Map<string, number> {
  const shifts = new Map<string, number>();
  if (doc.direction === "right") return shifts;
  const taken: { left: number; right: number; y: number }[] = [];
  const wires = new Map(doc.wires.map((wire) => [wireKey(wire), wire]));
  for (const [key, x] of lane) {
    const wire = wires.get(key);
    const from = wire && positions.get(wire.source);
    const to = wire && positions.get(wire.target);
    if (!from || !to) continue;
    const middle = (from.y + HEIGHT + to.y) / 2;
    const room = Math.max(0, Math.abs(to.y - from.y - HEIGHT) / 2 - STUB - LABEL_STEP / 2);
    const left = x - LABEL_BEFORE;
    const right = left + LABEL_BARE + LABEL_SIGN * text(key).length;
    const free = (shift: number) =>
      !taken.some((at) => at.left < right && at.right > left && Math.abs(at.y - middle - shift) < LABEL_STEP);
    const steps = Array.from({ length: Math.floor(room / LABEL_STEP) }, (_, i) => (i + 1) * LABEL_STEP);
    const shift = [0, ...steps.flatMap((step) => [-step, step])].find(free) ?? 0;
    taken.push({ left, right, y: middle + shift });
    shifts.set(key, shift);
  }
  return shifts;
}

/** Where the label of a wire goes: half way along, or `shift` from the middle of its lane. */
export function labelPoint(points: readonly Point[], shift: number | undefined): Point {
  const [, , a, b] = points;
  if (shift === undefined || points.length < 6 || !a || !b) return middle(points);
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 + shift };
}

/** Corner points of a wire from an output to an input; ports are below and above, or at the right and left. */
export function corners(from: Point, to: Point, lane: number | undefined, direction: Flowing = "down"): Point[] {
  if (direction === "right") return downward(flipped(from), flipped(to), lane).map(flipped);
  return downward(from, to, lane);
}

function downward(from: Point, to: Point, lane: number | undefined): Point[] {
  if (lane !== undefined) {
    const out = from.y + STUB;
    const back = to.y - STUB;
    return [from, { x: from.x, y: out }, { x: lane, y: out }, { x: lane, y: back }, { x: to.x, y: back }, to];
  }
  if (Math.abs(from.x - to.x) < 1) return [from, to];
  const middle = (from.y + to.y) / 2;
  return [from, { x: from.x, y: middle }, { x: to.x, y: middle }, to];
}

function flipped(at: Point): Point {
  return { x: at.y, y: at.x };
}

/** Where a wire leaves and enters layers at these places, at their first ports. */
export function ends(from: Point, to: Point, direction: Flowing): { start: Point; end: Point } {
  return direction === "right"
    ? { start: { x: from.x + WIDTH, y: from.y + HEIGHT / 2 }, end: { x: to.x, y: to.y + HEIGHT / 2 } }
    : { start: { x: from.x + WIDTH / 2, y: from.y + HEIGHT }, end: { x: to.x + WIDTH / 2, y: to.y } };
}

/** An SVG path through the points with rounded corners. */
export function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M ${first.x} ${first.y}`;
  rest.forEach((at, index) => {
    const before = points[index] as Point;
    const after = rest[index + 1];
    if (!after) {
      path += ` L ${at.x} ${at.y}`;
      return;
    }
    const radius = Math.min(CORNER, length(before, at) / 2, length(at, after) / 2);
    const enter = towards(at, before, radius);
    const leave = towards(at, after, radius);
    path += ` L ${enter.x} ${enter.y} Q ${at.x} ${at.y} ${leave.x} ${leave.y}`;
  });
  return path;
}

/** The point half way along; where the label of a wire goes. */
export function middle(points: readonly Point[]): Point {
  const total = points.slice(1).reduce((sum, at, i) => sum + length(points[i] as Point, at), 0);
  let left = total / 2;
  for (let i = 1; i < points.length; i += 1) {
    const a = points[i - 1] as Point;
    const b = points[i] as Point;
    const piece = length(a, b);
    if (piece >= left) return towards(a, b, left);
    left -= piece;
  }
  return points[0] ?? { x: 0, y: 0 };
}

export function distanceTo(points: readonly Point[], at: Point): number {
  let best = Infinity;
  for (let i = 1; i < points.length; i += 1) {
    const a = points[i - 1] as Point;
    const b = points[i] as Point;
    const squared = length(a, b) ** 2 || 1;
    const share = Math.min(1, Math.max(0, ((at.x - a.x) * (b.x - a.x) + (at.y - a.y) * (b.y - a.y)) / squared));
    best = Math.min(best, length(at, { x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) }));
  }
  return best;
}

function length(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function towards(from: Point, to: Point, distance: number): Point {
  const whole = length(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * distance) / whole, y: from.y + ((to.y - from.y) * distance) / whole };
}
