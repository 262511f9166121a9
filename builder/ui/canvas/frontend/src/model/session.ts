// The drawing as shown: Python's last word plus our own edits it has not answered yet.
import type { Edit, Positions } from "./graph";
import { settle } from "./place";
import { withBlocks } from "./blocks";
import { drawn } from "./drawn";
import type { Ask, CanvasData, Definition, Doc, Info, Kept, Message, Offer, Palette, Paste, Preview } from "./protocol";

interface Pending {
  edit: Edit;
  /** The drawing after it. */
  after: Doc;
  /** The number it went out under; null while it is held back behind an undo. */
  seq: number | null;
}

/** Milliseconds a selection may still change (box, arrow keys) before Python hears of it. */
const SELECTION_DELAY = 60;
/** Kinds shown as used last. */
const RECENT = 6;
/** Milliseconds after which offers that have not come are asked for again, and how much later each time after that. */
const ASK_AGAIN = 700;
const ASK_LATER = 1.5;
const ASKS = 9;
/** Unanswered edits that are told one by one; of more, the oldest become one step. */
const EARLIER = 20;
const NOTHING: Doc = { nodes: [], wires: [], notes: [], direction: "down" };
const NO_INFO: Info = { nodes: {}, wires: {}, unfit: {}, current: false };
const NO_PALETTE: Palette = { hash: "", families: [], kinds: {} };
const PALETTES = new Map<string, Palette>();

/**
 * Optimistic editing with one source of truth in Python.
 *
 * An edit is drawn at once and sent as the whole drawing with (client, rev, seq), together with the drawing after each
 * edit before it that was not answered, because the page sees only the newest message. Python takes each once, when
 * `rev` is its own, and says so by `ack`. When Python changed the drawing itself, `rev` differs: its drawing is adopted
 * and the edits it has not seen are done again on top of it and sent anew, so none is lost.
 */
export class Session {
  doc: Doc = NOTHING;
  info: Info = NO_INFO;
  palette: Palette = NO_PALETTE;
  selection: readonly string[] = [];
  graph = "";
  where = "";
  inside = false;
  positions: Positions = new Map();
  kept: Kept = { stars: [], recent: [] };
  definitions: Record<string, Definition> = {};
  /** How many of our edits did not fit a drawing that changed meanwhile, and were left out. */
  leftOut = 0;
  /** How many selections made in Python were taken over. */
  selectionsTold = 0;

  private preview: Preview | null = null;
  private base: Doc = NOTHING;
  private rev: string | null = null;
  private seq = 0;
  /** Undos minus redos asked for, and done as far as Python said; edits wait while they differ. */
  private undoAsked = 0;
  private undoDone = 0;
  private pending: Pending[] = [];
  private taken: Pending[] = [];
  private sent: Doc = NOTHING;
  private asks: Ask[] = [];
  private askCount = 0;
  private bare: Palette = NO_PALETTE;
  private layout: CanvasData["layout"] = {};
  private selectSeen = 0;
  private listeners = new Set<() => void>();
  private version = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pastes: (Paste & { held: boolean })[] = [];
  private pasteCount = 0;
  private offered = new Map<string, Record<string, Offer>>();
  private asked = "";
  private askTimer: ReturnType<typeof setTimeout> | undefined;
  private keptHere = false;

  constructor(
    readonly client: string,
    private readonly emit: (message: Message) => void,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): number => this.version;

  private changed(): void {
    this.positions = settle(this.doc, this.layout);
    this.version += 1;
    for (const listener of this.listeners) listener();
  }

