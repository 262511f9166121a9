// A small search where a layer is to go: what fits first, the rest with the reason why not.
import { useEffect, useMemo, useRef, useState } from "react";

import { fitting, search } from "../model/search";
import type { Offer, Palette } from "../model/protocol";
import { Icon } from "./Icon";
import { iconOf } from "./Palette";
import { showChosen } from "./scrolling";

interface Row {
  kind: string;
  group: string;
  reason: string;
  matched: string;
  /** "→ 64×14×14 · 18.5 k"; empty while it is not known. */
  result: string;
}

export interface QuickAddProps {
  palette: Palette;
  at: { x: number; y: number };
  /** Kind of the layer it follows, and what flows out of that layer. */
  after: string;
  shape: string;
  unfit: Record<string, string>;
  offers: Record<string, Offer>;
  family: string;
  insert(kind: string, branch: boolean): void;
  close(): void;
}

export function QuickAdd(props: QuickAddProps) {
  const { palette, at, after, shape, unfit, offers, family, insert, close } = props;
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const rows = useMemo(
    () => rowsOf(palette, { text, after, shape, unfit, offers, family }),
    [palette, text, after, shape, unfit, offers, family],
  );
  useEffect(() => {
    // Under a finger the keyboard of the screen would cover the list: it comes when the field is tapped.
    const first = matchMedia("(pointer: coarse)").matches ? box.current : field.current;
    first?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    showChosen(list.current);
  }, [chosen, rows]);
  const take = (row: Row | undefined, branch: boolean) => row && insert(row.kind, branch);

  return (
    <div
      ref={box}
      className="quick-add"
      role="dialog"
      tabIndex={-1}
      aria-label="Add a layer"
      style={{ left: at.x, top: at.y }}
      onBlur={(event) => {
        if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget as globalThis.Node)) close();
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") close();
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
          event.preventDefault();
          const step = event.key === "ArrowDown" ? 1 : -1;
          setChosen((now) => Math.max(0, Math.min(rows.length - 1, now + step)));
        }
        if (event.key === "Enter") {
          event.preventDefault();
          take(rows[chosen], event.shiftKey);
        }
      }}
    >
      <label className="search">
        <Icon name="search" />
        <input
          ref={field}
          role="combobox"
          aria-expanded="true"
          aria-controls="quick-add-list"
          aria-activedescendant={`quick-add-${chosen}`}
          aria-label="Find a layer to add"
          placeholder="Find a layer"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
          }}
        />
      </label>
      <div className="quick-add-list" id="quick-add-list" role="listbox" ref={list} aria-label="Layers">
        {groupsOf(rows).map(({ group, rows: some }) => (
          <div key={group} role="group" aria-label={group}>
            <h3 aria-hidden="true">{group}</h3>
            {some.map(({ row, index }) => (
              <div
                key={row.kind}
                id={`quick-add-${index}`}
                role="option"
                aria-selected={index === chosen}
                className={`quick-add-row ${row.reason ? "is-unfit" : ""}`}
                data-family={palette.kinds[row.kind]?.family}
                data-kind={row.kind}
                onPointerMove={() => setChosen(index)}
                onClick={(event) => take(row, event.shiftKey)}
              >
                <Icon name={iconOf(palette, row.kind)} className="family-icon" />
                <span className="quick-add-text">
                  <span className="quick-add-title">
                    {palette.kinds[row.kind]?.title}
                    {row.matched && <span className="palette-matched">{row.matched}</span>}
                  </span>
                  <span className="quick-add-why">{row.reason || palette.kinds[row.kind]?.summary}</span>
                </span>
                {row.result && <span className="quick-add-result">{row.result}</span>}
              </div>
            ))}
          </div>
        ))}
      </div>
      {rows.length === 0 && <p className="nothing">Nothing is called that. Try “dense”, “filter” or “pool”.</p>}
      <p className="quick-add-keys">Enter inserts · Shift+Enter as a branch · Esc closes</p>
    </div>
  );
}

/** Rows that follow each other under one title, each with its place among all. */
function groupsOf(rows: readonly Row[]): { group: string; rows: { row: Row; index: number }[] }[] {
  const groups: { group: string; rows: { row: Row; index: number }[] }[] = [];
  for (const [index, row] of rows.entries()) {
    if (groups.at(-1)?.group !== row.group) groups.push({ group: row.group, rows: [] });
    groups.at(-1)?.rows.push({ row, index });
  }
  return groups;
}

type Wanted = Pick<QuickAddProps, "after" | "shape" | "unfit" | "offers" | "family"> & { text: string };

function rowsOf(palette: Palette, { text, after, shape, unfit, offers, family }: Wanted): Row[] {
  const best = text.trim() || family ? [] : fitting(palette, after, unfit);
  const title = shape ? `Fits ${shape}` : "Often next";
  const row = (kind: string, group: string, matched = ""): Row => {
    const reason = unfit[kind] ?? "";
    return { kind, group, matched, reason, result: reason ? "" : (offers[kind]?.result ?? "") };
  };
  const titles = new Map(palette.families.map((one) => [one.id, one.title]));
  const rest = search(palette, text)
    .filter((each) => !family || each.info.family === family)
    .map(({ kind, info, matched }) => row(kind, text.trim() ? "Found" : (titles.get(info.family) ?? ""), matched));
  const order = [...titles.values()];
  if (!text.trim()) rest.sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group));
  return [...best.map((kind) => row(kind, title)), ...rest];
}
