// What is drawn, from the session: flow nodes and edges that keep their identity while nothing about them changes.
import type { CompareNode } from "../compare/CompareLayer";
import type { CompareEdge } from "../compare/CompareWire";
import { reading as readMark, told } from "../compare/marks";
import { ghostPlaces } from "../model/ghost";
import { inputsOf, outputsOf } from "../model/graph";
import type { LoomNode } from "../model/protocol";
import { wireKey } from "../model/protocol";
import { isBlock, timesOf } from "../model/blocks";
import { HEIGHT, WIDTH } from "../model/place";
import { gapLane, labelShifts, lanes } from "../model/route";
import { isUnwired } from "../model/rules";
import type { Session } from "../model/session";
import type { LayerData, LayerFlowNode } from "./LayerNode";
import type { NoteFlowNode } from "./NoteCard";
import { iconOf } from "./Palette";
import type { WireData, WireFlowEdge } from "./WireEdge";

export type GhostNode = Omit<CompareNode, "type"> & { type: "ghost" };
export type GhostEdge = Omit<CompareEdge, "type"> & { type: "ghost" };

const UNTOUCHED = { draggable: false, selectable: false, connectable: false, style: { pointerEvents: "none" } } as const;
const WORST = { error: 0, warning: 1, hint: 2 };

/** Builds flow objects, and gives back the old one where the new one says the same. */
export class Describer {
  private nodes = new Map<string, { text: string; node: LayerFlowNode }>();
  private cards = new Map<string, { text: string; node: NoteFlowNode }>();
  private edges = new Map<string, { text: string; edge: WireFlowEdge }>();

  layers(session: Session): LayerFlowNode[] {
    const chosen = new Set(session.selection);
    const wiring = new Wiring(session);
    const fresh = new Map<string, { text: string; node: LayerFlowNode }>();
    for (const each of session.doc.nodes) {
      const position = session.positions.get(each.id) ?? { x: 0, y: 0 };
      const selected = chosen.has(each.id);
      const data = layerData(session, each, wiring);
      const text = JSON.stringify(data);
      const old = this.nodes.get(each.id);
      const { node } = old ?? {};
      const stays = node && node.selected === selected && node.position.x === position.x && node.position.y === position.y;
      fresh.set(
        each.id,
        old?.text === text && stays
          ? old
          : { text, node: { id: each.id, type: "layer", position, selected, data: old?.text === text ? old.node.data : data, width: WIDTH, height: HEIGHT } },
      );
    }
    this.nodes = fresh;
    return [...fresh.values()].map(({ node }) => node);
  }

  notes(session: Session): NoteFlowNode[] {
    const chosen = new Set(session.selection);
    const fresh = new Map<string, { text: string; node: NoteFlowNode }>();
    for (const { id, text: words, x, y } of session.doc.notes) {
      const text = JSON.stringify([words, x, y, chosen.has(id)]);
      const old = this.cards.get(id);
      const node: NoteFlowNode = { id, type: "note", position: { x, y }, selected: chosen.has(id), data: { text: words }, width: WIDTH, initialHeight: HEIGHT };
      fresh.set(id, old?.text === text ? old : { text, node });
    }
    this.cards = fresh;
    return [...fresh.values()].map(({ node }) => node);
  }

  wires(session: Session, selected: string | null, aimed: string | null): WireFlowEdge[] {
    const side = lanes(session.doc, session.positions);
    const told = session.info.wires;
    const shifts = labelShifts(session.doc, session.positions, side, (id) => told[id]?.problem || told[id]?.label || "");
    const fresh = new Map<string, { text: string; edge: WireFlowEdge }>();
    const names = new Map(session.doc.nodes.map((node) => [node.id, node.name]));
    for (const wire of session.doc.wires) {
      const id = wireKey(wire);
      const info = told[id];
      const data: WireData = {
        wire,
        lane: side.get(id),
        shift: shifts.get(id),
        direction: session.doc.direction,
        label: info?.label ?? "",
        hover: info?.hover ?? "",
        problem: info?.problem ?? "",
        words: `between ${names.get(wire.source) ?? ""} and ${names.get(wire.target) ?? ""}`,
        aimed: id === aimed,
        cut: session.ghost?.marks.wires[id]?.how === "removed",
      };
      const text = JSON.stringify([data, id === selected]);
      const old = this.edges.get(id);
      const edge: WireFlowEdge = {
        id,
        type: "wire",
        source: wire.source,
        target: wire.target,
        sourceHandle: wire.source_port,
        targetHandle: wire.target_port,
        selected: id === selected,
        data,
      };
      fresh.set(id, old?.text === text ? old : { text, edge });
    }
    this.edges = fresh;
    return [...fresh.values()].map(({ edge }) => edge);
  }
}

