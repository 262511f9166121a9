// Everything a key, a button or the menu may do to the drawing.
import type { ReactFlowInstance } from "@xyflow/react";

import { aligned, type Box, distributed, type Edge } from "../model/arrange";
import { addCopies, contents, copyOf } from "../model/clip";
import * as graph from "../model/graph";
import { GRID, HEIGHT, WIDTH } from "../model/place";
import { type Flowing, wireKey } from "../model/protocol";
import { whyNotRemove } from "../model/rules";
import type { Session } from "../model/session";
import { type Direction, walk } from "../model/walk";
import { newId, newIds } from "./ids";
import { defaultTarget } from "./inserting";
import type { Acts } from "./keys";
import { lasting, TO_VIEW, TO_ZOOM } from "./motion";
import type { Stage } from "./stage";

/** What the acts need of the canvas they act on. */
export interface Hands {
  session: Session;
  flow: ReactFlowInstance;
  stage: Stage;
  say(text: string): void;
  refuse(reason: string): void;
  reveal(id: string): void;
  /** Shows these layers, or all, as large as they fit. */
  show(ids?: readonly string[]): void;
  /** The same for all, once Python has said where they go. */
  showWhenAnswered(): void;
  chosenWire(): string | null;
  chooseWire(key: string | null): void;
  find(): void;
  connectTo(id: string): void;
  /** The middle of what is shown, on the screen. */
  middle(): { x: number; y: number };
  /** Closes the topmost thing; false when nothing is open. */
  closeTop(): boolean;
}

const ALIGNED: Record<Edge, string> = {
  left: "left edges", centre: "centres", right: "right edges", top: "top edges", middle: "middles", bottom: "bottom edges",
};
const WAYS: Record<Flowing, string> = { down: "Drawn from top to bottom", right: "Drawn from left to right" };

