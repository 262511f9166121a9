import { expect, test } from "vitest";

import type { Info } from "../src/model/protocol";
import { isUnwired, whyNotConnect, whyNotRemove } from "../src/model/rules";
import { chain, KINDS, node, wire } from "./build";

const INFO: Info = { nodes: {}, wires: {}, unfit: {}, current: true };

test("a wire that closes a loop is refused with the reason", () => {
  expect(whyNotConnect(chain("a", "b"), wire("b", "a"), KINDS, INFO)).toBe("That would make a loop: a already leads to b.");
});
test("a layer cannot feed itself", () => {
  expect(whyNotConnect(chain("a"), wire("a", "a"), KINDS, INFO)).toBe("a cannot feed itself.");
});
test("a skip forward is allowed", () => {
  expect(whyNotConnect(chain("a", "add"), wire("input", "add"), KINDS, INFO)).toBeNull();
});
test("an Output gives nothing on and an Input takes nothing", () => {
  expect(whyNotConnect(chain("a"), wire("output", "a"), KINDS, INFO)).toBe("output gives nothing on.");
  expect(whyNotConnect(chain("a"), wire("a", "input"), KINDS, INFO)).toBe("input takes no input.");
});
test("a kind that does not take what flows says what it needs", () => {
  const told = { brief: "", parameters: "", exact: "", output: "128 values", type: "128", waiting: "", problems: [] };
  const info = { ...INFO, nodes: { a: told }, unfit: { "128": { conv2d: "needs channels × height × width; this gives 128 values" } } };
  const doc = { ...chain("a"), nodes: [...chain("a").nodes, node("c", "conv2d")] };
  expect(whyNotConnect(doc, wire("a", "c"), KINDS, info)).toContain("needs channels");
});
test("the last Input and Output stay", () => {
  expect(whyNotRemove(chain("a"), ["output"], KINDS)).toBe("The last Output stays: a network needs one.");
  expect(whyNotRemove(chain("a"), ["input", "a"], KINDS)).toBe("The last Input stays: a network needs one.");
  const two = { ...chain("a"), nodes: [...chain("a").nodes, node("output2", "output")] };
  expect(whyNotRemove(two, ["output"], KINDS)).toBeNull();
});
test("a layer with a free required port is not wired", () => {
  expect(isUnwired(node("lonely"), [], KINDS)).toBe(true);
  expect(isUnwired(node("a"), ["in"], KINDS)).toBe(false);
  expect(isUnwired(node("input", "input"), [], KINDS)).toBe(false);
});