/** What a fix that is looked at would add; drawn over the drawing, and never to be held or chosen. */
export function ghosts(session: Session): { nodes: GhostNode[]; wires: GhostEdge[] } {
  const { ghost, palette, doc } = session;
  if (!ghost) return { nodes: [], wires: [] };
  const places = ghostPlaces(ghost, session.positions, doc.direction);
  const nodes = ghost.nodes.map((node): GhostNode => {
    const kind = palette.kinds[node.kind];
    const line = kind?.title ?? (isBlock(node) ? node.look?.title || "Block" : node.kind);
    const mark = ghost.marks.layers[node.id];
    const data = {
      name: node.name, line, family: kind?.family ?? "block", icon: iconOf(palette, node.kind), parameters: "",
      inputs: inputsOf(node, palette.kinds).map(({ name }) => name), outputs: outputsOf(node, palette.kinds),
      bypassed: false, chosen: false, mark, reading: `Preview: ${readMark(node.name, line, mark)}`, direction: doc.direction, ghost: true,
    };
    return { id: node.id, type: "ghost", position: places.get(node.id) ?? { x: 0, y: 0 }, width: WIDTH, height: HEIGHT, data, ...UNTOUCHED };
  });
  const wires = ghost.wires.map((wire): GhostEdge => {
    const id = wireKey(wire);
    const from = places.get(wire.source) ?? session.positions.get(wire.source);
    const to = places.get(wire.target) ?? session.positions.get(wire.target);
    const lane = from && to && gapLane(from, to, doc.direction);
    const data = { lane, direction: doc.direction, label: "", mark: ghost.marks.wires[id] };
    const { source, target, source_port: sourceHandle, target_port: targetHandle } = wire;
    return { id: `ghost ${id}`, type: "ghost", source, target, sourceHandle, targetHandle, data, selectable: false, reconnectable: false, zIndex: 1 };
  });
  return { nodes, wires };
}

/** Names, and what goes into and out of each layer, looked up once for all of them. */
class Wiring {
  private names = new Map<string, string>();
  private ports = new Map<string, string[]>();
  private fed = new Map<string, string[]>();

  constructor({ doc }: Session) {
    for (const { id, name } of doc.nodes) this.names.set(id, name);
    for (const { source, target, target_port } of doc.wires) {
      added(this.ports, target).push(target_port);
      added(this.fed, source).push(this.names.get(target) ?? "");
    }
  }

  /** Ports of a layer that something goes into. */
  wired(id: string): string[] {
    return this.ports.get(id) ?? [];
  }

  /** Names of the layers that a layer feeds. */
  feeds(id: string): string[] {
    return this.fed.get(id) ?? [];
  }
}

function added(lists: Map<string, string[]>, id: string): string[] {
  const list = lists.get(id) ?? [];
  lists.set(id, list);
  return list;
}

function layerData(session: Session, node: LoomNode, wiring: Wiring): LayerData {
  const { palette, info, doc } = session;
  const kind = palette.kinds[node.kind];
  const told = info.nodes[node.id];
  const brief = told?.brief ?? kind?.brief ?? "";
  const title = kind?.title ?? (isBlock(node) ? node.look?.title || "Block" : node.kind);
  const problems = [...(told?.problems ?? [])].sort((a, b) => WORST[a.severity] - WORST[b.severity]);
  const line = [title, brief].filter(Boolean).join(" · ");
  const wired = wiring.wired(node.id);
  const ends = wiring.feeds(node.id).length === 0;
  const data: LayerData = {
    name: node.name,
    kind: node.kind,
    family: kind?.family ?? "block",
    icon: iconOf(palette, node.kind),
    line,
    tip: [node.name, line, told?.output && `gives ${told.output}`, ...problems.map(({ what }) => what)].filter(Boolean).join("\n"),
    parameters: told?.parameters ?? "",
    exact: told?.exact ?? "",
    inputs: inputsOf(node, palette.kinds),
    outputs: outputsOf(node, palette.kinds),
    wired,
    ends,
    bypassed: node.bypassed,
    frozen: node.frozen,
    shared: node["share_weights"] === true,
    unwired: ends && isUnwired(node, wired, palette.kinds),
    waiting: told?.waiting ? `waiting for ${told.waiting}` : "",
    problems,
    repeat: timesOf(node),
    lines: node.look?.lines ?? [],
    reading: "",
    direction: doc.direction,
    mark: session.ghost?.marks.layers[node.id],
  };
  return { ...data, reading: reading(node, data, told?.output ?? "", wiring.feeds(node.id)) };
}

/** "conv1, Conv2d, 32 filters, output 32 by 14 by 14, 1 error, connected to relu1". */
function reading(node: LoomNode, data: LayerData, output: string, fed: readonly string[]): string {
  const counts = (["error", "warning", "hint"] as const).flatMap((severity) => {
    const count = data.problems.filter((each) => each.severity === severity).length;
    return count ? [`${count} ${severity}${count > 1 ? "s" : ""}`] : [];
  });
  return [
    node.name,
    ...data.line.split(" · "),
    data.repeat && `repeated ${data.repeat.slice(1)} times`,
    data.bypassed && "bypassed",
    data.frozen && "frozen",
    data.unwired && "not connected yet",
    output && `output ${output.replaceAll("×", " by ")}`,
    ...counts,
    data.mark && `in the preview ${told(data.mark)}`,
    fed.length > 0 && `connected to ${fed.join(", ")}`,
  ]
    .filter(Boolean)
    .join(", ");
}
