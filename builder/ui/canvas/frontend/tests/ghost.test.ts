import { expect, test } from "vitest";

import { ghostPlaces } from "../src/model/ghost";
import { gapLane } from "../src/model/route";
import { overlaps, settle } from "../src/model/place";
import type { Preview } from "../src/model/protocol";
import { chain, node, wire } from "./build";

const LAYOUT = { input: [0, 0], a: [0, 96], output: [0, 192] } as Record<string, [number, number]>;

function preview(...ids: string[]): Preview {
  const path = ["input", ...ids, "a"];
  return {
    words: "",
    sentence: "",
    marks: { layers: {}, wires: {} },
    nodes: ids.map((id) => node(id)),
    wires: path.slice(1).map((id, index) => wire(path[index] as string, id)),
  };
}

test("a layer that would be put into a connection stands beside it, and no layer makes way", () => {
  const positions = settle(chain("a"), LAYOUT);
  const places = ghostPlaces(preview("g"), positions, "down");
  expect([...places]).toEqual([["g", { x: 248, y: 48 }]]);
  expect(Object.fromEntries(positions)).toEqual({ input: { x: 0, y: 0 }, a: { x: 0, y: 96 }, output: { x: 0, y: 192 } });
});

test("its connections run between the layers, not along their edges", () => {
  const ghost = { x: 248, y: 48 };
  expect(gapLane({ x: 0, y: 0 }, ghost, "down")).toBe(236);
  expect(gapLane(ghost, { x: 0, y: 96 }, "down")).toBe(236);
  expect(gapLane({ x: 0, y: 0 }, { x: 248, y: 96 }, "down")).toBeUndefined();
  expect(gapLane({ x: 0, y: 0 }, { x: 0, y: 96 }, "down")).toBeUndefined();
  expect(gapLane({ x: 0, y: 0 }, { x: 164, y: 88 }, "right")).toBe(76);
});

test("where data flows to the right it stands below", () => {
  const positions = new Map([["input", { x: 0, y: 0 }], ["a", { x: 328, y: 0 }]]);
  expect(ghostPlaces(preview("g"), positions, "right").get("g")).toEqual({ x: 164, y: 88 });
});

test("several that would be added never cover each other or the drawing", () => {
  const positions = settle(chain("a"), LAYOUT);
  const places = [...ghostPlaces(preview("g", "h", "i"), positions, "down").values()];
  expect(places).toHaveLength(3);
  const all = [...positions.values(), ...places];
  for (const one of places) expect(all.filter((other) => overlaps(one, other))).toEqual([one]);
});

test("one that nothing feeds finds room below the drawing, and on an empty one at the beginning", () => {
  const alone: Preview = { ...preview(), nodes: [node("g")], wires: [] };
  expect(ghostPlaces(alone, settle(chain("a"), LAYOUT), "down").get("g")).toEqual({ x: 0, y: 288 });
  expect(ghostPlaces(alone, new Map(), "down").get("g")).toEqual({ x: 0, y: 0 });
});
