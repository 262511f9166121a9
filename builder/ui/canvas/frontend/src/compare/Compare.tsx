// Two drawings as one, to look at: what was added, removed and changed is marked; nothing can be edited.
import { Background, BackgroundVariant, Controls, ReactFlow, ReactFlowProvider, useReactFlow, useStore, useStoreApi, type Viewport } from "@xyflow/react";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";

import { HEIGHT, opening, READABLE, settle, WIDTH } from "../model/place";
import type { CanvasData, Doc, Palette } from "../model/protocol";
import { wireKey } from "../model/protocol";
import { lanes } from "../model/route";
import { type Direction, walk } from "../model/walk";
import { lasting, TO_VIEW, TO_ZOOM } from "../view/motion";
import { iconOf } from "../view/Palette";
import { CompareLayer, type CompareNode } from "./CompareLayer";
import { CompareWire, type CompareEdge } from "./CompareWire";
import { inOrder, type Marks, next, reading } from "./marks";

const NODE_TYPES = { compared: CompareLayer };
const EDGE_TYPES = { compared: CompareWire };
const BARE = { hideAttribution: true };
const MOUSE = [0, 1];
const FIT = { padding: { top: "32px", right: "48px", bottom: "72px", left: "48px" }, maxZoom: 1, minZoom: 0.1 } as const;
const ARROWS: Record<string, Direction> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };
const NONE: Marks = { layers: {}, wires: {} };

export function Compare({ data }: { data: CanvasData }) {
  return (
    <ReactFlowProvider>
      <Compared data={data} key={data.where} />
    </ReactFlowProvider>
  );
}

function Compared({ data }: { data: CanvasData }) {
  const flow = useReactFlow();
  const store = useStoreApi();
  const [chosen, choose] = useState("");
  const [palette, setPalette] = useState<Palette | null>(data.palette);
  useEffect(() => {
    if (data.palette) setPalette(data.palette);
  }, [data.palette]);
  const marks = data.compared ?? NONE;
  const doc = useMemo(() => docOf(data), [data]);
  const places = useMemo(() => settle(doc, data.layout), [doc, data]);
  const order = useMemo(() => inOrder(marks, places, data.direction), [marks, places, data.direction]);
  const nodes = useMemo(() => layers(data, palette, places, chosen), [data, palette, places, chosen]);
  const edges = useMemo(() => wires(data, marks, places), [data, marks, places]);

  const reveal = useCallback(
    (id: string) => {
      const at = places.get(id);
      if (!at) return;
      choose(id);
      const zoom = Math.max(flow.getZoom(), READABLE);
      void flow.setCenter(at.x + WIDTH / 2, at.y + HEIGHT / 2, { zoom, ...lasting(TO_VIEW) });
    },
    [flow, places],
  );
  const asked = useRef(data.select.n);
  useEffect(() => {
    if (data.select.n === asked.current) return;
    asked.current = data.select.n;
    const [id] = data.select.ids;
    if (id) reveal(id);
  }, [data.select, reveal]);

  const onKey = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    const act: (() => void) | undefined =
      event.ctrlKey || event.metaKey || event.altKey
        ? undefined
        : arrow
          ? () => reveal(walk(doc, places, chosen || undefined, arrow) ?? "")
          : {
              n: () => reveal(next(order, chosen, 1) ?? ""),
              p: () => reveal(next(order, chosen, -1) ?? ""),
              "0": () => void flow.fitView({ ...FIT, ...lasting(TO_VIEW) }),
              "1": () => void flow.zoomTo(1, lasting(TO_ZOOM)),
              "+": () => void flow.zoomTo(flow.getZoom() * 1.2, lasting(TO_ZOOM)),
              "-": () => void flow.zoomTo(flow.getZoom() / 1.2, lasting(TO_ZOOM)),
              Escape: () => choose(""),
            }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };

  const view = useMemo(() => savedView(data.where), [data.where]);
  const open = useCallback(() => {
    const { width, height } = store.getState();
    void flow.setViewport(opening(places, width, height));
  }, [flow, places, store]);
  return (
    <div className="loom is-comparing">
      <div className="surface" tabIndex={0} role="listbox" onKeyDown={onKey}
        aria-label="Both drawings in one. Arrow keys walk along the connections, n and p go to the next and previous difference."
        aria-activedescendant={chosen ? `layer-${chosen}` : undefined}>
        <ReactFlow<CompareNode, CompareEdge>
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          nodesDraggable={false}
          nodesConnectable={false}
          elementsSelectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={null}
          panOnScroll
          panOnDrag={MOUSE}
          zoomOnDoubleClick={false}
          minZoom={0.1}
          maxZoom={2}
          onNodeClick={(_, node) => choose(node.id)}
          onPaneClick={() => choose("")}
          onMoveEnd={(_, now) => saveView(data.where, now)}
          {...(view ? { defaultViewport: view } : { onInit: open })}
          proOptions={BARE}
        >
          <Background variant={BackgroundVariant.Dots} gap={24} size={1.2} />
          <Controls showInteractive={false} fitViewOptions={FIT} />
          <Detail />
        </ReactFlow>
        <Legend marks={marks} />
      </div>
    </div>
  );
}

