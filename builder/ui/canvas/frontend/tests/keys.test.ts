import { expect, test } from "vitest";

import { type Acts, press } from "../src/view/keys";

function pressed(key: string, held: Partial<Record<"ctrlKey" | "shiftKey" | "altKey" | "metaKey", boolean>> = {}) {
  const done: unknown[] = [];
  const acts = new Proxy({} as Acts, { get: (_, name) => (...words: unknown[]) => done.push(String(name), ...words) });
  const taken = press({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held }, acts);
  return taken ? done : null;
}

test("each key does its one thing", () => {
  expect(pressed("Delete")).toEqual(["remove", true]);
  expect(pressed("Delete", { shiftKey: true })).toEqual(["remove", false]);
  expect(pressed("z", { ctrlKey: true })).toEqual(["undo"]);
  expect(pressed("Z", { ctrlKey: true, shiftKey: true })).toEqual(["redo"]);
  expect(pressed("z", { metaKey: true })).toEqual(["undo"]);
  expect(pressed("ArrowDown")).toEqual(["walk", "down"]);
  expect(pressed("ArrowLeft", { altKey: true })).toEqual(["nudge", "left"]);
  expect(pressed("/")).toEqual(["quickAdd"]);
  expect(pressed("f", { ctrlKey: true })).toEqual(["find"]);
  expect(pressed("F10", { shiftKey: true })).toEqual(["menu"]);
  expect(pressed("ContextMenu")).toEqual(["menu"]);
  expect(pressed("L", { shiftKey: true })).toEqual(["turn"]);
});
test("keys that are not the canvas's pass by", () => {
  for (const key of ["Tab", "c", "r", "g", "?"]) expect(pressed(key)).toBeNull();
  expect(pressed("Enter", { ctrlKey: true })).toBeNull();
  expect(pressed("c", { ctrlKey: true })).toBeNull();
});
