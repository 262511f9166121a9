// All kinds of layers by family, with search; click inserts after the selection, dragging places.
import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import type { Kept, Palette as PaletteData } from "../model/protocol";
import { type Found, search } from "../model/search";
import { Icon } from "./Icon";
import { useStage } from "./stage";

export const DRAGGED = "application/x-layerloom-kind";

/** The kind that is being dragged; data of a drag cannot be read before the drop. */
export const dragged = { kind: "" };

interface PaletteProps {
  palette: PaletteData;
  kept: Kept;
  insert(kind: string): void;
  addNote(): void;
}

function PaletteView({ palette, kept, insert, addNote }: PaletteProps) {
  const [text, setText] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const found = useMemo(() => search(palette, text), [palette, text]);
  const inside = useRef(false);
  const [shown, setShown] = useState(kept);
  useEffect(() => {
    // Nothing under the pointer or the focus moves by itself: the short lists follow when one has left.
    if (!inside.current) setShown(kept);
  }, [kept]);
  const enter = () => {
    inside.current = true;
  };
  const leave = () => {
    inside.current = false;
    setShown(kept);
  };
  const focusRow = (step: number) => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>(".palette-pick") ?? [])];
    const root = list.current?.getRootNode() as ShadowRoot | Document | undefined;
    const at = rows.indexOf(root?.activeElement as HTMLElement);
    rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
  };
  const byKind = (kinds: readonly string[]) =>
    kinds.flatMap((kind) => {
      const info = palette.kinds[kind];
      return info ? [{ kind, info, matched: "" }] : [];
    });
  const rows = (some: Found[], short = false) =>
    some.map((each) => (
      <Row key={each.kind} found={each} palette={palette} insert={insert} short={short} starred={kept.stars.includes(each.kind)} />
    ));
  const searching = text.trim() !== "";

  return (
    <div className="palette" aria-label="Layers" role="group" onPointerEnter={enter} onPointerLeave={leave} onFocus={enter}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as globalThis.Node) && !event.currentTarget.matches(":hover")) leave();
      }}
      onKeyDown={(event) => {
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
      <div className="palette-list" ref={list}>
        {searching && found.length === 0 && <h3>Nothing is called that</h3>}
        {searching && <Shelf title="">{rows(found)}</Shelf>}
        {!searching && <Shelf title="Starred">{rows(byKind(shown.stars), true)}</Shelf>}
        {!searching && <Shelf title="Used last">{rows(byKind(shown.recent), true)}</Shelf>}
        {!searching && palette.families.map((family) => (
          <Shelf key={family.id} title={family.title}>{rows(found.filter((each) => each.info.family === family.id))}</Shelf>
        ))}
      </div>
      <button type="button" className="palette-note" tabIndex={-1} title="Add a note ( N )" onClick={addNote}>
        <Icon name="sticky_note_2" />
        Add a note
      </button>
    </div>
  );
}

/** Drawn again for new kinds, stars and uses only, not for each change of the drawing. */
export const Palette = memo(PaletteView);

function Shelf({ title, children }: { title: string; children: ReactNode[] }) {
  if (children.length === 0) return null;
  return (
    <section aria-label={title || "Found"}>
      {title && <h3>{title}</h3>}
      {children}
    </section>
  );
}

interface RowProps {
  found: Found;
  palette: PaletteData;
  /** In one of the short lists above the families. */
  short: boolean;
  starred: boolean;
  insert(kind: string): void;
}

function Row({ found, palette, insert, short, starred }: RowProps) {
  const { session } = useStage();
  const { kind, info, matched } = found;
  return (
    <div
      className={short ? "palette-kept" : "palette-row"}
      draggable
      data-family={info.family}
      data-kind={kind}
      title={`${info.summary} ${info.when}`.trim()}
      onDragStart={(event) => {
        dragged.kind = kind;
        event.dataTransfer.setData(DRAGGED, kind);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onDragEnd={() => {
        dragged.kind = "";
      }}
    >
      <button type="button" className="palette-pick" tabIndex={-1} onClick={() => insert(kind)}>
        <Icon name={iconOf(palette, kind)} className="family-icon" />
        <span className="palette-title">{info.title}</span>
        {matched && <span className="palette-matched">{matched}</span>}
      </button>
      <button
        type="button"
        className="palette-star"
        tabIndex={-1}
        aria-pressed={starred}
        aria-label={`Star ${info.title}`}
        title={starred ? "Take the star away" : "Star: keep it on top"}
        onClick={() => session.star(kind)}
      >
        <Icon name="star" className={starred ? "is-full" : ""} />
      </button>
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
