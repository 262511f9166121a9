import { beforeEach, expect, test, vi } from "vitest";

import { insertAfter, remove, rename } from "../src/model/graph";
import type { CanvasData, Doc, LoomNode, Message, Preview } from "../src/model/protocol";
import { Session } from "../src/model/session";
import { chain, KINDS, PALETTE, path } from "./build";

let out: Message[];
let session: Session;

function says(doc: Doc, rev: string, fields: Partial<CanvasData> = {}): CanvasData {
  return {
    bundle: "",
    where: "p/network",
    graph: "network",
    rev,
    ack: {},
    undone: {},
    nodes: [...doc.nodes],
    wires: [...doc.wires],
    layout: {},
    pasted: {},
    notes: [...doc.notes],
    direction: doc.direction,
    offers: {},
    kept: { stars: [], recent: [] },
    select: { n: 0, ids: [] },
    info: { nodes: {}, wires: {}, unfit: {}, current: true },
    palette: PALETTE,
    notice: null,
    ...fields,
  };
}

/** What Python would hold after taking a message. */
function taken(message: Message, before: Doc): Doc {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  return { notes: message.notes, direction: message.direction, nodes: message.nodes.map((node) => ({ ...old.get(node.id ?? ""), ...node }) as LoomNode), wires: message.edges };
}

beforeEach(() => {
  out = [];
  session = new Session("me", (message) => out.push(message));
  session.receive(says(chain("a", "b"), "1.0"));
});

test("what Python says is shown and nothing is sent back", () => {
  expect(path(session.doc)).toEqual(["a>b", "b>output", "input>a"]);
  expect(out).toEqual([]);
});

test("an edit is drawn at once and sent as the whole drawing", () => {
  session.edit(insertAfter("n", "relu", "a", KINDS), ["n"]);
  expect(path(session.doc)).toContain("n>b");
  expect(out).toHaveLength(1);
  expect(out[0]).toMatchObject({ client: "me", rev: "1.0", seq: 1, sel: ["n"], undo: 0 });
  expect(out[0]?.nodes).toHaveLength(5);
});

test("settings of layers that Python has do not travel back", () => {
  session.edit(insertAfter("n", "relu", "a", KINDS));
  const sent = new Map(out[0]?.nodes.map((node) => [node.id, node]));
  expect(sent.get("a")).not.toHaveProperty("knobs");
  expect(sent.get("n")).toHaveProperty("knobs");
});

test("an answer to an edit leaves the drawing as it is", () => {
  session.edit(remove(["a"], true));
  const doc = taken(out[0] as Message, chain("a", "b"));
  session.receive(says(doc, "1.0", { ack: { me: 1 } }));
  expect(session.settled).toBe(true);
  expect(out).toHaveLength(1);
});

test("an answer to an older edit does not take back a newer one", () => {
  session.edit(insertAfter("n", "relu", "a", KINDS));
  const first = taken(out[0] as Message, chain("a", "b"));
  session.edit(insertAfter("m", "relu", "n", KINDS));
  session.receive(says(first, "1.0", { ack: { me: 1 } }));
  expect(path(session.doc)).toContain("m>b");
  expect(session.settled).toBe(false);
});

test("an edit travels with every one before it that was not answered", () => {
  session.edit(insertAfter("n", "relu", "a", KINDS));
  session.edit(insertAfter("m", "relu", "n", KINDS));
  session.edit(rename("a", "first"));
  expect(out[0]?.earlier).toEqual([]);
  expect(out[2]).toMatchObject({ seq: 3 });
  expect(out[2]?.earlier.map(({ seq, nodes }) => [seq, nodes.length])).toEqual([[1, 5], [2, 6]]);
  expect(out[2]?.earlier[0]).toMatchObject({ nodes: out[0]?.nodes, edges: out[0]?.edges });
  session.receive(says(taken(out[1] as Message, chain("a", "b")), "1.0", { ack: { me: 2 } }));
  session.edit(rename("b", "second"));
  expect(out[3]?.earlier.map(({ seq }) => seq)).toEqual([3]);
});

test("edits done again on a newer drawing travel as they are then, under their numbers", () => {
  session.edit(insertAfter("n", "relu", "a", KINDS));
  session.edit(insertAfter("m", "relu", "n", KINDS));
  session.receive(says(chain("a", "b", "c"), "2.0"));
  expect(out.at(-1)?.rev).toBe("2.0");
  expect(out.at(-1)?.earlier.map(({ seq, nodes }) => [seq, nodes.length])).toEqual([[1, 6]]);
  expect(out.at(-1)?.nodes).toHaveLength(7);
});

