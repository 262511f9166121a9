// Finding a kind of layer by its name, everyday name or what it does.
import type { KindInfo, Palette } from "./protocol";

export interface Found {
  kind: string;
  info: KindInfo;
  /** What matched when it was not the title: "dense". */
  matched: string;
}

export function search(palette: Palette, text: string): Found[] {
  const wanted = text.trim().toLowerCase();
  const all = Object.entries(palette.kinds).map(([kind, info]) => ({ kind, info }));
  if (!wanted) return all.map((each) => ({ ...each, matched: "" }));
  return all
    .flatMap((each) => {
      const [rank, matched] = rankOf(each.kind, each.info, wanted);
      return rank < 9 ? [{ ...each, rank, matched }] : [];
    })
    .sort((a, b) => a.rank - b.rank || a.info.title.length - b.info.title.length)
    .map(({ kind, info, matched }) => ({ kind, info, matched }));
}

function rankOf(kind: string, info: KindInfo, wanted: string): [number, string] {
  const title = info.title.toLowerCase();
  if (title === wanted || kind === wanted) return [0, ""];
  if (info.block === undefined && (title.startsWith(wanted) || kind.startsWith(wanted))) return [1, ""];
  const synonym = info.synonyms.find((word) => word.toLowerCase().startsWith(wanted));
  if (synonym && info.block === undefined) return [2, synonym];
  // Blocks come after the layers whose name or everyday name begins so: "dense" means Linear first.
  if (title.startsWith(wanted)) return [2.5, ""];
  if (synonym) return [2.7, synonym];
  if (title.includes(wanted)) return [3, ""];
  const inner = info.synonyms.find((word) => word.toLowerCase().includes(wanted));
  if (inner) return [4, inner];
  return info.summary.toLowerCase().includes(wanted) ? [5, ""] : [9, ""];
}

const BEST = 6;

/** Kinds that take what comes here: those that usually follow the kind before, likeliest first; at most six. */
export function fitting(palette: Palette, after: string, unfit: Record<string, string>): string[] {
  const likely = palette.kinds[after]?.follows ?? [];
  const rest = Object.keys(palette.kinds).flatMap((kind) => palette.kinds[kind]?.follows.slice(0, 1) ?? []);
  const through = [...new Set([...likely, ...rest])].filter((kind) => {
    const info = palette.kinds[kind];
    return info && info.inputs.length > 0 && info.outputs.length > 0 && !(kind in unfit);
  });
  return through.slice(0, BEST);
}
