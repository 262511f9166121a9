// Choosing one layer of the drawing by typing: to find it, or to connect to it without dragging.
import { useEffect, useMemo, useRef, useState } from "react";

import { Icon } from "./Icon";
import { showChosen } from "./scrolling";

export interface Choice {
  id: string;
  words: string;
  detail: string;
  icon: string;
  family: string;
  /** Why it cannot be chosen; empty when it can. */
  reason: string;
}

interface PickerProps {
  label: string;
  placeholder: string;
  choices: Choice[];
  choose(id: string): void;
  close(): void;
}

export function Picker({ label, placeholder, choices, choose, close }: PickerProps) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => matching(choices, text), [choices, text]);
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    showChosen(list.current);
  }, [chosen, rows]);
  const take = (row: Choice | undefined) => row && !row.reason && choose(row.id);
  return (
    <div
      className="picker"
      role="dialog"
      aria-label={label}
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
          take(rows[chosen]);
        }
      }}
    >
      <label className="search">
        <Icon name="search" />
        <input
          ref={field}
          role="combobox"
          aria-expanded="true"
          aria-controls="picker-list"
          aria-activedescendant={rows.length > 0 ? `picker-${chosen}` : undefined}
          aria-label={label}
          placeholder={placeholder}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
          }}
        />
      </label>
      <div className="picker-list" id="picker-list" role="listbox" aria-label="Layers of the drawing" ref={list}>
        {rows.map((row, index) => (
          <div
            key={row.id}
            id={`picker-${index}`}
            role="option"
            aria-selected={index === chosen}
            aria-disabled={row.reason !== ""}
            className={`quick-add-row ${row.reason ? "is-unfit" : ""}`}
            data-family={row.family}
            data-node={row.id}
            onPointerMove={() => setChosen(index)}
            onClick={() => take(row)}
          >
            <Icon name={row.icon} className="family-icon" />
            <span className="quick-add-text">
              <span className="quick-add-title">{row.words}</span>
              <span className="quick-add-why">{row.reason || row.detail}</span>
            </span>
          </div>
        ))}
      </div>
      {rows.length === 0 && <p className="nothing">No layer here is called that.</p>}
    </div>
  );
}

/** What matches, those that can be chosen first, names that begin so before others. */
export function matching(choices: readonly Choice[], text: string): Choice[] {
  const wanted = text.trim().toLowerCase();
  const rank = ({ words, detail, reason }: Choice) => {
    const name = words.toLowerCase();
    const found = name.startsWith(wanted) ? 0 : name.includes(wanted) ? 1 : detail.toLowerCase().includes(wanted) ? 2 : 9;
    return found === 9 ? 9 : found + (reason ? 4 : 0);
  };
  return choices
    .map((choice, index) => ({ choice, index, rank: rank(choice) }))
    .filter((each) => each.rank < 9)
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ choice }) => choice);
}
