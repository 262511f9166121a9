// The menu of a layer, a connection, a selection or the free ground; by right click, long press or the menu key.
import { Fragment, useEffect, useLayoutEffect, useRef, useState } from "react";

import { Icon } from "./Icon";

export interface MenuItem {
  words: string;
  icon: string;
  keys?: string;
  act(): void;
}

export interface MenuProps {
  label: string;
  groups: MenuItem[][];
  at: { x: number; y: number };
  close(): void;
}

const MARGIN = 8;

export function Menu({ label, groups, at, close }: MenuProps) {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState(at);
  useLayoutEffect(() => {
    const own = box.current;
    const area = own?.offsetParent;
    if (!own || !area) return;
    setPlace({
      x: Math.max(MARGIN, Math.min(at.x, area.clientWidth - own.offsetWidth - MARGIN)),
      y: Math.max(MARGIN, Math.min(at.y, area.clientHeight - own.offsetHeight - MARGIN)),
    });
  }, [at, groups]);
  useEffect(() => {
    box.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus({ preventScroll: true });
  }, [at]);
  const step = (by: number, from?: number) => {
    const items = [...(box.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const root = box.current?.getRootNode() as ShadowRoot | Document | undefined;
    const now = from ?? items.indexOf(root?.activeElement as HTMLElement);
    items[(now + by + items.length) % items.length]?.focus({ preventScroll: true });
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Home: () => step(0, 0),
    End: () => step(-1, 0),
    Escape: close,
    Tab: close,
  };
  return (
    <div
      className="menu"
      role="menu"
      aria-label={label}
      ref={box}
      style={{ left: place.x, top: place.y }}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        event.stopPropagation();
        const act = keys[event.key];
        if (!act) return;
        if (event.key !== "Tab") event.preventDefault();
        act();
      }}
    >
      {groups.filter((group) => group.length > 0).map((group, index) => (
        <Fragment key={group[0]?.words}>
          {index > 0 && <div className="menu-line" role="separator" />}
          {group.map((item) => (
            <button
              key={item.words}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close();
                item.act();
              }}
            >
              <Icon name={item.icon} />
              <span className="menu-words">{item.words}</span>
              {item.keys && <kbd>{item.keys}</kbd>}
            </button>
          ))}
        </Fragment>
      ))}
    </div>
  );
}
