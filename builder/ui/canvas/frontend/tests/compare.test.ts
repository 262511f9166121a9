import { expect, test } from "vitest";

import { inOrder, type Marks, next, reading } from "../src/compare/marks";

const marks: Marks = {
  layers: {
    c: { how: "added", lines: [] },
    a: { how: "changed", lines: ["filters 16 → 32"] },
    b: { how: "removed", lines: [] },
    gone: { how: "removed", lines: [] },
  },
  wires: {},
};
const places = new Map([
  ["a", { x: 0, y: 0 }],
  ["b", { x: 248, y: 96 }],
  ["c", { x: 0, y: 96 }],
]);

test("differences follow each other along the way data flows, then across it", () => {
  expect(inOrder(marks, places, "down")).toEqual(["a", "c", "b"]);
  const turned = new Map([...places].map(([id, { x, y }]) => [id, { x: y, y: x }] as const));
  expect(inOrder(marks, turned, "right")).toEqual(["a", "c", "b"]);
});

test("the next difference after the last is the first, and before the first the last", () => {
  const order = inOrder(marks, places, "down");
  expect(next(order, "", 1)).toBe("a");
  expect(next(order, "", -1)).toBe("b");
  expect(next(order, "b", 1)).toBe("a");
  expect(next(order, "a", -1)).toBe("b");
  expect(next([], "", 1)).toBeUndefined();
});

test("a layer is read with how it differs, in words", () => {
  expect(reading("conv1", "Conv2d · 32 filters", marks.layers["a"])).toBe("conv1, Conv2d, 32 filters, changed, filters 16 to 32");
  expect(reading("relu1", "ReLU", undefined)).toBe("relu1, ReLU, the same");
});
