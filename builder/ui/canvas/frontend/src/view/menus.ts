// What each menu offers.
import { isBlock } from "../model/blocks";
import * as graph from "../model/graph";
import type { Wire } from "../model/protocol";
import type { Session } from "../model/session";
import type { Acts } from "./keys";
import type { MenuItem } from "./Menu";
import type { About, Stage } from "./stage";
import { ALIGN, DISTRIBUTE } from "./Toolbar";

export interface Clipboard {
  copy(cutting: boolean): void;
  paste(at?: { x: number; y: number }): void;
}

interface Table {
  session: Session;
  stage: Stage;
  acts: Acts;
  clipboard: Clipboard;
  /** Where the menu was opened, on the screen. */
  screen: { x: number; y: number };
  addNote(at: { x: number; y: number }): void;
  say(text: string): void;
  replug(wire: Wire): void;
}

export function menuOf(about: About, table: Table): { label: string; groups: MenuItem[][] } {
  if ("wire" in about) return wireMenu(about.wire, table);
  if ("at" in about) return groundMenu(about.at, table);
  if (table.session.selection.length > 1) return severalMenu(table);
  return graph.nodeOf(table.session.doc, about.node) ? layerMenu(about.node, table) : noteMenu(table);
}

const item = (words: string, icon: string, act: () => void, keys?: string): MenuItem => ({ words, icon, act, ...(keys && { keys }) });

function clips({ clipboard, acts }: Table): MenuItem[] {
  return [
    item("Copy", "content_copy", () => clipboard.copy(false), "Ctrl+C"),
    item("Cut", "content_cut", () => clipboard.copy(true), "Ctrl+X"),
    item("Duplicate", "control_point_duplicate", acts.duplicate, "Ctrl+D"),
  ];
}

function layerMenu(id: string, table: Table) {
  const { session, stage, acts, screen } = table;
  const node = graph.nodeOf(session.doc, id);
  const gives = node !== undefined && graph.outputsOf(node, session.palette.kinds).length > 0;
  const layer = gives && graph.inputsOf(node, session.palette.kinds).length > 0;
  const port = node && graph.outputsOf(node, session.palette.kinds)[0];
  const adding = gives && port
    ? [
        item("Add a layer after it", "add", () => stage.quickAdd({ after: id }, screen), "/"),
        item("Add a branch", "fork_right", () => stage.quickAdd({ from: { node: id, port, side: "source" }, at: null }, screen)),
        item("Connect to another layer", "conversion_path", acts.connectTo, "W"),
      ]
    : [];
  return {
    label: `Menu of ${node?.name ?? "the layer"}`,
    groups: [
      adding,
      isBlock(node)
        ? [
            item("Open inside", "login", () => stage.enter(id)),
            item("Open up", "open_in_full", acts.openUp, "Ctrl+Shift+G"),
          ]
        : layer
          ? [item("Make a block", "widgets", acts.makeBlock, "Ctrl+G")]
          : [],
      [
        item("Rename", "edit", acts.rename, "F2"),
        item("Settings", "tune", acts.settings, "Enter"),
        item(node?.bypassed ? "Put back" : "Bypass", "low_priority", acts.bypass, "B"),
        item(node?.frozen ? "Unfreeze" : "Freeze", "ac_unit", acts.freeze),
      ],
      clips(table),
      [
        item("Delete", "delete", () => acts.remove(true), "Del"),
        item("Delete and leave the gap", "content_cut", () => acts.remove(false), "Shift+Del"),
      ],
    ],
  };
}

function severalMenu(table: Table) {
  const { session, acts } = table;
  return {
    label: `Menu of ${session.selection.length} chosen`,
    groups: [
      ALIGN.map(({ edge, icon, words }) => item(words, icon, () => acts.align(edge))),
      session.selection.length > 2 ? DISTRIBUTE.map(({ axis, icon, words }) => item(words, icon, () => acts.distribute(axis))) : [],
      [item("Make a block", "widgets", acts.makeBlock, "Ctrl+G")],
      [item("Bypass or put back", "low_priority", acts.bypass, "B"), item("Freeze or unfreeze", "ac_unit", acts.freeze)],
      clips(table),
      [item("Delete", "delete", () => acts.remove(true), "Del")],
    ],
  };
}

function noteMenu(table: Table) {
  return {
    label: "Menu of the note",
    groups: [[item("Edit", "edit", table.acts.rename, "F2")], clips(table), [item("Delete", "delete", () => table.acts.remove(true), "Del")]],
  };
}

function wireMenu(wire: Wire, { session, stage, screen, say, replug }: Table) {
  return {
    label: "Menu of the connection",
    groups: [
      [
        item("Add a layer here", "add", () => stage.quickAdd({ into: wire }, screen)),
        item("Lead it to another layer", "conversion_path", () => replug(wire)),
        item("Cut the connection", "link_off", () => session.edit(graph.cut([wire])) && say("Connection cut"), "Del"),
      ],
    ],
  };
}

function groundMenu(at: { x: number; y: number }, { stage, acts, clipboard, screen, addNote }: Table) {
  return {
    label: "Menu of the drawing",
    groups: [
      [
        item("Add a layer here", "add", () => stage.quickAdd({ at }, screen)),
        item("Add a note here", "sticky_note_2", () => addNote(at), "N"),
        item("Paste", "content_paste", () => clipboard.paste(at), "Ctrl+V"),
      ],
      [
        item("Select all", "select_all", acts.selectAll, "Ctrl+A"),
        item("Find a layer", "search", acts.find, "Ctrl+F"),
        item("Show everything", "fit_screen", acts.fit, "0"),
      ],
      [item("Tidy the drawing", "account_tree", acts.tidy, "L"), item("Turn the drawing", "screen_rotation_alt", acts.turn, "Shift+L")],
    ],
  };
}
