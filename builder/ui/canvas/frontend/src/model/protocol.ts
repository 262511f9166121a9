// What travels between the canvas and Python; builder/ui/canvas/message.py and view.py are the other end.

import type { Marks } from "../compare/marks";

/** A placed layer as the document stores it. Fields the canvas does not know travel through it unchanged. */
export interface LoomNode {
  id: string;
  kind: string;
  name: string;
  knobs: Record<string, unknown>;
  x: number | null;
  y: number | null;
  bypassed: boolean;
  frozen: boolean;
  /** Given for blocks, whose ports no palette tells; never sent back. */
  ports?: { inputs: PortInfo[]; outputs: string[] };
  /** Given for blocks: the block's name, ×6, and its layers' families in lines; never sent back. */
  look?: BlockLook;
  [other: string]: unknown;
}

/** A block as the document stores it; only copied, never changed here. */
export interface Definition {
  id: string;
  nodes: Record<string, unknown>[];
  [other: string]: unknown;
}

export interface BlockLook {
  title: string;
  times: string;
  lines: string[][];
}

export interface Wire {
  source: string;
  target: string;
  source_port: string;
  target_port: string;
}

/** A card with text, no ports. */
export interface Note {
  id: string;
  text: string;
  x: number;
  y: number;
}

/** Which way data flows in an automatic drawing. */
export type Flowing = "down" | "right";

export interface Doc {
  nodes: readonly LoomNode[];
  wires: readonly Wire[];
  notes: readonly Note[];
  direction: Flowing;
}

/** A clipboard text, read by Python; x, y is where its top-left corner goes. */
export interface Paste {
  n: number;
  text: string;
  x: number;
  y: number;
}

/** Starred kinds of layers and those used last, the latest first. */
export interface Kept {
  stars: string[];
  recent: string[];
}

/** What a kind would make of what flows here: "→ 64×14×14 · 18.5 k", or why not. */
export interface Offer {
  result: string;
  refusal: string;
}

/** What a fix would do, while it is looked at: nothing of it is part of the drawing. */
export interface Preview {
  /** What is read out. */
  words: string;
  /** The fix, as its button says it. */
  sentence: string;
  marks: Marks;
  /** Layers and connections it would add. */
  nodes: LoomNode[];
  wires: Wire[];
}

export interface PortInfo {
  name: string;
  label: string;
  optional: boolean;
  many: boolean;
}

export interface KindInfo {
  title: string;
  family: string;
  summary: string;
  when: string;
  synonyms: string[];
  slug: string;
  brief: string;
  inputs: PortInfo[];
  outputs: string[];
  /** Kinds that usually come next, likeliest first. */
  follows: string[];
  /** Given for blocks: the id of the block placed, and where it comes from. */
  block?: string;
  source?: string;
}

export interface Palette {
  hash: string;
  families: { id: string; title: string; icon: string }[];
  kinds: Record<string, KindInfo>;
}

export type Severity = "error" | "warning" | "hint";

export interface NodeInfo {
  brief: string;
  parameters: string;
  exact: string;
  output: string;
  type: string;
  waiting: string;
  problems: { severity: Severity; what: string }[];
}

export interface WireInfo {
  label: string;
  hover: string;
  problem: string;
}

export interface Info {
  nodes: Record<string, NodeInfo>;
  /** By wireKey. */
  wires: Record<string, WireInfo>;
  /** For each type flowing out of a node: the kinds it does not fit, and why. */
  unfit: Record<string, Record<string, string>>;
  /** Whether these answers are about exactly the drawing sent with them. */
  current: boolean;
}

/** Python to canvas, on every run. */
export interface CanvasData {
  bundle: string;
  /** Names project and network; the view (zoom, place) is kept under it. */
  where: string;
  graph: string;
  /** Changes when Python changed the drawing itself (inspector, undo, another tab); never for our own edits. */
  rev: string;
  /** The last `seq` of each client that Python has dealt with. */
  ack: Record<string, number>;
  /** Undos minus redos done for each client. */
  undone: Record<string, number>;
  /** The last clipboard text of each client that Python has read. */
  pasted: Record<string, number>;
  notes: Note[];
  direction: Flowing;
  /** By type key: by kind. Holds what `ask` named, once it is known. */
  offers: Record<string, Record<string, Offer>>;
  kept: Kept;
  preview?: Preview | null;
  /** The last thing each client asked for that was done. */
  asked: Record<string, number>;
  /** Whether the drawing is a block looked at from inside. */
  inside: boolean;
  /** Blocks that can be placed like a layer, by their key in the palette. */
  blocks: Record<string, KindInfo>;
  /** The blocks that this drawing uses, by id, so that copies can take them along. */
  definitions: Record<string, Definition>;
  nodes: LoomNode[];
  wires: Wire[];
  /** Where Python would put every node. */
  layout: Record<string, [number, number]>;
  /** A selection made in Python; adopted once per `n`. */
  select: { n: number; ids: string[] };
  info: Info;
  palette: Palette | null;
  notice: { n: number; text: string; error: boolean } | null;
  /** Given where two drawings are compared: `nodes` and `wires` then hold both, and nothing can be edited. */
  compared?: Marks;
}

/** A whole drawing, because single events can be lost. */
export interface Drawn {
  nodes: Partial<LoomNode>[];
  edges: Wire[];
  notes: Note[];
  direction: Flowing;
}

/** Canvas to Python: the drawing after our last edit, and after each one before it that was not answered yet. */
export interface Message extends Drawn {
  client: string;
  rev: string;
  seq: number;
  graph: string;
  /** Unanswered edits before the last, oldest first; each becomes a step of its own. */
  earlier: (Drawn & { seq: number })[];
  sel: string[];
  /** Undos minus redos asked for by this client so far. */
  undo: number;
  /** How many of them we know to be done. */
  undone: number;
  /** Hash of the palette the canvas has, so that it need not travel again. */
  have: string;
  /** Clipboard texts that Python has not answered yet. */
  pastes: Paste[];
  /** The type whose offers are wanted; empty when none. */
  ask: string;
  /** Null until something was starred or added here. */
  kept: Kept | null;
  /** What a drawing cannot say: make a block of these layers, go inside this one, stop a preview; until it was done. */
  asks: Ask[];
}

export interface Ask {
  n: number;
  act: "make_block" | "open_up" | "enter" | "leave" | "stop_preview";
  nodes: string[];
}

export function wireKey(wire: Wire): string {
  return `${wire.source}.${wire.source_port}>${wire.target}.${wire.target_port}`;
}