test("edits that waited for an undo go out together, each under a number of its own", () => {
  session.undo();
  session.edit(insertAfter("n", "relu", "a", KINDS));
  session.edit(insertAfter("m", "relu", "n", KINDS));
  expect(out).toHaveLength(1);
  session.receive(says(chain("a"), "2.0", { undone: { me: 1 }, ack: { me: 1 } }));
  expect(out[1]).toMatchObject({ seq: 3, earlier: [{ seq: 2 }] });
});

test("an undo asked for while another is under way stands on the drawing of Python's last answer", () => {
  session.edit(insertAfter("n", "relu", "a", KINDS));
  session.undo();
  session.undo();
  session.receive(says(chain("a", "b"), "2.0", { undone: { me: 1 }, ack: { me: 2 } }));
  session.undo();
  expect(out.at(-1)).toMatchObject({ rev: "2.0", undo: 3 });
  expect(out.at(-1)?.nodes).toHaveLength(4);
});

test("of very many unanswered edits the oldest become one", () => {
  for (let i = 0; i < 30; i += 1) session.edit(rename("a", `a${i}`));
  expect(out.at(-1)?.earlier.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => 10 + i));
});

test("a change made in Python is adopted", () => {
  session.receive(says(chain("a"), "2.0"));
  expect(path(session.doc)).toEqual(["a>output", "input>a"]);
});

test("an edit that Python had not seen is done again on the newer drawing and sent anew", () => {
  session.edit(insertAfter("n", "relu", "b", KINDS));
  session.receive(says(chain("a", "b", "c"), "2.0"));
  expect(path(session.doc)).toEqual(["a>b", "b>n", "c>output", "input>a", "n>c"]);
  expect(out).toHaveLength(2);
  expect(out[1]).toMatchObject({ rev: "2.0", seq: 2 });
});

test("an edit that Python has seen is not done again", () => {
  session.edit(rename("a", "first"));
  session.receive(says(chain("a", "b"), "2.0", { ack: { me: 1 } }));
  expect(session.doc.nodes.find((node) => node.id === "a")?.name).toBe("a");
  expect(out).toHaveLength(1);
});

test("an edit about a layer that is gone is dropped", () => {
  session.edit(remove(["b"], true));
  session.receive(says(chain("a"), "2.0"));
  expect(session.settled).toBe(true);
  expect(path(session.doc)).toEqual(["a>output", "input>a"]);
});

test("undo asks Python, counted in total", () => {
  session.undo();
  session.undo();
  session.redo();
  expect(out.map((message) => message.undo)).toEqual([1, 2, 1]);
});

test("an edit made while an undo is under way waits for its answer", () => {
  session.undo();
  session.edit(insertAfter("n", "relu", "a", KINDS));
  expect(out).toHaveLength(1);
  expect(path(session.doc)).toContain("a>n");
  session.receive(says(chain("a"), "2.0", { undone: { me: 1 } }));
  expect(path(session.doc)).toEqual(["a>n", "input>a", "n>output"]);
  expect(out[1]).toMatchObject({ rev: "2.0", undo: 1, undone: 1 });
  expect(out[1]?.nodes).toHaveLength(4);
});

test("an undo with nothing to undo lets waiting edits go", () => {
  session.undo();
  session.edit(insertAfter("n", "relu", "a", KINDS));
  session.receive(says(chain("a", "b"), "1.0", { undone: { me: 1 } }));
  expect(out).toHaveLength(2);
  expect(out[1]?.nodes).toHaveLength(5);
});

test("an edit that was not sent yet is undone on the spot, and redone", () => {
  session.undo();
  session.edit(insertAfter("n", "relu", "a", KINDS));
  session.undo();
  expect(path(session.doc)).toEqual(["a>b", "b>output", "input>a"]);
  session.redo();
  expect(path(session.doc)).toContain("a>n");
  expect(out).toHaveLength(1);
});

test("a selection made in Python is adopted once", () => {
  session.receive(says(chain("a", "b"), "1.0", { select: { n: 1, ids: ["b"] } }));
  expect(session.selection).toEqual(["b"]);
  session.select(["a"]);
  session.receive(says(chain("a", "b"), "1.0", { select: { n: 1, ids: ["b"] } }));
  expect(session.selection).toEqual(["a"]);
});

test("a selection is sent once it stands still", () => {
  vi.useFakeTimers();
  session.select(["a"]);
  session.select(["b"]);
  expect(out).toHaveLength(0);
  vi.runAllTimers();
  vi.useRealTimers();
  expect(out.map((message) => message.sel)).toEqual([["b"]]);
});