export function actsOf(hands: Hands): Acts {
  const { session, flow, stage, say, refuse, reveal } = hands;
  const chosen = () => session.selection;
  const layers = () => chosen().filter((id) => graph.nodeOf(session.doc, id));
  const nameOf = (id: string) => graph.nodeOf(session.doc, id)?.name ?? "the note";
  const places = () => placesOf(session);
  const arrange = (to: graph.Positions, words: string) => {
    if (session.edit(graph.move(to, session.positions))) say(words);
  };
  const flip = (field: "bypassed" | "frozen", on: string, off: string) => {
    const first = graph.nodeOf(session.doc, layers()[0] ?? "");
    if (!first) return;
    session.edit(graph.change(layers(), { [field]: !first[field] }));
    say(`${layers().length > 1 ? `${layers().length} layers` : first.name} ${first[field] ? off : on}`);
  };
  const tidy = (direction: Flowing | undefined, words: string) => {
    session.edit(graph.tidy(direction));
    say(words);
    hands.showWhenAnswered();
  };

  return {
    undo: () => session.undo(),
    redo: () => session.redo(),
    remove(heal) {
      const wire = session.doc.wires.find((each) => wireKey(each) === hands.chosenWire());
      if (wire && chosen().length === 0) {
        if (session.edit(graph.cut([wire]))) say("Connection cut");
        hands.chooseWire(null);
        return;
      }
      const ids = chosen();
      if (ids.length === 0) return;
      const reason = whyNotRemove(session.doc, ids, session.palette.kinds);
      if (reason) {
        refuse(reason);
        return;
      }
      const words = ids.length === 1 ? `${nameOf(ids[0] ?? "")} deleted` : `${ids.length} layers deleted`;
      const upstream = session.doc.wires.find((each) => ids.includes(each.target) && !ids.includes(each.source));
      if (session.edit(graph.remove(ids, heal), upstream ? [upstream.source] : [])) say(words);
    },
    duplicate() {
      const clip = copyOf(session.doc, chosen(), session.positions);
      if (clip.nodes.length + clip.notes.length === 0) return;
      const ids = newIds(clip.nodes.length + clip.notes.length);
      const words = contents(clip);
      session.edit(addCopies(clip, ids, WIDTH + 32, 0, session.positions), ids);
      say(`${words} duplicated`);
      if (ids[0]) reveal(ids[0]);
    },
    selectAll() {
      session.select([...session.doc.nodes, ...session.doc.notes].map(({ id }) => id));
      say(`${session.selection.length} chosen`);
    },
    bypass: () => flip("bypassed", "bypassed", "put back"),
    freeze: () => flip("frozen", "frozen", "unfrozen"),
    makeBlock: () => session.request("make_block", layers()),
    openUp: () => session.request("open_up", layers()),
    rename: () => stage.rename(chosen()[0] ?? null),
    settings() {
      const first = chosen()[0];
      if (first && session.doc.notes.some(({ id }) => id === first)) stage.rename(first);
      else focusInspector();
    },
    quickAdd() {
      const at = hands.middle();
      stage.quickAdd(defaultTarget(session), { x: at.x, y: Math.max(0, at.y - 200) });
    },
    note() {
      const at = flow.screenToFlowPosition(hands.middle());
      const id = newId();
      const snap = (value: number) => Math.round(value / GRID) * GRID;
      session.edit(graph.addNote(id, { x: snap(at.x - WIDTH / 2), y: snap(at.y - HEIGHT / 2) }), [id]);
      stage.rename(id);
      say("Note added");
    },
    connectTo() {
      const from = layers()[0];
      if (from && graph.outputsOf(graph.nodeOf(session.doc, from) as never, session.palette.kinds).length > 0) hands.connectTo(from);
      else if (from) refuse(`${nameOf(from)} gives nothing on.`);
    },
    walk(direction) {
      const next = walk(session.doc, session.positions, layers()[0], direction);
      if (!next) return;
      hands.chooseWire(null);
      session.select([next]);
      reveal(next);
    },
    nudge(direction) {
      const by = STEPS[direction];
      const to = new Map(chosen().flatMap((id) => {
        const at = places().get(id);
        return at ? [[id, { x: at.x + by.x, y: at.y + by.y }] as const] : [];
      }));
      session.edit(graph.move(to, session.positions));
    },
    align: (edge) => arrange(aligned(boxesOf(session), edge), `Aligned ${ALIGNED[edge]}`),
    distribute: (axis) => arrange(distributed(boxesOf(session), axis), `Spaced evenly ${axis === "x" ? "across" : "down"}`),
    tidy: () => tidy(undefined, "Drawing tidied"),
    turn() {
      const direction = session.doc.direction === "down" ? "right" : "down";
      tidy(direction, WAYS[direction]);
    },
    fit: () => hands.show(),
    actual: () => void flow.zoomTo(1, lasting(TO_VIEW)),
    toSelection: () => chosen().length > 0 && hands.show(chosen()),
    zoom: (factor) => void flow.zoomTo(flow.getZoom() * factor, lasting(TO_ZOOM)),
    problem(step) {
      const ill = session.doc.nodes.filter((node) => session.info.nodes[node.id]?.problems.length);
      const at = ill.findIndex((node) => node.id === chosen()[0]);
      const next = ill[at < 0 ? (step > 0 ? 0 : ill.length - 1) : (at + step + ill.length) % ill.length];
      if (!next) {
        say("There are no problems in this drawing.");
        return;
      }
      session.select([next.id]);
      reveal(next.id);
      say(`${next.name}: ${session.info.nodes[next.id]?.problems.map(({ what }) => what).join(" ")}`);
    },
    find: () => hands.find(),
    menu() {
      const first = chosen()[0];
      const at = first === undefined ? undefined : places().get(first);
      if (first === undefined || !at) stage.menu({ at: flow.screenToFlowPosition(hands.middle()) }, hands.middle());
      else stage.menu({ node: first }, flow.flowToScreenPosition({ x: at.x + WIDTH / 2, y: at.y + HEIGHT / 2 }));
    },
    escape() {
      if (hands.closeTop()) return;
      if (hands.chosenWire() !== null || chosen().length > 0) {
        hands.chooseWire(null);
        session.select([]);
      } else if (session.inside) session.request("leave", []);
    },
  };
}

const STEPS: Record<Direction, { x: number; y: number }> = {
  left: { x: -GRID, y: 0 },
  right: { x: GRID, y: 0 },
  up: { x: 0, y: -GRID },
  down: { x: 0, y: GRID },
};

/** Where layers and notes are shown. */
export function placesOf(session: Session): Map<string, { x: number; y: number }> {
  return new Map([...session.positions, ...session.doc.notes.map(({ id, x, y }) => [id, { x, y }] as const)]);
}

function boxesOf(session: Session): Box[] {
  const places = placesOf(session);
  return session.selection.flatMap((id) => {
    const at = places.get(id);
    return at ? [{ id, ...at, width: WIDTH, height: HEIGHT }] : [];
  });
}

/** Moves the focus to the first setting of the chosen layer, which Streamlit draws outside the canvas. */
function focusInspector(): void {
  document.querySelector<HTMLElement>(".st-key-layer_settings input, .st-key-layer_settings button")?.focus();
}
