// Where the layers stand that a fix would add, while it is looked at; no layer of the drawing makes way for them.
import type { Positions } from "./graph";
import { HEIGHT, overlaps, STEP_ACROSS, STEP_BESIDE, STEP_DOWN, STEP_RIGHT } from "./place";
import type { Flowing, Preview } from "./protocol";

type Point = { x: number; y: number };

/** Beside the connection that each would be put into: between what feeds it and what it feeds, where nothing stands. */
export function ghostPlaces(preview: Preview, positions: Positions, direction: Flowing): Positions {
  const placed = new Map(positions);
  const own = new Map<string, Point>();
  const beside = direction === "right" ? { x: 0, y: STEP_BESIDE } : { x: STEP_ACROSS, y: 0 };
  const ahead = direction === "right" ? { x: STEP_RIGHT, y: 0 } : { x: 0, y: STEP_DOWN };
  for (const { id } of preview.nodes) {
    const feed = furthest(ends(preview, id, "source", placed), direction);
    const fed = ends(preview, id, "target", placed)[0];
    const at = stepAside(between(feed, fed, ahead) ?? belowAll(placed), beside, placed);
    placed.set(id, at);
    own.set(id, at);
  }
  return own;
}

/** The places of what stands at the other ends of a layer's connections. */
function ends(preview: Preview, id: string, end: "source" | "target", placed: Positions): Point[] {
  const near = end === "source" ? "target" : "source";
  return preview.wires.filter((wire) => wire[near] === id).flatMap((wire) => placed.get(wire[end]) ?? []);
}

function furthest(places: readonly Point[], direction: Flowing): Point | undefined {
  const along = (at: Point) => (direction === "right" ? at.x : at.y);
  return [...places].sort((a, b) => along(b) - along(a))[0];
}

function between(feed: Point | undefined, fed: Point | undefined, ahead: Point): Point | null {
  if (feed && fed) return { x: (feed.x + fed.x) / 2, y: (feed.y + fed.y) / 2 };
  if (feed) return { x: feed.x + ahead.x, y: feed.y + ahead.y };
  return fed ? { x: fed.x - ahead.x, y: fed.y - ahead.y } : null;
}

function belowAll(placed: Positions): Point {
  const places = [...placed.values()];
  if (places.length === 0) return { x: 0, y: 0 };
  return { x: Math.min(...places.map(({ x }) => x)), y: Math.max(...places.map(({ y }) => y)) + HEIGHT + 40 };
}

function stepAside(from: Point, step: Point, placed: Positions): Point {
  const at = { ...from };
  while ([...placed.values()].some((other) => overlaps(at, other))) {
    at.x += step.x;
    at.y += step.y;
  }
  return at;
}
