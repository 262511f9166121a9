// The whole canvas: palette, drawing surface, toolbars, what is open over it, and the words read out.
import { getViewportForBounds, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { type ClipboardEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";

import { Connecting } from "../model/connecting";
import { ghostPlaces } from "../model/ghost";
import * as graph from "../model/graph";
import { GRID, HEIGHT, WIDTH } from "../model/place";
import { type Preview, type Wire, wireKey } from "../model/protocol";
import { whyNotConnect } from "../model/rules";
import type { Session } from "../model/session";
import { actsOf, placesOf } from "./actions";
import { BlockTools } from "./BlockTools";
import { paste, readText, textOf, writeText } from "./clipboard";
import { Flow } from "./Flow";
import { Icon } from "./Icon";
import { newId } from "./ids";
import { contextOf, defaultTarget, editFor } from "./inserting";
import { inTextField, press } from "./keys";
import { Menu } from "./Menu";
import { menuOf } from "./menus";
import { lasting, TO_VIEW } from "./motion";
import { iconOf, Palette, Rail } from "./Palette";
import { type Choice, Picker } from "./Picker";
import { QuickAdd } from "./QuickAdd";
import { type About, Renaming, type Stage, StageContext, type Target } from "./stage";
import { Several, Toolbar } from "./Toolbar";

const PALETTE_FROM = 760;
const RAIL_FROM = 480;
const QUICK_WIDTH = 320;
const QUICK_HEIGHT = 400;
/** Milliseconds after `g` in which a digit goes to a screen. */
const SCREEN_KEY = 1500;
const TOAST = 6000;
/** Room for the toolbars. */
const FIT = { top: "48px", right: "48px", bottom: "72px", left: "48px" } as const;

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

type Point = { x: number; y: number };

/** What is open over the drawing; one at a time. */
type Open =
  | { is: "quick"; target: Target; at: Point; family: string }
  | { is: "menu"; about: About; screen: Point; at: Point }
  | { is: "find" }
  | { is: "connect"; from: string; port: string; old?: Wire };

function Canvas({ session, notice }: AppProps) {
  const version = useSyncExternalStore(session.subscribe, session.snapshot);
  const flow = useReactFlow();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [open, setOpen] = useState<Open | null>(null);
  const renaming = useMemo(() => new Renaming(), []);
  const [chosenWire, chooseWire] = useState<string | null>(null);
  const [spoken, say] = useState("");
  const [toast, setToast] = useState("");
  const connecting = useMemo(() => new Connecting(), []);
  const pointer = useRef<Point | null>(null);
  const focus = useCallback(() => box.current?.focus({ preventScroll: true }), []);
  const close = useCallback(() => {
    setOpen(null);
    focus();
  }, [focus]);
  const refuse = useCallback((reason: string) => setToast(reason), []);

  useEffect(() => {
    if (notice?.error) refuse(notice.text);
    else if (notice) say(notice.text);
  }, [notice?.n, refuse]);
  const leftOut = useRef(session.leftOut);
  useEffect(() => {
    const count = session.leftOut - leftOut.current;
    leftOut.current = session.leftOut;
    if (count > 0) refuse(leftOutWords(count));
  }, [session, version, refuse]);
  useEffect(() => {
    if (!toast) return undefined;
    const timer = setTimeout(() => setToast(""), TOAST);
    return () => clearTimeout(timer);
  }, [toast]);

  const revealAt = useCallback(
    (at: Point | undefined) => {
      const surface = surfaceOf(box.current);
      if (!at || !surface) return;
      const { x, y, zoom } = flow.getViewport();
      const pad = 24;
      const left = at.x * zoom + x;
      const top = at.y * zoom + y;
      const right = left + WIDTH * zoom;
      const bottom = top + HEIGHT * zoom + 32;
      const dx = left < pad ? pad - left : Math.min(0, surface.width - pad - right);
      const dy = top < pad ? pad - top : Math.min(0, surface.height - pad - bottom);
      if (dx || dy) void flow.setViewport({ x: x + dx, y: y + dy, zoom }, lasting(TO_VIEW));
    },
    [flow],
  );
  const reveal = useCallback((id: string) => revealAt(placesOf(session).get(id)), [revealAt, session]);
  const selections = useRef(session.selectionsTold);
  useEffect(() => {
    // What was pasted or chosen beside the canvas comes into view.
    if (session.selectionsTold === selections.current) return;
    selections.current = session.selectionsTold;
    const first = session.selection[0];
    if (first) reveal(first);
  }, [session, version, reveal]);

  const { ghost } = session;
  const lookedAt = ghost?.words ?? "";
  const told = useRef(lookedAt);
  useEffect(() => {
    if (lookedAt === told.current) return;
    told.current = lookedAt;
    say(lookedAt || "The preview has ended.");
    if (session.ghost) revealAt(firstPlace(session.ghost, session));
  }, [lookedAt, session, revealAt]);

  const show = useCallback(
    (ids?: readonly string[]) => {
      const surface = surfaceOf(box.current);
      const wanted = ids && new Set(ids);
      const places = [...placesOf(session)].filter(([id]) => !wanted || wanted.has(id)).map(([, at]) => at);
      if (!surface || places.length === 0) return;
      const x = Math.min(...places.map((at) => at.x));
      const y = Math.min(...places.map((at) => at.y));
      const bounds = {
        x,
        y,
        width: Math.max(...places.map((at) => at.x)) + WIDTH - x,
        height: Math.max(...places.map((at) => at.y)) + HEIGHT - y,
      };
      void flow.setViewport(getViewportForBounds(bounds, surface.width, surface.height, 0.1, 1, FIT), lasting(TO_VIEW));
    },
    [flow, session],
  );

  const awaited = useRef(false);
  useEffect(() => {
    if (!awaited.current || !session.settled) return;
    awaited.current = false;
    show();
  }, [session, version, show]);

  const insert = useCallback(
    (kind: string, target: Target, branch = false) => {
      const { kinds } = session.palette;
      const id = newId();
      session.used(kind);
      const made = session.edit(editFor(session, id, kind, target, branch), [id]);
      close();
      if (!made) return;
      chooseWire(null);
      say(`${kinds[kind]?.title ?? kind} inserted`);
      reveal(id);
    },
    [session, close, reveal],
  );

  const stage = useMemo<Stage>(() => {
    const inside = (screen: Point): Point => {
      const area = box.current?.getBoundingClientRect();
      return { x: screen.x - (area?.left ?? 0), y: screen.y - (area?.top ?? 0) };
    };
    return {
      session,
      connecting,
      insert,
      quickAdd(target, screen, family = "") {
        const area = box.current?.getBoundingClientRect();
        if (!area) return;
        const { x, y } = inside(screen);
        const at = {
          x: Math.max(8, Math.min(x, area.width - QUICK_WIDTH - 8)),
          y: Math.max(8, Math.min(y, area.height - QUICK_HEIGHT - 8)),
        };
        const goes = target ?? defaultTarget(session);
        session.ask(contextOf(session, goes).type);
        setOpen({ is: "quick", target: goes, at, family });
      },
      menu(about, screen) {
        if ("node" in about && !session.selection.includes(about.node)) session.select([about.node]);
        if ("wire" in about) {
          session.select([]);
          chooseWire(wireKey(about.wire));
        }
        setOpen({ is: "menu", about, screen, at: inside(screen) });
      },
      renaming,
      rename: (id) => renaming.set(id),
      enter: (id) => session.request("enter", [id]),
      finishRename(id, name) {
        renaming.set(null);
        focus();
        const nameOf = () => graph.nodeOf(session.doc, id)?.name ?? "";
        if (name.trim() && name !== nameOf() && session.edit(graph.rename(id, name))) say(`Renamed to ${nameOf()}`);
      },
      finishNote(id, text) {
        renaming.set(null);
        focus();
        const old = session.doc.notes.find((note) => note.id === id)?.text;
        if (old !== undefined && old !== text && session.edit(graph.writeNote(id, text))) say("Note changed");
      },
    };
  }, [session, connecting, renaming, insert, focus]);

  const latest = useRef({ open, chosenWire });
  latest.current = { open, chosenWire };
  const middle = useCallback((): Point => {
    const area = surfaceOf(box.current);
    return { x: (area?.left ?? 0) + (area?.width ?? 0) / 2, y: (area?.top ?? 0) + (area?.height ?? 0) / 2 };
  }, []);
  const connectFrom = useCallback(
    (from: string, old?: Wire) => {
      const node = graph.nodeOf(session.doc, from);
      const port = old?.source_port ?? (node && graph.outputsOf(node, session.palette.kinds)[0]);
      if (port) setOpen(old ? { is: "connect", from, port, old } : { is: "connect", from, port });
    },
    [session],
  );
  const acts = useMemo(
    () =>
      actsOf({
        session,
        flow,
        stage,
        say,
        refuse,
        reveal,
        show,
        showWhenAnswered() {
          awaited.current = true;
        },
        middle,
        chooseWire,
        chosenWire: () => latest.current.chosenWire,
        find: () => setOpen({ is: "find" }),
        connectTo: connectFrom,
        closeTop() {
          if (latest.current.open) close();
          else if (session.ghost) session.stopPreview();
          else return false;
          return true;
        },
      }),
    [session, flow, stage, refuse, reveal, show, middle, connectFrom, close],
  );

  useEffect(() => {
    let screenKey = 0;
    // On the window and before all others: undo must keep its order with edits that are still on their way.
    const onKey = (event: KeyboardEvent) => {
      if (!box.current || !event.composedPath().includes(box.current) || inTextField(event)) return;
      if (event.composedPath().some((at) => at instanceof HTMLElement && at.matches(".menu"))) return;
      if (event.key === "g") screenKey = event.timeStamp;
      if (/^[1-8]$/.test(event.key) && event.timeStamp - screenKey < SCREEN_KEY) return;
      if (!press(event, acts)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener("keydown", onKey, true);
    return () => window.removeEventListener("keydown", onKey, true);
  }, [acts]);

  /** Where a copy goes: under the pointer, else into the middle of what is shown. */
  const pasteAt = (): Point => {
    const at = flow.screenToFlowPosition(pointer.current ?? middle());
    return { x: at.x - WIDTH / 2, y: at.y - HEIGHT / 2 };
  };
  const onCopy = (event: ClipboardEvent, cutting: boolean) => {
    if (inTextField(event.nativeEvent)) return;
    const copied = textOf(session);
    if (!copied) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", copied.text);
    say(`${copied.words} copied`);
    if (cutting) acts.remove(true);
  };
  const onPaste = (event: ClipboardEvent) => {
    if (inTextField(event.nativeEvent)) return;
    event.preventDefault();
    paste(session, event.clipboardData.getData("text/plain"), pasteAt(), refuse);
  };
  const clipboard = {
    copy(cutting: boolean) {
      const copied = textOf(session);
      if (!copied) return;
      void writeText(copied.text);
      say(`${copied.words} copied`);
      if (cutting) acts.remove(true);
    },
    paste: (at?: Point) => void readText().then((text) => paste(session, text, at ?? pasteAt(), refuse)),
  };
  const addNote = (at: Point) => {
    const id = newId();
    const snap = (value: number) => Math.round(value / GRID) * GRID;
    session.edit(graph.addNote(id, { x: snap(at.x), y: snap(at.y) }), [id]);
    renaming.set(id);
  };
  const insertFromPalette = useCallback((kind: string) => insert(kind, defaultTarget(session)), [insert, session]);

  const active = session.selection[0];
  const empty = session.doc.nodes.every((node) => isEnd(session, node.kind));
  return (
    <StageContext value={stage}>
      <div className={`loom ${ghost ? "is-previewing" : ""}`}>
        {width >= PALETTE_FROM && <Palette palette={session.palette} kept={session.kept} insert={insertFromPalette} addNote={acts.note} />}
        {width >= RAIL_FROM && width < PALETTE_FROM && <Rail palette={session.palette} />}
        <div className="area">
        <div
          className="surface"
          ref={box}
          tabIndex={0}
          role="application"
          aria-label="Network drawing. Arrow keys walk along the connections, slash adds a layer, Delete removes one, Shift+F10 opens its menu."
          aria-activedescendant={active ? `layer-${active}` : undefined}
          onPointerDownCapture={(event) => {
            const on = event.target as HTMLElement;
            if (open && !on.closest(".quick-add, .menu, .picker")) setOpen(null);
            if (!on.closest("input, button, textarea")) focus();
          }}
          onPointerMove={(event) => {
            if (event.pointerType !== "touch") pointer.current = { x: event.clientX, y: event.clientY };
          }}
          onPointerLeave={() => {
            pointer.current = null;
          }}
          onCopy={(event) => onCopy(event, false)}
          onCut={(event) => onCopy(event, true)}
          onPaste={onPaste}
        >
          {session.graph && session.palette.hash && width > 0 && (
            <Flow version={version} chosenWire={chosenWire} chooseWire={chooseWire}
              minimap={width >= 640 && session.doc.nodes.length > 8} empty={empty && !open} say={say} refuse={refuse} key={session.where} />
          )}
          <Toolbar acts={acts} addable={width > 0 && width < RAIL_FROM} direction={session.doc.direction}>
            <BlockTools session={session} acts={acts} />
          </Toolbar>
          {ghost && <PreviewStrip sentence={ghost.sentence} stop={() => session.stopPreview()} />}
          {session.selection.length > 1 && !ghost && <Several acts={acts} count={session.selection.length} />}
        </div>
        <div className="over">
          {open?.is === "quick" && <QuickAdd palette={session.palette} at={open.at} family={open.family}
            {...contextOf(session, open.target)}
            insert={(kind, branch) => insert(kind, open.target, branch)} close={close} />}
          {open?.is === "menu" && <Menu at={open.at} close={close}
            {...menuOf(open.about, { session, stage, acts, clipboard, screen: open.screen, addNote, say, replug: (wire) => connectFrom(wire.source, wire) })} />}
          {open?.is === "find" && <Picker label="Find a layer of the drawing" placeholder="Find in the drawing" choices={choicesOf(session)} close={close}
            choose={(id) => { close(); chooseWire(null); session.select([id]); show([id]); }} />}
          {open?.is === "connect" && <Picker label={`Connect ${nameOf(session, open.from)} to`} placeholder={`Connect ${nameOf(session, open.from)} to`}
            choices={targetsOf(session, open.from, open.port, open.old)} close={close}
            choose={(id) => { close(); connectTo(session, open, id, say); }} />}
          {toast && <div className="toast" role="alert"><Icon name="info" />{toast}</div>}
        </div>
        </div>
        <div className="spoken" role="status" aria-live="polite">{spoken}</div>
      </div>
    </StageContext>
  );
}

/** Where a preview is seen best: at what it would add, else at the first layer it is about. */
function firstPlace(ghost: Preview, session: Session): Point | undefined {
  const [added] = ghostPlaces(ghost, session.positions, session.doc.direction).values();
  const about = [...Object.keys(ghost.marks.layers), ...ghost.wires.map(({ source }) => source)];
  return added ?? about.flatMap((id) => session.positions.get(id) ?? [])[0];
}

/** Says that something is only looked at, and ends it. */
function PreviewStrip({ sentence, stop }: { sentence: string; stop(): void }) {
  return (
    <div className="preview" role="group" aria-label="Preview of a fix">
      <Icon name="visibility" />
      <span className="preview-words">Preview: {sentence}</span>
      <button type="button" title="Shows the drawing alone again ( Esc )" onClick={stop}>Stop preview</button>
    </div>
  );
}

function surfaceOf(box: HTMLElement | null): DOMRect | undefined {
  return box?.querySelector(".react-flow")?.getBoundingClientRect();
}

function leftOutWords(count: number): string {
  const edits = count > 1 ? `${count} edits of yours no longer fit and were` : "your last edit no longer fits and was";
  return `The drawing was changed elsewhere: ${edits} left out.`;
}

function nameOf(session: Session, id: string): string {
  return graph.nodeOf(session.doc, id)?.name ?? "";
}

function isEnd(session: Session, kind: string): boolean {
  const info = session.palette.kinds[kind];
  return info !== undefined && (info.inputs.length === 0 || info.outputs.length === 0);
}

function choicesOf(session: Session): Choice[] {
  return session.doc.nodes.map((node) => {
    const info = session.palette.kinds[node.kind];
    const told = session.info.nodes[node.id];
    const detail = [info?.title ?? node.kind, told?.brief, told?.output].filter(Boolean).join(" · ");
    return { id: node.id, words: node.name, detail, icon: iconOf(session.palette, node.kind), family: info?.family ?? "block", reason: "" };
  });
}

/** The layers a connection could lead to; its port is the first free one. */
function targetsOf(session: Session, from: string, port: string, old?: Wire): Choice[] {
  const doc = old ? (graph.cut([old])(session.doc) ?? session.doc) : session.doc;
  return choicesOf(session)
    .filter(({ id }) => id !== from)
    .map((choice) => {
      const wire = wireTo(doc, session, from, port, choice.id);
      const reason = wire ? whyNotConnect(doc, wire, session.palette.kinds, session.info) : `${choice.words} takes no input.`;
      return { ...choice, reason: reason ?? "" };
    });
}

function wireTo(doc: Session["doc"], session: Session, from: string, port: string, to: string): Wire | null {
  const node = graph.nodeOf(doc, to);
  const inputs = node ? graph.inputsOf(node, session.palette.kinds) : [];
  const taken = new Set(doc.wires.filter((wire) => wire.target === to).map((wire) => wire.target_port));
  const entry = inputs.find((each) => each.many || !taken.has(each.name)) ?? inputs[0];
  return entry ? { source: from, source_port: port, target: to, target_port: entry.name } : null;
}

function connectTo(session: Session, open: { from: string; port: string; old?: Wire }, to: string, say: (text: string) => void): void {
  const { kinds } = session.palette;
  const doc = open.old ? (graph.cut([open.old])(session.doc) ?? session.doc) : session.doc;
  const wire = wireTo(doc, session, open.from, open.port, to);
  if (!wire) return;
  const edit = open.old ? graph.replug(open.old, wire, kinds) : graph.connect(wire, kinds);
  if (session.edit(edit)) say(`${nameOf(session, open.from)} connected to ${nameOf(session, to)}`);
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
