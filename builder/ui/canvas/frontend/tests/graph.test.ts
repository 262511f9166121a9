import { describe, expect, test } from "vitest";

import * as graph from "../src/model/graph";
import { chain, KINDS, node, path, wire } from "./build";

describe("inserting", () => {
  test("a layer inserted after the selection takes over what followed it", () => {
    const doc = graph.insertAfter("new", "relu", "a", KINDS)(chain("a", "b"));
    expect(doc && path(doc)).toEqual(["a>new", "b>output", "input>a", "new>b"]);
    expect(doc?.nodes.at(-1)?.name).toBe("relu1");
  });
  test("a layer inserted after a layer that branches takes over all its followers", () => {
    const base = chain("a", "b");
    const branched = { ...base, nodes: [...base.nodes, node("c", "add")], wires: [...base.wires, wire("a", "c")] };
    const doc = graph.insertAfter("new", "relu", "a", KINDS)(branched);
    expect(doc && path(doc)).toEqual(["a>new", "b>output", "input>a", "new>b", "new>c"]);
  });
  test("with Output selected the layer goes before it", () => {
    const doc = graph.insertAfter("new", "relu", "output", KINDS)(chain("a"));
    expect(doc && path(doc)).toEqual(["a>new", "input>a", "new>output"]);
  });
  test("a layer inserted into a wire leaves the other wires alone", () => {
    const doc = graph.insertInto("new", "linear", wire("a", "b"), KINDS)(chain("a", "b"));
    expect(doc && path(doc)).toEqual(["a>new", "b>output", "input>a", "new>b"]);
  });
  test("an insertion into a wire that is gone does nothing", () => {
    expect(graph.insertInto("new", "linear", wire("a", "output"), KINDS)(chain("a", "b"))).toBeNull();
  });
  test("the same insertion done twice is done once", () => {
    const insert = graph.insertAfter("new", "relu", "a", KINDS);
    const once = insert(chain("a"));
    expect(once && insert(once)).toBeNull();
  });
  test("names count up and never collide", () => {
    const doc = { ...chain(), nodes: [...chain().nodes, node("x", "conv2d", { name: "conv1" })] };
    expect(graph.insertAfter("new", "conv2d", "input", KINDS)(doc)?.nodes.at(-1)?.name).toBe("conv2");
  });
  test("a layer pulled out of a port is wired to it", () => {
    const doc = graph.place("new", "relu", { x: 8, y: 8 }, KINDS, { node: "a", port: "out", side: "source" })(chain("a"));
    expect(doc && path(doc)).toEqual(["a>new", "a>output", "input>a"]);
  });
});

describe("removing", () => {
  test("deleting a layer heals the chain", () => {
    const doc = graph.remove(["b"], true)(chain("a", "b", "c"));
    expect(doc && path(doc)).toEqual(["a>c", "c>output", "input>a"]);
  });
  test("deleting neighbours heals over all of them", () => {
    const doc = graph.remove(["a", "b"], true)(chain("a", "b"));
    expect(doc && path(doc)).toEqual(["input>output"]);
  });
  test("deleting without healing leaves the gap", () => {
    const doc = graph.remove(["b"], false)(chain("a", "b", "c"));
    expect(doc && path(doc)).toEqual(["c>output", "input>a"]);
  });
  test("healing never draws a wire twice", () => {
    const skip = { ...chain("a"), wires: [...chain("a").wires, wire("input", "output")] };
    const doc = graph.remove(["a"], true)(skip);
    expect(doc && path(doc)).toEqual(["input>output"]);
  });
  test("deleting what is gone does nothing", () => {
    expect(graph.remove(["zzz"], true)(chain("a"))).toBeNull();
  });
});

describe("connecting", () => {
  test("a wire into an occupied port takes the old one's place", () => {
    const doc = graph.connect(wire("input", "output"), KINDS)(chain("a"));
    expect(doc && path(doc)).toEqual(["input>a", "input>output"]);
  });
  test("a port for many keeps all", () => {
    const doc = graph.connect(wire("input", "add"), KINDS)(chain("add"));
    expect(doc && path(doc)).toEqual(["add>output", "input>add"]);
    const two = graph.connect(wire("a", "add"), KINDS)(chain("a", "add"));
    const three = two && graph.connect(wire("input", "add"), KINDS)(two);
    expect(three && path(three)).toEqual(["a>add", "add>output", "input>a", "input>add"]);
  });
  test("an end can be plugged elsewhere", () => {
    const doc = graph.replug(wire("a", "b"), wire("input", "b"), KINDS)(chain("a", "b"));
    expect(doc && path(doc)).toEqual(["b>output", "input>a", "input>b"]);
  });
});

describe("notes", () => {
  const noted = graph.addNote("n1", { x: 8, y: 16 })(chain("a")) ?? chain("a");
  test("are written, moved and deleted like layers, without touching one", () => {
    const written = graph.writeNote("n1", "why this is here")(noted);
    expect(written?.notes).toEqual([{ id: "n1", text: "why this is here", x: 8, y: 16 }]);
    const moved = graph.move(new Map([["n1", { x: 80, y: 0 }]]), new Map([["a", { x: 5, y: 5 }]]))(noted);
    expect(moved?.notes[0]).toMatchObject({ x: 80, y: 0 });
    expect(moved?.nodes).toBe(noted.nodes);
    expect(graph.remove(["n1"], true)(noted)?.notes).toEqual([]);
  });
  test("one that is gone cannot be written", () => {
    expect(graph.writeNote("zzz", "x")(noted)).toBeNull();
  });
});

test("tidying gives all places back and turns only when told to", () => {
  const placed = { ...chain("a"), nodes: chain("a").nodes.map((each) => ({ ...each, x: 1, y: 2 })) };
  expect(graph.tidy()(placed)?.nodes.every(({ x, y }) => x === null && y === null)).toBe(true);
  expect(graph.tidy()(placed)?.direction).toBe("down");
  expect(graph.tidy("right")(placed)?.direction).toBe("right");
});

test("renaming keeps names unique", () => {
  const doc = graph.rename("a", "b")(chain("a", "b"));
  expect(doc?.nodes.find((each) => each.id === "a")?.name).toBe("b1");
});