  /** Takes in what Python says now. */
  receive(data: CanvasData): void {
    this.takePalette(data.palette, data.blocks ?? {});
    const done = data.asked?.[this.client] ?? 0;
    this.asks = this.asks.filter(({ n }) => n > done);
    const ack = data.ack[this.client] ?? 0;
    this.pending = this.pending.filter(({ seq }) => seq === null || seq > ack);
    const waited = this.undoAsked !== this.undoDone;
    this.undoDone = data.undone[this.client] ?? this.undoDone;
    const undone = waited && this.undoAsked === this.undoDone;
    const pasted = data.pasted?.[this.client] ?? 0;
    this.pastes = this.pastes.filter(({ n }) => n > pasted);
    const held = undone && this.pastes.some((paste) => paste.held);
    if (undone) for (const paste of this.pastes) paste.held = false;
    for (const [type, kinds] of Object.entries(data.offers ?? {})) this.offered.set(type, kinds);
    if (!this.keptHere && data.kept) this.kept = data.kept;
    this.preview = data.preview ?? null;
    const adopted = this.rev !== data.rev || this.graph !== data.graph;
    this.info = data.info;
    this.layout = data.layout;
    this.graph = data.graph;
    this.where = data.where;
    this.inside = data.inside ?? false;
    this.definitions = data.definitions ?? {};
    if (adopted) {
      this.rev = data.rev;
      this.base = { nodes: data.nodes, wires: data.wires, notes: data.notes ?? [], direction: data.direction ?? "down" };
      const ours = this.pending.length;
      this.redoPending();
      this.leftOut += ours - this.pending.length;
    }
    if (data.select.n !== this.selectSeen) {
      this.selectSeen = data.select.n;
      this.selectionsTold += 1;
      this.selection = data.select.ids;
    }
    this.keepSelection();
    this.changed();
    if (((adopted || undone) && (this.pending.length > 0 || this.asks.length > 0)) || held) this.send();
    else if (data.palette === null && this.bare.hash === "") this.send();
  }

  /** Draws an edit at once and sends it; false when it makes no sense. */
  edit(edit: Edit, select?: readonly string[]): boolean {
    const next = edit(this.doc);
    if (next === null) return false;
    this.doc = next;
    this.pending.push({ edit, after: next, seq: null });
    this.taken = [];
    if (select) this.selection = select;
    this.keepSelection();
    this.changed();
    this.send();
    return true;
  }

