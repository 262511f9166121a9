// A small search where a layer is to go: what fits first, the rest with the reason why not.
import { useEffect, useMemo, useRef, useState } from "react";

import { fitting, search } from "../model/search";
import type { Palette } from "../model/protocol";
import { Icon } from "./Icon";
import { iconOf } from "./Palette";
import type { Target } from "./stage";

interface Row {
  kind: string;
  group: string;
  reason: string;
  matched: string;
}

export interface QuickAddProps {
  palette: Palette;
  target: Target;
  at: { x: number; y: number };
  /** Kind of the layer it follows, and what flows out of that layer. */
  after: string;
  shape: string;
  unfit: Record<string, string>;
  family: string;
  insert(kind: string, branch: boolean): void;
  close(): void;
}

export function QuickAdd(props: QuickAddProps) {
  const { palette, at, after, shape, unfit, family, insert, close } = props;
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(palette, text, after, shape, unfit, family), [palette, text, after, shape, unfit, family]);
  useEffect(() => {
    field.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    // In braces: newer browsers give a promise back, which React would take for the clean-up.
    void list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen, rows]);
  const take = (row: Row | undefined, branch: boolean) => row && insert(row.kind, branch);

  return (
    <div
      className="quick-add"
      role="dialog"
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
        {rows.length === 0 && <p className="nothing">Nothing is called that. Try “dense”, “filter” or “pool”.</p>}
        {rows.map((row, index) => (
          <div key={`${row.group}${row.kind}`}>
            {row.group !== rows[index - 1]?.group && <h3>{row.group}</h3>}
            <div
              id={`quick-add-${index}`}
              role="option"
              aria-selected={index === chosen}
              aria-disabled={row.reason !== ""}
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
            </div>
          </div>
        ))}
      </div>
      <p className="quick-add-keys">Enter inserts · Shift+Enter as a branch · Esc closes</p>
    </div>
  );
}

function rowsOf(
  palette: Palette,
  text: string,
  after: string,
  shape: string,
  unfit: Record<string, string>,
  family: string,
): Row[] {
  const best = text.trim() || family ? [] : fitting(palette, after, unfit);
  const title = shape ? `Fits ${shape}` : "Often next";
  const first = best.map((kind) => ({ kind, group: title, reason: "", matched: "" }));
  const found = search(palette, text).filter((each) => !family || each.info.family === family);
  const rest = found.map((each) => ({
    kind: each.kind,
    group: text.trim() ? "Found" : (palette.families.find((one) => one.id === each.info.family)?.title ?? ""),
    reason: unfit[each.kind] ?? "",
    matched: each.matched,
  }));
  const order = palette.families.map((one) => one.title);
  if (!text.trim()) rest.sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group));
  return [...first, ...rest];
}
