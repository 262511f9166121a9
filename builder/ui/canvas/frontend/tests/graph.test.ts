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
    const branched = { nodes: [...base.nodes, node("c", "add")], wires: [...base.wires, wire("a", "c")] };
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

describe("copying", () => {
  test("what is copied comes back with its wires and new names", () => {
    const doc = chain("relu1", "relu2");
    const shown = new Map(doc.nodes.map((each, index) => [each.id, { x: 0, y: 96 * index }]));
    const clip = graph.readClip(JSON.stringify(graph.copyOf(doc, ["relu1", "relu2"], shown)), KINDS);
    expect(clip).not.toBeNull();
    const pasted = clip && graph.paste(clip, ["p", "q"], 248, 0, shown)(doc);
    expect(pasted && path(pasted)).toContain("p>q");
    expect(pasted?.nodes.slice(-2).map((each) => each.name)).toEqual(["relu3", "relu4"]);
    expect(pasted?.nodes.at(-1)).toMatchObject({ x: 248, y: 192 });
  });
  test("other texts on the clipboard are no layers", () => {
    for (const text of ["", "hello", "[1]", "null", '{"layerloom":"layers"}', '{"layerloom":"layers","nodes":[{"id":1}],"wires":[]}']) {
      expect(graph.readClip(text, KINDS)).toBeNull();
    }
  });
});

test("renaming keeps names unique", () => {
  const doc = graph.rename("a", "b")(chain("a", "b"));
  expect(doc?.nodes.find((each) => each.id === "a")?.name).toBe("b1");
});