function layers(data: CanvasData, palette: Palette | null, places: ReadonlyMap<string, { x: number; y: number }>, chosen: string): CompareNode[] {
  return data.nodes.map((node) => {
    const kind = palette?.kinds[node.kind];
    const told = data.info.nodes[node.id];
    const mark = data.compared?.layers[node.id];
    const title = kind?.title ?? (node.kind === "block" ? "Block" : node.kind);
    const line = [title, told?.brief ?? ""].filter(Boolean).join(" · ");
    return {
      id: node.id,
      type: "compared",
      position: places.get(node.id) ?? { x: 0, y: 0 },
      width: WIDTH,
      height: HEIGHT,
      data: {
        name: node.name,
        line,
        family: kind?.family ?? "block",
        icon: palette ? iconOf(palette, node.kind) : "widgets",
        parameters: told?.parameters ?? "",
        inputs: kind ? kind.inputs.map(({ name }) => name) : (node.ports?.inputs ?? []).map(({ name }) => name),
        outputs: kind ? kind.outputs : (node.ports?.outputs ?? []),
        bypassed: node.bypassed,
        chosen: node.id === chosen,
        mark,
        reading: reading(node.name, line, mark),
        direction: data.direction,
      },
    };
  });
}

function docOf({ nodes, wires, notes, direction }: CanvasData): Doc {
  return { nodes, wires, notes, direction };
}

function wires(data: CanvasData, marks: Marks, places: ReturnType<typeof settle>): CompareEdge[] {
  const side = lanes(docOf(data), places);
  return data.wires.map((wire) => {
    const id = wireKey(wire);
    return {
      id,
      type: "compared",
      source: wire.source,
      target: wire.target,
      sourceHandle: wire.source_port,
      targetHandle: wire.target_port,
      data: { lane: side.get(id), direction: data.direction, label: data.info.wires[id]?.label ?? "", mark: marks.wires[id] },
    };
  });
}

/** The three marks with their words, as far as they are used. */
function Legend({ marks }: { marks: Marks }) {
  const used = new Set(Object.values(marks.layers).map(({ how }) => how));
  const rows = (["added", "removed", "changed"] as const).filter((how) => used.has(how));
  if (rows.length === 0) return null;
  return (
    <ul className="legend" aria-hidden="true">
      {rows.map((how) => (
        <li key={how} className={`is-${how}`}>
          <span className="legend-box" />
          {how}
        </li>
      ))}
    </ul>
  );
}

function Detail() {
  const level = useStore(({ transform }) => (transform[2] >= READABLE ? "full" : transform[2] >= 0.35 ? "brief" : "dot"));
  const box = useStore(({ domNode }) => domNode);
  useEffect(() => {
    if (box) box.dataset["detail"] = level;
  }, [box, level]);
  return null;
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
