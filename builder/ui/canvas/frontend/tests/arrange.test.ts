import { expect, test } from "vitest";

import { aligned, type Box, distributed } from "../src/model/arrange";

const box = (id: string, x: number, y: number): Box => ({ id, x, y, width: 216, height: 56 });
const THREE = [box("a", 0, 0), box("b", 104, 96), box("c", 40, 400)];

test("aligned boxes share the edge and move along one axis only", () => {
  expect([...aligned(THREE, "left").values()].map(({ x }) => x)).toEqual([0, 0, 0]);
  expect([...aligned(THREE, "right").values()].map(({ x }) => x)).toEqual([104, 104, 104]);
  expect([...aligned(THREE, "centre").values()]).toEqual([{ x: 56, y: 0 }, { x: 56, y: 96 }, { x: 56, y: 400 }]);
  expect([...aligned(THREE, "bottom").values()].map(({ x, y }) => [x, y])).toEqual([[0, 400], [104, 400], [40, 400]]);
});
test("distributed boxes have equal gaps and the outermost stay", () => {
  const at = distributed(THREE, "y");
  expect([at.get("a")?.y, at.get("b")?.y, at.get("c")?.y]).toEqual([0, 200, 400]);
  expect(at.get("b")?.x).toBe(104);
});
test("two boxes have nothing to distribute", () => {
  expect(distributed(THREE.slice(0, 2), "x").size).toBe(0);
});
