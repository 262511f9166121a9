// Blocks in the palette: placed like a layer, known by a key of their own, with ports that no kind tells.
import type { KindInfo, LoomNode, Palette } from "./protocol";

const SHELF = { id: "block", title: "Blocks", icon: "widgets" };

/** The palette with a shelf of blocks before input and output; `old` itself where nothing has changed. */
export function withBlocks(old: Palette, bare: Palette, blocks: Record<string, KindInfo>): Palette {
  const listed = JSON.stringify(blocks);
  if (bare.hash === "") return bare;
  const hash = `${bare.hash} ${listed}`;
  if (old.hash === hash) return old;
  if (Object.keys(blocks).length === 0) return { ...bare, hash };
  const at = bare.families.findIndex(({ id }) => id === "input_output");
  const place = at < 0 ? bare.families.length : at;
  const families = [...bare.families.slice(0, place), SHELF, ...bare.families.slice(place)];
  return { hash, families, kinds: { ...bare.kinds, ...blocks } };
}

/** What makes a new node a placed block: one of the project, or one that Python takes from the library. */
export function placedBlock(key: string, info: KindInfo | undefined): Partial<LoomNode> {
  if (info?.block === undefined) return {};
  return {
    kind: key.startsWith("library:") ? "library" : "block",
    block: info.block,
    ports: { inputs: info.inputs, outputs: info.outputs },
    look: { title: info.title, times: "", lines: [] },
  };
}

/** `×6` behind a block's name. */
export function timesOf(node: LoomNode): string {
  if (node.look?.times) return node.look.times;
  return typeof node["repeat"] === "number" && node["repeat"] > 1 ? `×${node["repeat"]}` : "";
}

export function isBlock(node: { kind: string } | undefined): boolean {
  return node?.kind === "block" || node?.kind === "library";
}
