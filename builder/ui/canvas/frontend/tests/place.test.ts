import { describe, expect, test } from "vitest";

import { insertAfter, move } from "../src/model/graph";
import { opening, overlaps, READABLE, settle, STEP_DOWN, WIDTH } from "../src/model/place";
import { corners, distanceTo, labelPoint, labelShifts, lanes, middle, pathThrough } from "../src/model/route";
import { walk } from "../src/model/walk";
import { fitting, search } from "../src/model/search";
import { chain, KINDS, node, PALETTE, wire } from "./build";

const LAYOUT = { input: [0, 0], a: [0, 96], b: [0, 192], output: [0, 288] } as Record<string, [number, number]>;

test("a drawing without places of its own is where the layout puts it", () => {
  expect(settle(chain("a", "b"), LAYOUT).get("b")).toEqual({ x: 0, y: 192 });
});
test("a new layer goes below what feeds it and pushes the rest down", () => {
  const doc = insertAfter("n", "relu", "a", KINDS)(chain("a", "b"));
  const at = doc && settle(doc, LAYOUT);
  expect(at?.get("n")).toEqual({ x: 0, y: 192 });
  expect(at?.get("b")).toEqual({ x: 0, y: 288 });
  expect(at?.get("a")).toEqual({ x: 0, y: 96 });
});
test("inserting never scrambles a hand-made layout", () => {
  const base = chain("a", "b");
  const shown = settle(base, LAYOUT);
  const moved = move(new Map([["b", { x: 400, y: 40 }]]), shown)(base);
  const doc = moved && insertAfter("n", "relu", "input", KINDS)(moved);
  const at = doc && settle(doc, {});
  expect(at?.get("b")).toEqual({ x: 400, y: 40 });
  expect(at?.get("n")).toEqual({ x: 0, y: 96 });
});
test("no two layers lie on each other after branches were added", () => {
  let doc = chain("a", "b");
  for (const id of ["c", "d", "e"]) doc = { ...doc, nodes: [...doc.nodes, node(id)], wires: [...doc.wires, wire("a", id)] };
  const at = [...settle(doc, LAYOUT).values()];
  at.forEach((one, i) => at.slice(i + 1).forEach((other) => expect(overlaps(one, other)).toBe(false)));
});
test("a skip runs in a lane beside the layers, never behind them", () => {
  const doc = { ...chain("a", "b"), wires: [...chain("a", "b").wires, wire("input", "output")] };
  const lane = lanes(doc, settle(doc, LAYOUT)).get("input.out>output.in");
  expect(lane).toBeGreaterThan(216);
  expect(lanes(chain("a", "b"), settle(chain("a", "b"), LAYOUT)).size).toBe(0);
});
test("two skips over the same layers take two lanes", () => {
  const base = chain("a", "b");
  const doc = { ...base, wires: [...base.wires, wire("input", "output"), wire("input", "b")] };
  const used = [...lanes(doc, settle(doc, LAYOUT)).values()];
  expect(new Set(used).size).toBe(2);
});
test("labels of lanes side by side do not cover each other", () => {
  const base = chain("a", "b");
  const doc = { ...base, wires: [...base.wires, wire("input", "output"), wire("input", "b"), wire("a", "output")] };
  const at = settle(doc, LAYOUT);
  const lane = lanes(doc, at);
  const shifts = labelShifts(doc, at, lane, () => "32×16×16");
  const heights = [...lane].map(([key, x]) => {
    const y = (id: string) => at.get(id)?.y ?? 0;
    const [source, target] = key.replaceAll(/\.\w+/g, "").split(">") as [string, string];
    const points = corners({ x: 108, y: y(source) + 56 }, { x: 108, y: y(target) }, x);
    const point = labelPoint(points, shifts.get(key));
    expect(point.x).toBe(x);
    expect(point.y).toBeGreaterThan(y(source) + 56);
    expect(point.y).toBeLessThan(y(target));
    return point.y;
  });
  expect(heights).toHaveLength(3);
  for (const a of heights) expect(heights.filter((b) => Math.abs(a - b) < 20)).toHaveLength(1);
  expect(labelShifts({ ...doc, direction: "right" }, at, lane, () => "").size).toBe(0);
});
test("a path starts and ends in the ports", () => {
  const points = corners({ x: 108, y: 56 }, { x: 300, y: 200 }, undefined);
  expect(pathThrough(points)).toMatch(/^M 108 56 .* L 300 200$/);
  expect(middle(points)).toEqual({ x: 204, y: 128 });
  expect(distanceTo(points, { x: 204, y: 133 })).toBe(5);
});
test("arrows walk along the wires", () => {
  const doc = chain("a", "b");
  const at = settle(doc, LAYOUT);
  expect(walk(doc, at, undefined, "down")).toBe("input");
  expect(walk(doc, at, "a", "down")).toBe("b");
  expect(walk(doc, at, "a", "up")).toBe("input");
  expect(walk(doc, at, "output", "down")).toBe("output");
});
test("an everyday name finds the layer and says so", () => {
  expect(search(PALETTE, "dense")[0]).toMatchObject({ kind: "linear", matched: "dense" });
  expect(search(PALETTE, "conv")[0]).toMatchObject({ kind: "conv2d", matched: "" });
  expect(search(PALETTE, "zzz")).toEqual([]);
});
test("proposals leave out what does not fit", () => {
  expect(fitting(PALETTE, "relu", {})[0]).toBe("linear");
  expect(fitting(PALETTE, "relu", { linear: "no" })).not.toContain("linear");
});

describe("the first look", () => {
  const column = (count: number) => new Map(Array.from({ length: count }, (_, i) => [`n${i}`, { x: 0, y: i * STEP_DOWN }]));

  test("shows all of a small drawing, in the middle", () => {
    const { x, zoom } = opening(column(3), 800, 700);
    expect(zoom).toBe(1);
    expect(x + (WIDTH / 2) * zoom).toBeCloseTo(400);
  });

  test("stays readable on a tall drawing and begins at its top", () => {
    const { y, zoom } = opening(column(40), 800, 700);
    expect(zoom).toBeGreaterThan(READABLE);
    expect(y).toBe(32);
  });

  test("needs no drawing", () => {
    expect(opening(new Map(), 800, 700)).toEqual({ x: 0, y: 0, zoom: 1 });
  });
});

test("where data flows to the right, wires leave at the right and lanes run below", () => {
  const doc = { ...chain("a"), direction: "right" as const, wires: [...chain("a").wires, wire("input", "output")] };
  const places = new Map([["input", { x: 0, y: 0 }], ["a", { x: 328, y: 0 }], ["output", { x: 656, y: 0 }]]);
  const lane = lanes(doc, places).get("input.out>output.in");
  expect(lane).toBeGreaterThan(56);
  const way = corners({ x: 216, y: 28 }, { x: 656, y: 28 }, lane, "right");
  expect(way.some(({ y }) => y === lane)).toBe(true);
  expect(corners({ x: 216, y: 28 }, { x: 328, y: 28 }, undefined, "right")).toHaveLength(2);
});
test("arrow keys follow the data in both directions of drawing", () => {
  const doc = { ...chain("a"), direction: "right" as const };
  const places = new Map([["input", { x: 0, y: 0 }], ["a", { x: 328, y: 0 }], ["output", { x: 656, y: 0 }]]);
  expect(walk(doc, places, "a", "right")).toBe("output");
  expect(walk(doc, places, "a", "left")).toBe("input");
  expect(walk(doc, places, "a", "down")).toBe("a");
});
