import { expect, test } from "vitest";

import { addCopies, contents, copyOf, MOST, whyNotPaste } from "../src/model/clip";
import { addNote } from "../src/model/graph";
import { chain, node, path } from "./build";

const shown = new Map(["input", "relu1", "relu2", "output"].map((id, index) => [id, { x: 0, y: 96 * index }]));

test("what is copied comes back with its wires and new names", () => {
  const doc = chain("relu1", "relu2");
  const copies = addCopies(copyOf(doc, ["relu1", "relu2"], shown), ["p", "q"], 248, 0, shown)(doc);
  expect(copies && path(copies)).toContain("p>q");
  expect(copies?.nodes.slice(-2).map((each) => each.name)).toEqual(["relu3", "relu4"]);
  expect(copies?.nodes.at(-1)).toMatchObject({ x: 248, y: 192 });
});
test("a copy stays out of the drawing when its id is taken", () => {
  const doc = chain("relu1");
  expect(addCopies(copyOf(doc, ["relu1"], shown), ["input"], 0, 0, shown)(doc)).toBeNull();
});
test("notes are copied along, and what the canvas only shows is not", () => {
  const doc = addNote("n", { x: 8, y: 8 })(chain("a")) ?? chain("a");
  const blocks = { ...doc, nodes: [...doc.nodes, node("b", "block", { ports: { inputs: [], outputs: ["out"] } })] };
  const clip = copyOf(blocks, ["n", "b"], shown);
  expect(clip.notes).toEqual([{ id: "n", text: "", x: 8, y: 8 }]);
  expect(clip.nodes[0]).not.toHaveProperty("ports");
  expect(contents(clip)).toBe("b and a note");
});
test("the blocks placed among copied layers come along with those inside them, and no others", () => {
  const [inner, outer, other] = [
    { id: "inner", nodes: [{ block: null }] },
    { id: "outer", nodes: [{ block: "inner" }, { block: "inner" }, { block: "gone" }] },
    { id: "other", nodes: [] },
  ];
  const look = { title: "Outer", times: "", lines: [] };
  const doc = { ...chain("a"), nodes: [...chain("a").nodes, node("b", "block", { block: "outer", look })] };
  const known = Object.fromEntries([inner, outer, other].map((each) => [each.id, each]));
  expect(copyOf(doc, ["b"], shown, known).blocks).toEqual([outer, inner]);
  expect(copyOf(doc, ["a"], shown, known).blocks).toEqual([]);
  expect(copyOf(doc, ["b"], shown, known).nodes[0]).not.toHaveProperty("look");
});
test("a copied block is drawn with its ports at once", () => {
  const ports = { inputs: [], outputs: ["out"] };
  const doc = { ...chain("a"), nodes: [...chain("a").nodes, node("b", "block", { block: "x", ports })] };
  expect(addCopies(copyOf(doc, ["b"], shown), ["c"], 0, 0, shown)(doc)?.nodes.at(-1)).toMatchObject({ id: "c", ports });
});
test("only what may be a copy is sent to be read", () => {
  expect(whyNotPaste("hello")).toContain("holds no layers");
  expect(whyNotPaste("")).toContain("holds no layers");
  expect(whyNotPaste(`{${" ".repeat(MOST)}}`)).toBe("The clipboard holds 2.0 MB; at most 2 MB are read as layers.");
  expect(whyNotPaste('  {"layerloom": "layers"}')).toBeNull();
});