  select(ids: readonly string[]): void {
    if (ids.length === this.selection.length && ids.every((id, i) => id === this.selection[i])) return;
    this.selection = ids;
    this.changed();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), SELECTION_DELAY);
  }

  /** Has Python read a clipboard text; it answers with the layers, selected, or with what is wrong. */
  paste(text: string, at: { x: number; y: number }): void {
    this.pasteCount += 1;
    const held = this.undoAsked !== this.undoDone;
    this.pastes.push({ n: this.pasteCount, text, x: at.x, y: at.y, held });
    if (!held) this.send();
  }

  /** What each kind would make of a type; asked for where it is not known yet. */
  offers(type: string): Record<string, Offer> {
    return this.offered.get(type) ?? {};
  }

  /** Asks for the offers of a type until they are here; "" asks for nothing any more. */
  ask(type: string): void {
    clearTimeout(this.askTimer);
    this.asked = type && !this.offered.has(type) ? type : "";
    if (this.asked) this.askAgain(ASKS);
  }

  private askAgain(left: number, wait = ASK_AGAIN): void {
    if (!this.asked || this.offered.has(this.asked) || left === 0) return;
    this.send();
    this.askTimer = setTimeout(() => this.askAgain(left - 1, wait * ASK_LATER), wait);
  }

  /** Puts a kind first in the list of those used last. */
  used(kind: string): void {
    const recent = [kind, ...this.kept.recent.filter((each) => each !== kind)].slice(0, RECENT);
    this.kept = { ...this.kept, recent };
    this.keptHere = true;
  }

  star(kind: string): void {
    const { stars } = this.kept;
    const without = stars.filter((each) => each !== kind);
    this.kept = { ...this.kept, stars: without.length < stars.length ? without : [...stars, kind] };
    this.keptHere = true;
    this.changed();
    this.send();
  }

  /** Asks for what a drawing cannot say; asked again until Python has done it. */
  request(act: Ask["act"], nodes: readonly string[]): void {
    this.askCount += 1;
    this.asks.push({ n: this.askCount, act, nodes: [...nodes] });
    this.send();
  }

  /** What a fix would do; nothing once the drawing is another than the one it was tried on. */
  get ghost(): Preview | null {
    const stopped = this.asks.some(({ act }) => act === "stop_preview");
    return stopped || this.pending.length > 0 ? null : this.preview;
  }

  stopPreview(): void {
    this.request("stop_preview", []);
    this.changed();
  }

  /** Stops what is still to be sent; the session is not used after this. */
  close(): void {
    clearTimeout(this.timer);
    clearTimeout(this.askTimer);
  }

  /** Takes back an edit that was not sent yet, else asks Python to undo. */
  undo(): void {
    const last = this.pending.at(-1);
    if (last && last.seq === null) {
      this.pending.pop();
      this.taken.push(last);
      this.doc = this.pending.at(-1)?.after ?? this.sent;
      this.keepSelection();
      this.changed();
      return;
    }
    this.askUndo(1);
  }

  redo(): void {
    const back = this.taken.pop();
    if (back) {
      const rest = this.taken;
      if (this.edit(back.edit)) this.taken = rest;
      return;
    }
    this.askUndo(-1);
  }

  /** Whether Python has answered everything. */
  get settled(): boolean {
    return this.pending.length === 0 && this.pastes.length === 0 && this.undoAsked === this.undoDone;
  }

  private askUndo(direction: 1 | -1): void {
    if (this.undoAsked === this.undoDone) this.sent = this.doc;
    this.undoAsked += direction;
    this.post(this.sent);
  }

  private send(): void {
    if (this.undoAsked !== this.undoDone) return;
    const fresh = this.pending.filter(({ seq }) => seq === null);
    fresh.forEach((each, i) => (each.seq = this.seq + 1 + i));
    this.seq += Math.max(0, fresh.length - 1);
    this.sent = this.doc;
    this.post(this.doc);
  }

  private post(doc: Doc): void {
    if (this.rev === null) return;
    clearTimeout(this.timer);
    this.seq += 1;
    const known = new Set(this.base.nodes.map((node) => node.id));
    const unanswered = this.pending.filter(({ seq }) => seq !== null).slice(-EARLIER - 1, -1);
    this.emit({
      client: this.client,
      rev: this.rev,
      seq: this.seq,
      graph: this.graph,
      ...drawn(doc, known),
      earlier: unanswered.map(({ after, seq }) => ({ seq: seq ?? 0, ...drawn(after, known) })),
      sel: [...this.selection],
      undo: this.undoAsked,
      undone: this.undoDone,
      have: this.bare.hash,
      pastes: this.pastes.filter(({ held }) => !held).map(({ n, text, x, y }) => ({ n, text, x, y })),
      ask: this.asked && !this.offered.has(this.asked) ? this.asked : "",
      kept: this.keptHere ? this.kept : null,
      asks: [...this.asks],
    });
  }

  /** Does our edits that Python has not seen again, on its drawing; those that no longer fit are dropped. */
  private redoPending(): void {
    this.doc = this.sent = this.base;
    this.pending = this.pending.filter((each) => {
      const next = each.edit(this.doc);
      if (next === null) return false;
      this.doc = each.after = next;
      if (each.seq !== null) this.sent = next;
      return true;
    });
  }

  private keepSelection(): void {
    const there = new Set([...this.doc.nodes, ...this.doc.notes].map(({ id }) => id));
    if (this.selection.some((id) => !there.has(id))) this.selection = this.selection.filter((id) => there.has(id));
  }

  private takePalette(palette: Palette | null, blocks: CanvasData["blocks"]): void {
    if (palette) {
      PALETTES.set(palette.hash, palette);
      this.bare = palette;
    } else if (this.bare.hash === "") {
      this.bare = [...PALETTES.values()].at(-1) ?? NO_PALETTE;
    }
    this.palette = withBlocks(this.palette, this.bare, blocks);
  }
}
