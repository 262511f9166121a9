// All kinds of layers by family, with search; click inserts after the selection, dragging places.
import { useMemo, useRef, useState } from "react";

import type { Palette as PaletteData } from "../model/protocol";
import { type Found, search } from "../model/search";
import { Icon } from "./Icon";
import { useStage } from "./stage";

export const DRAGGED = "application/x-layerloom-kind";

/** The kind that is being dragged; data of a drag cannot be read before the drop. */
export const dragged = { kind: "" };

export function Palette({ palette, insert }: { palette: PaletteData; insert: (kind: string) => void }) {
  const [text, setText] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const found = useMemo(() => search(palette, text), [palette, text]);
  const groups = text.trim()
    ? [{ id: "", title: found.length ? "" : "Nothing is called that", icon: "" }]
    : palette.families;

  const focusRow = (step: number) => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>("[role=option]") ?? [])];
    const root = list.current?.getRootNode() as ShadowRoot | Document | undefined;
    const at = rows.indexOf(root?.activeElement as HTMLElement);
    rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
  };

  return (
    <div className="palette" aria-label="Layers" role="group" onKeyDown={(event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        event.stopPropagation();
        focusRow(event.key === "ArrowDown" ? 1 : -1);
      }
    }}>
      <label className="search">
        <Icon name="search" />
        <input
          type="search"
          placeholder="Find a layer"
          aria-label="Find a layer"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            const first = found[0];
            if (event.key === "Enter" && first) insert(first.kind);
            if (event.key === "Escape") setText("");
          }}
        />
      </label>
      <div className="palette-list" ref={list} role="listbox" aria-label="Kinds of layers">
        {groups.map((family) => (
          <section key={family.id} role="group" aria-label={family.title}>
            {family.title && <h3>{family.title}</h3>}
            {found
              .filter((each) => !family.id || each.info.family === family.id)
              .map((each) => (
                <Row key={each.kind} found={each} palette={palette} insert={insert} />
              ))}
          </section>
        ))}
      </div>
    </div>
  );
}

function Row({ found, palette, insert }: { found: Found; palette: PaletteData; insert: (kind: string) => void }) {
  const { kind, info, matched } = found;
  return (
    <div
      className="palette-row"
      role="option"
      aria-selected={false}
      tabIndex={-1}
      draggable
      data-family={info.family}
      data-kind={kind}
      title={`${info.summary} ${info.when}`.trim()}
      onClick={() => insert(kind)}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          event.stopPropagation();
          insert(kind);
        }
      }}
      onDragStart={(event) => {
        dragged.kind = kind;
        event.dataTransfer.setData(DRAGGED, kind);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onDragEnd={() => {
        dragged.kind = "";
      }}
    >
      <Icon name={iconOf(palette, kind)} className="family-icon" />
      <span className="palette-title">{info.title}</span>
      {matched && <span className="palette-matched">{matched}</span>}
    </div>
  );
}

/** One button a family, for a narrow window. */
export function Rail({ palette }: { palette: PaletteData }) {
  const stage = useStage();
  return (
    <div className="rail" role="toolbar" aria-label="Layers by family">
      {palette.families.map((family) => (
        <button
          key={family.id}
          type="button"
          data-family={family.id}
          title={family.title}
          aria-label={`Add a layer: ${family.title}`}
          onClick={(event) => {
            const after = stage.session.selection[0];
            const box = event.currentTarget.getBoundingClientRect();
            stage.quickAdd(after ? { after } : { at: null }, { x: box.right + 8, y: box.top }, family.id);
          }}
        >
          <Icon name={family.icon} className="family-icon" />
        </button>
      ))}
    </div>
  );
}

export function iconOf(palette: PaletteData, kind: string): string {
  const info = palette.kinds[kind];
  if (!info) return "widgets";
  if (info.outputs.length === 0) return "output";
  return palette.families.find((family) => family.id === info.family)?.icon ?? "widgets";
}
