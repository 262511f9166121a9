// Small drawings for the tests.
import type { Doc, KindInfo, LoomNode, Palette, Wire } from "../src/model/protocol";

export function kind(title: string, inputs: string[], outputs: string[], many = false): KindInfo {
  return {
    title,
    family: "dense",
    summary: `${title} does something.`,
    when: "",
    synonyms: [],
    slug: title.toLowerCase(),
    brief: "",
    inputs: inputs.map((name) => ({ name, label: "", optional: false, many })),
    outputs,
    follows: [],
  };
}

export const KINDS: Palette["kinds"] = {
  input: kind("Input", [], ["out"]),
  output: kind("Output", ["in"], []),
  relu: { ...kind("ReLU", ["in"], ["out"]), synonyms: ["rectifier"], follows: ["linear", "conv2d"] },
  linear: { ...kind("Linear", ["in"], ["out"]), synonyms: ["dense", "fc"], follows: ["relu"] },
  conv2d: { ...kind("Conv2d", ["in"], ["out"]), slug: "conv", family: "convolution" },
  add: kind("Add", ["in"], ["out"], true),
};

export const PALETTE: Palette = {
  hash: "p1",
  families: [
    { id: "dense", title: "Dense", icon: "linear_scale" },
    { id: "convolution", title: "Convolution", icon: "grid_on" },
  ],
  kinds: KINDS,
};

export function node(id: string, kindName = "relu", fields: Partial<LoomNode> = {}): LoomNode {
  return { id, kind: kindName, name: id, knobs: {}, x: null, y: null, bypassed: false, frozen: false, ...fields };
}

export function wire(source: string, target: string): Wire {
  return { source, target, source_port: "out", target_port: "in" };
}

/** input -> a -> b -> output */
export function chain(...middle: string[]): Doc {
  const ids = ["input", ...middle, "output"];
  return {
    notes: [],
    direction: "down",
    nodes: ids.map((id) => node(id, id in KINDS ? id : "relu")),
    wires: ids.slice(1).map((id, index) => wire(ids[index] as string, id)),
  };
}

export function path(doc: Doc): string[] {
  return doc.wires.map((each) => `${each.source}>${each.target}`).sort();
}
