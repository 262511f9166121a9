// Where a new layer goes: after the selection, into a connection, beside a port, or free.
import * as graph from "../model/graph";
import type { Offer, Wire } from "../model/protocol";
import type { Session } from "../model/session";
import type { Target } from "./stage";

/** After the selection; with none, before the Output, so that a new layer joins the chain. */
export function defaultTarget(session: Session): Target {
  const chosen = session.selection.filter((id) => graph.nodeOf(session.doc, id)).at(-1);
  if (chosen) return { after: chosen };
  const end = session.doc.nodes.find((node) => graph.outputsOf(node, session.palette.kinds).length === 0);
  const into = end && session.doc.wires.find((wire) => wire.target === end.id);
  if (into) return { into };
  const start = session.doc.nodes.find((node) => graph.inputsOf(node, session.palette.kinds).length === 0);
  return start ? { after: start.id } : { at: null };
}

export function editFor(session: Session, id: string, kind: string, target: Target, branch: boolean): graph.Edit {
  const { kinds } = session.palette;
  const sourceOf = (wire: Wire) => ({ node: wire.source, port: wire.source_port, side: "source" as const });
  if ("into" in target) {
    return branch
      ? graph.place(id, kind, null, kinds, sourceOf(target.into))
      : orPlace(graph.insertInto(id, kind, target.into, kinds), id, kind, session);
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

export interface Context {
  /** Kind of the layer that the new one would follow. */
  after: string;
  shape: string;
  /** What flows there, as a key; empty while it is not known. */
  type: string;
  unfit: Record<string, string>;
  offers: Record<string, Offer>;
}

/** What a new layer would follow, for ranking and for what does not fit. */
export function contextOf(session: Session, target: Target): Context {
  const id = sourceOf(target);
  const told = session.info.nodes[id];
  const type = told?.type ?? "";
  const offers = session.offers(type);
  const refused = Object.entries(offers).flatMap(([kind, { refusal }]) => (refusal ? [[kind, refusal] as const] : []));
  return {
    after: graph.nodeOf(session.doc, id)?.kind ?? "",
    shape: told?.output ?? "",
    type,
    unfit: { ...Object.fromEntries(refused), ...session.info.unfit[type] },
    offers,
  };
}

function sourceOf(target: Target): string {
  if ("into" in target) return target.into.source;
  if ("after" in target) return target.after;
  return "from" in target && target.from.side === "source" ? target.from.node : "";
}
