// The drawing surface: React Flow with our layers and wires. The only file that knows how React Flow works.
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  type EdgeChange,
  MiniMap,
  type NodeChange,
  type OnConnectStartParams,
  ReactFlow,
  SelectionMode,
  useConnection,
  useReactFlow,
  useStore,
  useStoreApi,
  useUpdateNodeInternals,
  type Viewport,
  ViewportPortal,
} from "@xyflow/react";
import { type DragEvent, type MouseEvent, type TouchEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import { CompareLayer } from "../compare/CompareLayer";
import { CompareWire } from "../compare/CompareWire";
import { addCopies, copyOf } from "../model/clip";
import { isBlock } from "../model/blocks";
import { connect, cut, inputsOf, move, nodeOf, outputsOf, replug } from "../model/graph";
import { GRID, HEIGHT, opening, READABLE, WIDTH } from "../model/place";
import type { Pulled } from "../model/connecting";
import type { Wire } from "../model/protocol";
import { wireKey } from "../model/protocol";
import { corners, distanceTo, ends, labelPoint, type Point } from "../model/route";
import { whyNotConnect } from "../model/rules";
import type { Session } from "../model/session";
import { placesOf } from "./actions";
import { Describer, type GhostEdge, type GhostNode, ghosts } from "./describe";
import { Icon } from "./Icon";
import { newIds } from "./ids";
import { LayerNode, type LayerFlowNode } from "./LayerNode";
import { isStill } from "./motion";
import { NoteCard, type NoteFlowNode } from "./NoteCard";
import { dragged } from "./Palette";
import { useStage } from "./stage";
import { WireEdge, type WireFlowEdge } from "./WireEdge";

export type FlowNode = LayerFlowNode | NoteFlowNode | GhostNode;
type FlowEdge = WireFlowEdge | GhostEdge;

const NODE_TYPES = { layer: LayerNode, note: NoteCard, ghost: CompareLayer };
const EDGE_TYPES = { wire: WireEdge, ghost: CompareWire };
const AIM = 28;
/** Half the size of the label of a wire. */
const LABEL = { x: 60, y: 12 };
// Constants and stable callbacks: React Flow tells all its nodes whenever one of its properties is a new object.
const SNAP: [number, number] = [GRID, GRID];
const PAN_BUTTONS = [0, 1];
const BARE = { hideAttribution: true };
/** Milliseconds in which layers glide to places given by a layout, and the least way worth it. */
const GLIDE = 250;
const GLIDE_FROM = 24;
/** Milliseconds after which a finger that rests opens the menu, and how far it may tremble. */
const LONG_PRESS = 500;
const TREMBLE = 8;

export interface FlowProps {
  version: number;
  chosenWire: string | null;
  chooseWire(key: string | null): void;
  minimap: boolean;
  empty: boolean;
  say(text: string): void;
  refuse(reason: string): void;
}

export function Flow({ version, chosenWire, chooseWire, minimap, empty, say, refuse }: FlowProps) {
  const stage = useStage();
  const { session, connecting } = stage;
  const flow = useReactFlow();
  const describer = useMemo(() => new Describer(), []);
  const [aimed, aim] = useState<string | null>(null);
  const [nodes, setNodes] = useState<FlowNode[]>([]);
  const glide = useRef(0);
  const store = useStoreApi<FlowNode>();
  const shownNodes = useRef(nodes);
  const draw = useCallback((next: FlowNode[]) => {
    shownNodes.current = next;
    setNodes(next);
  }, []);
  const replugging = useRef<Wire | null>(null);
  const { direction } = session.doc;
  const copying = useRef(false);
  const dropped = useRef(false);
  const hint = useRef("");

  useLayoutEffect(() => {
    const fresh = [...describer.layers(session), ...describer.notes(session), ...ghosts(session).nodes];
    const from = new Map(shownNodes.current.map((node) => [node.id, node]));
    cancelAnimationFrame(glide.current);
    if (isStill() || !fresh.some((node) => isFar(node, from.get(node.id)))) {
      draw(merge(fresh, shownNodes.current));
      return;
    }
    const began = performance.now();
    const step = () => {
      const share = Math.min(1, (performance.now() - began) / GLIDE);
      draw(merge(share === 1 ? fresh : between(from, fresh, 1 - (1 - share) ** 3), shownNodes.current));
      if (share < 1) glide.current = requestAnimationFrame(step);
    };
    step();
  }, [describer, draw, session, version]);
  useEffect(() => () => cancelAnimationFrame(glide.current), []);
  const updateInternals = useUpdateNodeInternals();
  useEffect(() => updateInternals(session.doc.nodes.map(({ id }) => id)), [direction, session, updateInternals]);
  const wires = useMemo(
    () => describer.wires(session, chosenWire, aimed),
    // `version` stands for everything in the session.
    [describer, session, version, chosenWire, aimed],
  );
  const edges = useMemo<FlowEdge[]>(() => [...wires, ...ghosts(session).wires], [wires, session, version]);

  const onNodesChange = useCallback(
    (changes: NodeChange<FlowNode>[]) => {
      const picks = changes.filter((each) => each.type === "select");
      if (picks.length > 0) {
        const chosen = new Set(session.selection);
        for (const each of picks) each.selected ? chosen.add(each.id) : chosen.delete(each.id);
        session.select([...session.doc.nodes, ...session.doc.notes].map(({ id }) => id).filter((id) => chosen.has(id)));
        if (chosen.size > 0) chooseWire(null);
      }
      const rest = changes.filter((each) => each.type === "position" || each.type === "dimensions");
      if (rest.length === 0) return;
      const next = applyNodeChanges(rest, shownNodes.current);
      if (!rest.every(isUnderway)) return draw(next);
      // Straight to the surface: drawing this component again for each step of a drag would cost as much as the step.
      shownNodes.current = next;
      store.getState().setNodes(next);
    },
    [session, chooseWire, draw, store],
  );
  const onEdgesChange = useCallback(
    (changes: EdgeChange<FlowEdge>[]) => {
      for (const each of changes) {
        if (each.type === "select") chooseWire(each.selected ? each.id : null);
      }
    },
    [chooseWire],
  );

  const onNodeDragStop = useCallback(
    (_: unknown, __: unknown, moved: FlowNode[]) => {
      const to = new Map(moved.map((node) => [node.id, node.position]));
      const shown = placesOf(session);
      const still = moved.every((node) => {
        const at = shown.get(node.id);
        return at && Math.abs(at.x - node.position.x) < 1 && Math.abs(at.y - node.position.y) < 1;
      });
      if (still) return;
      if (!copying.current) {
        session.edit(move(to, session.positions));
        return;
      }
      const first = moved[0];
      const from = first && shown.get(first.id);
      if (!first || !from) return;
      const clip = copyOf(session.doc, moved.map((node) => node.id), session.positions);
      const ids = newIds(clip.nodes.length + clip.notes.length);
      draw([...describer.layers(session), ...describer.notes(session)]);
      session.edit(addCopies(clip, ids, first.position.x - from.x, first.position.y - from.y, session.positions), ids);
    },
    [session, describer, draw],
  );

  const asWire = (link: Connection): Wire => ({
    source: link.source,
    target: link.target,
    source_port: link.sourceHandle ?? "out",
    target_port: link.targetHandle ?? "in",
  });
  const why = useCallback(
    (link: Connection, old?: Wire) => {
      const doc = old ? (cut([old])(session.doc) ?? session.doc) : session.doc;
      return whyNotConnect(doc, asWire(link), session.palette.kinds, session.info);
    },
    [session],
  );
  const isValid = useCallback(
    (link: Connection | FlowEdge) => {
      const reason = why(link as Connection, replugging.current ?? undefined);
      hint.current = reason ?? "";
      return reason === null;
    },
    [why],
  );
  const onConnect = useCallback(
    (link: Connection) => {
      dropped.current = true;
      const wire = asWire(link);
      if (session.edit(connect(wire, session.palette.kinds))) {
        say(`${nodeOf(session.doc, wire.source)?.name} connected to ${nodeOf(session.doc, wire.target)?.name}`);
      }
    },
    [session, say],
  );
  const onConnectStart = useCallback(
    (_: unknown, params: OnConnectStartParams) => {
      dropped.current = false;
      hint.current = "";
      if (!params.nodeId || !params.handleId || !params.handleType) return;
      const pulled = { node: params.nodeId, port: params.handleId, side: params.handleType };
      connecting.start(pulled, reasonsFor(session, pulled, replugging.current));
    },
    [connecting, session],
  );
  const onConnectEnd = useCallback(
    (event: globalThis.MouseEvent | globalThis.TouchEvent, state: { toNode: unknown; isValid: boolean | null }) => {
      const pulled = connecting.pulled;
      connecting.end();
      if (dropped.current || !pulled || replugging.current) return;
      if (hint.current && state.toNode) {
        refuse(hint.current);
        return;
      }
      if (state.toNode) return;
      const point = "changedTouches" in event ? event.changedTouches[0] : event;
      if (!point) return;
      const screen = { x: point.clientX, y: point.clientY };
      const at = flow.screenToFlowPosition({ x: screen.x - WIDTH / 2, y: screen.y });
      stage.quickAdd({ from: pulled, at: snapped(at) }, screen);
    },
    [connecting, flow, refuse, stage],
  );
  const onReconnect = useCallback(
    (edge: FlowEdge, link: Connection) => {
      dropped.current = true;
      const wire = asWire(link);
      const old = wireOf(edge);
      if (!old || !session.edit(replug(old, wire, session.palette.kinds))) return;
      say(`${nodeOf(session.doc, wire.source)?.name} connected to ${nodeOf(session.doc, wire.target)?.name}`);
    },
    [session, say],
  );
  const onReconnectStart = useCallback((_: unknown, edge: FlowEdge) => {
    dropped.current = false;
    replugging.current = wireOf(edge) ?? null;
  }, []);
  const onReconnectEnd = useCallback(
    (_: unknown, edge: FlowEdge, __: unknown, state: { toNode: unknown }) => {
      connecting.end();
      replugging.current = null;
      const old = wireOf(edge);
      if (dropped.current || !old) return;
      if (state.toNode) refuse(hint.current || "That port does not take this connection.");
      else if (session.edit(cut([old]))) say("Connection cut");
    },
    [connecting, session, say, refuse],
  );

  const drawn = useRef(wires);
  drawn.current = wires;
  const onDragOver = useCallback(
    (event: DragEvent) => {
      if (!dragged.kind) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const wire = wireAt(session, drawn.current, at);
      aim(wire && wireKey(wire));
    },
    [flow, session],
  );
  const onDragLeave = useCallback(() => aim(null), []);
  const onDrop = useCallback(
    (event: DragEvent) => {
      if (!dragged.kind) return;
      event.preventDefault();
      aim(null);
      const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const wire = wireAt(session, drawn.current, at);
      const free = snapped({ x: at.x - WIDTH / 2, y: at.y - HEIGHT / 2 });
      stage.insert(dragged.kind, wire ? { into: wire } : { at: free });
      dragged.kind = "";
    },
    [flow, session, stage],
  );
  const onNodeDragStart = useCallback((event: { altKey: boolean }) => {
    copying.current = event.altKey;
  }, []);
  const onNodeClick = useCallback(
    (event: { shiftKey: boolean }, node: FlowNode) => {
      if (!event.shiftKey) session.select([node.id]);
    },
    [session],
  );
  const onNodeDoubleClick = useCallback(
    (_: unknown, node: FlowNode) => (isBlock(nodeOf(session.doc, node.id)) ? stage.enter(node.id) : stage.rename(node.id)),
    [session, stage],
  );
  const onPaneClick = useCallback(
    (event: MouseEvent) => {
      chooseWire(null);
      if (event.detail !== 2) return;
      const screen = { x: event.clientX, y: event.clientY };
      const at = flow.screenToFlowPosition({ x: screen.x - WIDTH / 2, y: screen.y - HEIGHT / 2 });
      stage.quickAdd({ at: snapped(at) }, screen);
    },
    [chooseWire, flow, stage],
  );

  const onNodeContextMenu = useCallback(
    (event: MouseEvent, node: FlowNode) => {
      event.preventDefault();
      stage.menu({ node: node.id }, { x: event.clientX, y: event.clientY });
    },
    [stage],
  );
  const onEdgeContextMenu = useCallback(
    (event: MouseEvent, edge: FlowEdge) => {
      event.preventDefault();
      const wire = wireOf(edge);
      if (wire) stage.menu({ wire }, { x: event.clientX, y: event.clientY });
    },
    [stage],
  );
  const groundMenu = useCallback(
    (screen: Point) => {
      const at = flow.screenToFlowPosition({ x: screen.x - WIDTH / 2, y: screen.y - HEIGHT / 2 });
      stage.menu({ at: snapped(at) }, screen);
    },
    [flow, stage],
  );
  const onPaneContextMenu = useCallback(
    (event: { preventDefault(): void; clientX: number; clientY: number }) => {
      event.preventDefault();
      groundMenu({ x: event.clientX, y: event.clientY });
    },
    [groundMenu],
  );
  // Listened to on the way down: what drags a layer keeps its touches to itself.
  const press = useRef<{ timer: number; x: number; y: number } | null>(null);
  const rested = useRef(false);
  const letGo = useCallback(() => {
    if (press.current) clearTimeout(press.current.timer);
    press.current = null;
  }, []);
  const onTouchStart = useCallback(
    (event: TouchEvent) => {
      letGo();
      rested.current = false;
      const touch = event.touches[0];
      if (event.touches.length !== 1 || !touch) return;
      const screen = { x: touch.clientX, y: touch.clientY };
      const on = event.target as HTMLElement;
      const timer = window.setTimeout(() => {
        rested.current = true;
        const node = on.closest<HTMLElement>(".react-flow__node")?.dataset["id"];
        const key = on.closest<HTMLElement>(".react-flow__edge")?.dataset["id"];
        const wire = session.doc.wires.find((each) => wireKey(each) === key);
        if (node) stage.menu({ node }, screen);
        else if (wire) stage.menu({ wire }, screen);
        else if (on.closest(".react-flow__pane")) groundMenu(screen);
      }, LONG_PRESS);
      press.current = { timer, ...screen };
    },
    [groundMenu, letGo, session, stage],
  );
  const onTouchEnd = useCallback(
    (event: TouchEvent) => {
      letGo();
      // No click follows: it would press what has come up under the finger.
      if (rested.current && event.cancelable) event.preventDefault();
      rested.current = false;
    },
    [letGo],
  );
  const onTouchMove = useCallback(
    (event: TouchEvent) => {
      const touch = event.touches[0];
      const from = press.current;
      if (from && touch && Math.hypot(touch.clientX - from.x, touch.clientY - from.y) > TREMBLE) letGo();
    },
    [letGo],
  );

  const view = useMemo(() => savedView(session.where), [session.where]);
  const open = useCallback(() => {
    const { width, height } = store.getState();
    void flow.setViewport(opening(session.positions, width, height));
  }, [flow, session, store]);
  const onMoveEnd = useCallback((_: unknown, now: Viewport) => saveView(session.where, now), [session]);

  return (
    <ReactFlow<FlowNode, FlowEdge>
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      edgeTypes={EDGE_TYPES}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      onNodeDragStart={onNodeDragStart}
      onNodeDragStop={onNodeDragStop}
      onNodeClick={onNodeClick}
      onNodeDoubleClick={onNodeDoubleClick}
      onPaneClick={onPaneClick}
      onNodeContextMenu={onNodeContextMenu}
      onEdgeContextMenu={onEdgeContextMenu}
      onPaneContextMenu={onPaneContextMenu}
      onTouchStartCapture={onTouchStart}
      onTouchMoveCapture={onTouchMove}
      onTouchEndCapture={onTouchEnd}
      onTouchCancelCapture={letGo}
      isValidConnection={isValid}
      onConnect={onConnect}
      onConnectStart={onConnectStart}
      onConnectEnd={onConnectEnd}
      onReconnect={onReconnect}
      onReconnectStart={onReconnectStart}
      onReconnectEnd={onReconnectEnd}
      onDragOver={onDragOver}
      onDragLeave={onDragLeave}
      onDrop={onDrop}
      onMoveEnd={onMoveEnd}
      {...(view ? { defaultViewport: view } : { onInit: open })}
      minZoom={0.1}
      maxZoom={2}
      snapToGrid
      snapGrid={SNAP}
      connectionRadius={28}
      reconnectRadius={10}
      connectOnClick={false}
      panOnScroll
      panOnDrag={PAN_BUTTONS}
      selectionMode={SelectionMode.Partial}
      selectionKeyCode="Shift"
      multiSelectionKeyCode="Shift"
      panActivationKeyCode="Space"
      zoomOnDoubleClick={false}
      deleteKeyCode={null}
      nodesFocusable={false}
      edgesFocusable={false}
      disableKeyboardA11y
      elevateEdgesOnSelect={false}
      proOptions={BARE}
    >
      <Background variant={BackgroundVariant.Dots} gap={24} size={1.2} />
      {minimap && (
        <MiniMap<FlowNode>
          pannable
          zoomable
          ariaLabel="Small map of the network"
          nodeClassName={mapClass}
          nodeBorderRadius={12}
        />
      )}
      <Detail />
      {empty && <FirstLayer />}
      <Hint text={hint} />
    </ReactFlow>
  );
}

/** The connection of the drawing that an edge stands for; none where a fix would only draw it. */
function wireOf(edge: FlowEdge): Wire | undefined {
  return edge.type === "ghost" ? undefined : edge.data?.wire;
}

function mapClass(node: FlowNode): string {
  if (node.type === "note") return "map-note";
  if (node.type === "ghost") return "map-ghost";
  const { data } = node as LayerFlowNode;
  return `map-${data.problems.length && !data.unwired ? data.problems[0]?.severity : data.family}`;
}

/** Whether a change is one step of a drag that goes on. */
function isUnderway(change: NodeChange<FlowNode>): boolean {
  return change.type === "position" && change.dragging === true;
}

/** New descriptions, keeping the place of a layer that is being dragged. */
function merge(fresh: FlowNode[], shown: FlowNode[]): FlowNode[] {
  const old = new Map(shown.map((node) => [node.id, node]));
  return fresh.map((node) => {
    const before = old.get(node.id);
    return before?.dragging ? { ...node, position: before.position, dragging: true } : node;
  });
}

function isFar(node: FlowNode, before: FlowNode | undefined): boolean {
  if (!before || before.dragging) return false;
  const { position: a } = node;
  const { position: b } = before;
  return Math.hypot(a.x - b.x, a.y - b.y) >= GLIDE_FROM;
}

/** The new descriptions on their way from where their layers were shown. */
function between(from: ReadonlyMap<string, FlowNode>, fresh: FlowNode[], share: number): FlowNode[] {
  return fresh.map((node) => {
    const a = from.get(node.id)?.position;
    const b = node.position;
    if (!a || (a.x === b.x && a.y === b.y)) return node;
    return { ...node, position: { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share } };
  });
}

/** The wire under a point, if one is near enough to be meant. */
function wireAt(session: Session, edges: readonly WireFlowEdge[], at: Point): Wire | null {
  let best: { wire: Wire; far: number } | null = null;
  for (const edge of edges) {
    const from = session.positions.get(edge.source);
    const to = session.positions.get(edge.target);
    if (!from || !to || !edge.data) continue;
    const { direction } = session.doc;
    const { start, end } = ends(from, to, direction);
    const way = corners(start, end, edge.data.lane, direction);
    const label = labelPoint(way, edge.data.shift);
    const onLabel = Math.abs(label.x - at.x) < LABEL.x && Math.abs(label.y - at.y) < LABEL.y;
    const far = onLabel ? 0 : distanceTo(way, at);
    if (far < AIM && (!best || far < best.far)) best = { wire: edge.data.wire, far };
  }
  return best?.wire ?? null;
}

function snapped(at: Point): Point {
  return { x: Math.round(at.x / GRID) * GRID, y: Math.round(at.y / GRID) * GRID };
}

function reasonsFor(session: Session, pulled: Pulled, old: Wire | null) {
  const reasons = new Map<string, string | null>();
  const { kinds } = session.palette;
  const doc = old ? (cut([old])(session.doc) ?? session.doc) : session.doc;
  for (const node of session.doc.nodes) {
    const ports = pulled.side === "source" ? inputsOf(node, kinds).map(({ name }) => name) : outputsOf(node, kinds);
    for (const port of ports) {
      const wire =
        pulled.side === "source"
          ? { source: pulled.node, source_port: pulled.port, target: node.id, target_port: port }
          : { source: node.id, source_port: port, target: pulled.node, target_port: pulled.port };
      reasons.set(`${node.id}.${port}`, whyNotConnect(doc, wire, kinds, session.info));
    }
  }
  return reasons;
}

/** Marks how much a node may show at this zoom; CSS does the rest, so zooming draws no node again. */
function Detail() {
  const level = useStore(({ transform }) => (transform[2] >= READABLE ? "full" : transform[2] >= 0.35 ? "brief" : "dot"));
  const box = useStore(({ domNode }) => domNode);
  useEffect(() => {
    if (box) box.dataset["detail"] = level;
  }, [box, level]);
  return null;
}

/** The one thing to do while there is nothing but Input and Output. */
function FirstLayer() {
  const stage = useStage();
  const places = [...stage.session.positions.values()];
  const x = Math.min(...places.map((at) => at.x)) + WIDTH / 2;
  const y = Math.max(...places.map((at) => at.y)) + HEIGHT + 40;
  return (
    <ViewportPortal>
      <button
        type="button"
        className="first-layer nodrag nopan"
        style={{ transform: `translate(-50%, 0) translate(${x}px, ${y}px)` }}
        onClick={(event) => stage.quickAdd(null, { x: event.clientX, y: event.clientY })}
      >
        <Icon name="add" />
        Add the first layer
      </button>
    </ViewportPortal>
  );
}

/** The reason beside the port over which a connection may not be dropped. */
function Hint({ text }: { text: { current: string } }) {
  const over = useConnection((state) =>
    state.inProgress && state.toHandle && !state.isValid ? `${state.to.x},${state.to.y}` : "",
  );
  if (!over || !text.current) return null;
  const [x, y] = over.split(",").map(Number);
  return (
    <ViewportPortal>
      <div className="hint" style={{ transform: `translate(${(x ?? 0) + 14}px, ${(y ?? 0) + 14}px)` }}>
        <Icon name="block" />
        {text.current}
      </div>
    </ViewportPortal>
  );
}

function savedView(where: string): Viewport | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(`layerloom.view.${where}`) ?? "null") as Viewport | null;
    return kept && [kept.x, kept.y, kept.zoom].every(Number.isFinite) ? kept : null;
  } catch {
    return null;
  }
}

function saveView(where: string, view: Viewport): void {
  try {
    sessionStorage.setItem(`layerloom.view.${where}`, JSON.stringify(view));
  } catch {
    // A browser without storage forgets the view; nothing else depends on it.
  }
}