test("choosing what is chosen sends nothing, so no rerun can feed itself", () => {
  vi.useFakeTimers();
  session.select(["a"]);
  vi.runAllTimers();
  session.select(["a"]);
  vi.runAllTimers();
  vi.useRealTimers();
  expect(out).toHaveLength(1);
});

test("a server that starts afresh gets what it has not seen and nothing twice", () => {
  session.edit(insertAfter("n", "relu", "a", KINDS));
  session.receive(says(taken(out[0] as Message, chain("a", "b")), "1.0", { ack: { me: 1 } }));
  session.edit(insertAfter("m", "relu", "n", KINDS));
  const disk = taken(out[0] as Message, chain("a", "b"));
  session.receive(says(disk, "7.0"));
  expect(path(session.doc)).toEqual(["a>n", "b>output", "input>a", "m>b", "n>m"]);
  expect(out.at(-1)).toMatchObject({ rev: "7.0" });
});

test("a clipboard text is sent until Python has read it, and never again", () => {
  session.paste("{}", { x: 8, y: 16 });
  expect(out.at(-1)?.pastes).toEqual([{ n: 1, text: "{}", x: 8, y: 16 }]);
  session.edit(insertAfter("x", "linear", "a", KINDS));
  expect(out.at(-1)?.pastes).toHaveLength(1);
  expect(session.settled).toBe(false);
  session.receive(says(chain("a", "b"), "2.0", { pasted: { me: 1 } }));
  session.edit(insertAfter("y", "linear", "a", KINDS));
  expect(out.at(-1)?.pastes).toEqual([]);
});
test("a paste waits for an undo asked before it", () => {
  session.undo();
  session.paste("{}", { x: 0, y: 0 });
  expect(out.at(-1)?.pastes).toEqual([]);
  session.receive(says(chain("a"), "2.0", { undone: { me: 1 } }));
  expect(out.at(-1)?.pastes).toHaveLength(1);
});
test("offers are asked for until they come, and then not again", () => {
  vi.useFakeTimers();
  session.ask("128|float32|features");
  expect(out.at(-1)?.ask).toBe("128|float32|features");
  const sent = out.length;
  vi.advanceTimersByTime(800);
  expect(out.length).toBe(sent + 1);
  session.receive(says(chain("a", "b"), "1.0", { offers: { "128|float32|features": { relu: { result: "→ 128 values", refusal: "" } } } }));
  vi.advanceTimersByTime(5000);
  expect(out.length).toBe(sent + 1);
  expect(session.offers("128|float32|features")["relu"]?.result).toBe("→ 128 values");
  session.ask("128|float32|features");
  expect(out.length).toBe(sent + 1);
  vi.useRealTimers();
});
test("stars and what was used last go out once they were touched here", () => {
  expect(out).toEqual([]);
  session.star("relu");
  session.used("linear");
  session.used("relu");
  session.select(["a"]);
  session.edit(rename("a", "x"));
  expect(out.at(-1)?.kept).toEqual({ stars: ["relu"], recent: ["relu", "linear"] });
  session.star("relu");
  expect(out.at(-1)?.kept?.stars).toEqual([]);
});

test("an edit that no longer fits a drawing changed elsewhere is left out and counted", () => {
  session.edit(rename("b", "last"));
  session.edit(insertAfter("n", "relu", "a", KINDS), ["n"]);
  session.receive(says(chain("a"), "2.0"));
  expect(session.doc.nodes.map(({ id }) => id)).toEqual(["input", "a", "output", "n"]);
  expect(session.leftOut).toBe(1);
  session.receive(says(chain("a"), "3.0"));
  expect(session.leftOut).toBe(1);
});

const PREVIEW: Preview = { words: "Preview: Put ReLU before b.", sentence: "Put ReLU before b", marks: { layers: {}, wires: {} }, nodes: [], wires: [] };

test("a preview is shown until the drawing is another one", () => {
  session.receive(says(chain("a", "b"), "1.0", { preview: PREVIEW }));
  expect(session.ghost).toEqual(PREVIEW);
  session.edit(rename("a", "first"));
  expect(session.ghost).toBeNull();
});

test("a preview that was stopped stays away, and Python is told", () => {
  session.receive(says(chain("a", "b"), "1.0", { preview: PREVIEW }));
  session.stopPreview();
  expect(session.ghost).toBeNull();
  expect(out.at(-1)?.asks).toMatchObject([{ n: 1, act: "stop_preview" }]);
  session.receive(says(chain("a", "b"), "1.0", { preview: PREVIEW, asked: {} }));
  expect(session.ghost).toBeNull();
  session.receive(says(chain("a", "b"), "1.0", { preview: PREVIEW, asked: { me: 1 } }));
  expect(session.ghost).toEqual(PREVIEW);
});
