// The whole canvas: palette, drawing surface, toolbar, quick-add and the words read out.
import { ReactFlowProvider, useReactFlow, useStore } from "@xyflow/react";
import { type ClipboardEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";

import { Connecting } from "../model/connecting";
import * as graph from "../model/graph";
import { HEIGHT, WIDTH } from "../model/place";
import type { Wire } from "../model/protocol";
import { wireKey } from "../model/protocol";
import { whyNotRemove } from "../model/rules";
import type { Session } from "../model/session";
import { walk } from "../model/walk";
import { FIT, Flow } from "./Flow";
import { Icon } from "./Icon";
import { newId, newIds } from "./ids";
import { type Acts, inTextField, press } from "./keys";
import { Palette, Rail } from "./Palette";
import { QuickAdd } from "./QuickAdd";
import { Renaming, type Stage, StageContext, type Target } from "./stage";

const PALETTE_FROM = 760;
const RAIL_FROM = 480;
const QUICK_WIDTH = 320;
const QUICK_HEIGHT = 400;
/** Milliseconds after `g` in which a digit goes to a screen. */
const SCREEN_KEY = 1500;
const SMOOTH = { duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200 };

interface AppProps {
  session: Session;
  notice: { n: number; text: string; error: boolean } | null;
}

export function App(props: AppProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

interface QuickState {
  target: Target;
  at: { x: number; y: number };
  family: string;
}

function Canvas({ session, notice }: AppProps) {
  const version = useSyncExternalStore(session.subscribe, session.snapshot);
  const flow = useReactFlow();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [quick, setQuick] = useState<QuickState | null>(null);
  const renaming = useMemo(() => new Renaming(), []);
  const [chosenWire, chooseWire] = useState<string | null>(null);
  const [spoken, say] = useState("");
  const [toast, setToast] = useState("");
  const connecting = useMemo(() => new Connecting(), []);
  const focus = useCallback(() => box.current?.focus({ preventScroll: true }), []);
  const refuse = useCallback((reason: string) => {
    setToast(reason);
    say(reason);
  }, []);

  useEffect(() => {
    if (notice?.error) refuse(notice.text);
    else if (notice) say(notice.text);
  }, [notice?.n, refuse]);
  useEffect(() => {
    if (!toast) return undefined;
    const timer = setTimeout(() => setToast(""), 6000);
    return () => clearTimeout(timer);
  }, [toast]);

  const reveal = useCallback(
    (id: string) => {
      const at = session.positions.get(id);
      const surface = box.current?.querySelector(".react-flow")?.getBoundingClientRect();
      if (!at || !surface) return;
      const { x, y, zoom } = flow.getViewport();
      const pad = 24;
      const left = at.x * zoom + x;
      const top = at.y * zoom + y;
      const right = left + WIDTH * zoom;
      const bottom = top + HEIGHT * zoom + 32;
      const dx = left < pad ? pad - left : Math.min(0, surface.width - pad - right);
      const dy = top < pad ? pad - top : Math.min(0, surface.height - pad - bottom);
      if (dx || dy) void flow.setViewport({ x: x + dx, y: y + dy, zoom }, SMOOTH);
    },
    [flow, session],
  );

  const tell = useMemo(() => refuseOrSay(refuse, say), [refuse]);
  const nameOf = useCallback((id: string) => graph.nodeOf(session.doc, id)?.name ?? "", [session]);

  const insert = useCallback(
    (kind: string, target: Target, branch = false) => {
      const { kinds } = session.palette;
      const id = newId();
      const made = session.edit(editFor(session, id, kind, target, branch), [id]);
      setQuick(null);
      focus();
      if (!made) return;
      chooseWire(null);
      say(`${kinds[kind]?.title ?? kind} inserted`);
      reveal(id);
    },
    [session, focus, reveal],
  );

  const insertFromPalette = useCallback(
    (kind: string) => insert(kind, defaultTarget(session)),
    [insert, session],
  );

  const stage = useMemo<Stage>(
    () => ({
      session,
      connecting,
      insert,
      quickAdd(target, screen, family = "") {
        const area = box.current?.getBoundingClientRect();
        if (!area) return;
        const x = Math.max(8, Math.min(screen.x - area.left, area.width - QUICK_WIDTH - 8));
        const y = Math.max(8, Math.min(screen.y - area.top, area.height - QUICK_HEIGHT - 8));
        setQuick({ target: target ?? defaultTarget(session), at: { x, y }, family });
      },
      renaming,
      rename: (id) => renaming.set(id),
      finishRename(id, name) {
        renaming.set(null);
        focus();
        if (name.trim() && name !== nameOf(id) && session.edit(graph.rename(id, name))) say(`Renamed to ${nameOf(id)}`);
      },
    }),
    [session, connecting, renaming, insert, focus, nameOf],
  );

  const acts = useMemo<Acts>(() => {
    const chosen = () => session.selection;
    const middle = () => {
      const area = box.current?.querySelector(".react-flow")?.getBoundingClientRect();
      return { x: (area?.left ?? 0) + (area?.width ?? 0) / 2, y: (area?.top ?? 0) + 80 };
    };
    return {
      undo: () => session.undo(),
      redo: () => session.redo(),
      remove(heal) {
        const wire = session.doc.wires.find((each) => wireKey(each) === chosenWire);
        if (wire && chosen().length === 0) {
          if (session.edit(graph.cut([wire]))) say("Connection cut");
          chooseWire(null);
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
        const upstream = session.doc.wires.find((each) => each.target === ids[0] && !ids.includes(each.source));
        if (session.edit(graph.remove(ids, heal), upstream ? [upstream.source] : [])) say(words);
      },
      duplicate() {
        const clip = graph.copyOf(session.doc, chosen(), session.positions);
        if (clip.nodes.length === 0) return;
        const ids = newIds(clip.nodes.length);
        session.edit(graph.paste(clip, ids, WIDTH + 32, 0, session.positions), ids);
        say(`${ids.length === 1 ? "Layer" : `${ids.length} layers`} duplicated`);
        if (ids[0]) reveal(ids[0]);
      },
      selectAll: () => session.select(session.doc.nodes.map((node) => node.id)),
      bypass() {
        const first = graph.nodeOf(session.doc, chosen()[0] ?? "");
        if (!first) return;
        session.edit(graph.change(chosen(), { bypassed: !first.bypassed }));
        say(first.bypassed ? `${first.name} put back` : `${first.name} bypassed`);
      },
      rename: () => renaming.set(chosen()[0] ?? null),
      settings: () => focusInspector(),
      quickAdd: () => stage.quickAdd(defaultTarget(session), middle()),
      walk(direction) {
        const next = walk(session.doc, session.positions, chosen()[0], direction);
        if (!next) return;
        chooseWire(null);
        session.select([next]);
        reveal(next);
      },
      nudge(direction) {
        const dx = { left: -8, right: 8, up: 0, down: 0 }[direction];
        const dy = { up: -8, down: 8, left: 0, right: 0 }[direction];
        const to = new Map(
          chosen().flatMap((id) => {
            const at = session.positions.get(id);
            return at ? [[id, { x: at.x + dx, y: at.y + dy }] as const] : [];
          }),
        );
        session.edit(graph.move(to, session.positions));
      },
      tidy() {
        session.edit(graph.tidy);
        say("Drawing tidied");
        setTimeout(() => void flow.fitView({ ...FIT, ...SMOOTH }), 60);
      },
      fit: () => void flow.fitView({ ...FIT, ...SMOOTH }),
      actual: () => void flow.zoomTo(1, SMOOTH),
      toSelection: () =>
        void flow.fitView({ ...FIT, ...SMOOTH, nodes: chosen().map((id) => ({ id })) }),
      zoom: (factor) => void flow.zoomTo(flow.getZoom() * factor, SMOOTH),
      problem(step) {
        const ill = session.doc.nodes.filter((node) => session.info.nodes[node.id]?.problems.length);
        const at = ill.findIndex((node) => node.id === chosen()[0]);
        const next = ill[(at + step + ill.length) % Math.max(ill.length, 1)];
        if (!next) return;
        session.select([next.id]);
        reveal(next.id);
      },
      escape() {
        if (quick) setQuick(null);
        else {
          chooseWire(null);
          session.select([]);
        }
      },
    };
  }, [session, flow, stage, renaming, chosenWire, quick, refuse, reveal, nameOf]);

  useEffect(() => {
    let screenKey = 0;
    // On the window and before all others: undo must keep its order with edits that are still on their way.
    const onKey = (event: KeyboardEvent) => {
      if (!box.current || !event.composedPath().includes(box.current) || inTextField(event)) return;
      if (event.key === "g") screenKey = event.timeStamp;
      if (/^[1-8]$/.test(event.key) && event.timeStamp - screenKey < SCREEN_KEY) return;
      if (!press(event, acts)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener("keydown", onKey, true);
    return () => window.removeEventListener("keydown", onKey, true);
  }, [acts]);

  const onCopy = (event: ClipboardEvent, cutting: boolean) => {
    if (inTextField(event.nativeEvent) || session.selection.length === 0) return;
    event.preventDefault();
    const clip = graph.copyOf(session.doc, session.selection, session.positions);
    event.clipboardData.setData("text/plain", JSON.stringify(clip, null, 1));
    say(`${clip.nodes.length === 1 ? "Layer" : `${clip.nodes.length} layers`} copied`);
    if (cutting) acts.remove(true);
  };
  const onPaste = (event: ClipboardEvent) => {
    if (inTextField(event.nativeEvent)) return;
    event.preventDefault();
    const clip = graph.readClip(event.clipboardData.getData("text/plain"), session.palette.kinds);
    if (!clip) {
      refuse("The clipboard holds no layers. Select layers and press Ctrl+C first.");
      return;
    }
    const ids = newIds(clip.nodes.length);
    session.edit(graph.paste(clip, ids, 48, 48, session.positions), ids);
    say(`${ids.length === 1 ? "Layer" : `${ids.length} layers`} pasted`);
    if (ids[0]) reveal(ids[0]);
  };

  const active = session.selection[0];
  const empty = session.doc.nodes.every((node) => isEnd(session, node.kind));
  return (
    <StageContext value={stage}>
      <div className="loom">
        {width >= PALETTE_FROM && <Palette palette={session.palette} insert={insertFromPalette} />}
        {width >= RAIL_FROM && width < PALETTE_FROM && <Rail palette={session.palette} />}
        <div
          className="surface"
          ref={box}
          tabIndex={0}
          role="listbox"
          aria-multiselectable="true"
          aria-label="Network drawing. Arrow keys walk along the connections, slash adds a layer, Delete removes one."
          aria-activedescendant={active ? `layer-${active}` : undefined}
          onPointerDownCapture={(event) => {
            const on = event.target as HTMLElement;
            if (quick && !on.closest(".quick-add")) setQuick(null);
            if (!on.closest("input, button")) focus();
          }}
          onCopy={(event) => onCopy(event, false)}
          onCut={(event) => onCopy(event, true)}
          onPaste={onPaste}
        >
          {session.graph && session.palette.hash && width > 0 && (
            <Flow version={version} chosenWire={chosenWire} chooseWire={chooseWire}
              minimap={width >= 640 && session.doc.nodes.length > 8} empty={empty && !quick} say={tell} key={session.where} />
          )}
          <Toolbar acts={acts} addable={width > 0 && width < RAIL_FROM} />
          {quick && <QuickAdd palette={session.palette} target={quick.target} at={quick.at} family={quick.family}
            {...context(session, quick.target)}
            insert={(kind, branch) => insert(kind, quick.target, branch)}
            close={() => { setQuick(null); focus(); }} />}
          {toast && <div className="toast" role="alert"><Icon name="info" />{toast}</div>}
        </div>
        <div className="spoken" role="status" aria-live="polite">{spoken}</div>
      </div>
    </StageContext>
  );
}

function Toolbar({ acts, addable }: { acts: Acts; addable: boolean }) {
  const zoom = useStore(({ transform }) => Math.round(transform[2] * 100));
  const button = (icon: string, words: string, act: () => void) => (
    <button type="button" tabIndex={-1} title={words} aria-label={words} onClick={act}>
      <Icon name={icon} />
    </button>
  );
  return (
    <div className="toolbar" role="toolbar" aria-label="View">
      {addable && button("add", "Add a layer ( / )", acts.quickAdd)}
      {button("remove", "Zoom out ( - )", () => acts.zoom(1 / 1.2))}
      <button type="button" tabIndex={-1} className="zoom" title="Show at 100 % ( 1 )" aria-label="Show at 100 %" onClick={acts.actual}>
        {zoom} %
      </button>
      {button("add", "Zoom in ( + )", () => acts.zoom(1.2))}
      {button("fit_screen", "Show everything ( 0 )", acts.fit)}
      {button("account_tree", "Tidy the drawing ( L )", acts.tidy)}
    </div>
  );
}

function refuseOrSay(refuse: (text: string) => void, say: (text: string) => void) {
  return (text: string) => (/connected to|cut$/.test(text) ? say(text) : refuse(text));
}

function isEnd(session: Session, kind: string): boolean {
  const info = session.palette.kinds[kind];
  return info !== undefined && (info.inputs.length === 0 || info.outputs.length === 0);
}

/** After the selection; with none, before the Output, so that a new layer joins the chain. */
function defaultTarget(session: Session): Target {
  const chosen = session.selection[session.selection.length - 1];
  if (chosen) return { after: chosen };
  const end = session.doc.nodes.find((node) => graph.outputsOf(node, session.palette.kinds).length === 0);
  const into = end && session.doc.wires.find((wire) => wire.target === end.id);
  if (into) return { into };
  const start = session.doc.nodes.find((node) => graph.inputsOf(node, session.palette.kinds).length === 0);
  return start ? { after: start.id } : { at: null };
}

function editFor(session: Session, id: string, kind: string, target: Target, branch: boolean): graph.Edit {
  const { kinds } = session.palette;
  const sourceOf = (wire: Wire) => ({ node: wire.source, port: wire.source_port, side: "source" as const });
  if ("into" in target) {
    return branch ? graph.place(id, kind, null, kinds, sourceOf(target.into)) : orPlace(graph.insertInto(id, kind, target.into, kinds), id, kind, session);
  }
  if ("after" in target) {
    const anchor = graph.nodeOf(session.doc, target.after);
    const port = anchor && graph.outputsOf(anchor, kinds)[0];
    if (branch && port) return graph.place(id, kind, null, kinds, { node: target.after, port, side: "source" });
    return graph.insertAfter(id, kind, target.after, kinds);
  }
  const at = target.at;
  if ("from" in target) return pinned(session, graph.place(id, kind, at, kinds, target.from), id, at);
  return pinned(session, graph.place(id, kind, at, kinds), id, at);
}

/** A free place chosen by hand pins everything else where it is. */
function pinned(session: Session, edit: graph.Edit, id: string, at: { x: number; y: number } | null): graph.Edit {
  const shown = session.positions;
  return (doc) => {
    const placed = edit(doc);
    return placed && at ? graph.move(new Map([[id, at]]), shown)(placed) : placed;
  };
}

/** Input and Output do not go into a wire; they are placed beside it. */
function orPlace(edit: graph.Edit, id: string, kind: string, session: Session): graph.Edit {
  return (doc) => edit(doc) ?? graph.place(id, kind, null, session.palette.kinds)(doc);
}

/** What a new layer would follow, for ranking and for what does not fit. */
function context(session: Session, target: Target) {
  const id = "into" in target ? target.into.source : "after" in target ? target.after : "from" in target && target.from.side === "source" ? target.from.node : "";
  const node = graph.nodeOf(session.doc, id);
  const told = session.info.nodes[id];
  return {
    after: node?.kind ?? "",
    shape: told?.output ?? "",
    unfit: (told?.type && session.info.unfit[told.type]) || {},
  };
}

/** Moves the focus to the first setting of the chosen layer, which Streamlit draws outside the canvas. */
function focusInspector(): void {
  document.querySelector<HTMLElement>(".st-key-layer_settings input, .st-key-layer_settings button")?.focus();
}

function useWidth(box: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const outer = box.current?.parentElement;
    if (!outer) return undefined;
    setWidth(outer.getBoundingClientRect().width);
    const watch = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    watch.observe(outer);
    return () => watch.disconnect();
  }, [box]);
  return width;
}

