// The canvas's keys as one table; they work while the canvas has the focus and never inside a text field.
import type { Edge } from "../model/arrange";
import type { Direction } from "../model/walk";

export interface Acts {
  undo(): void;
  redo(): void;
  remove(heal: boolean): void;
  duplicate(): void;
  selectAll(): void;
  bypass(): void;
  rename(): void;
  settings(): void;
  quickAdd(): void;
  walk(direction: Direction): void;
  nudge(direction: Direction): void;
  tidy(): void;
  turn(): void;
  freeze(): void;
  find(): void;
  menu(): void;
  note(): void;
  connectTo(): void;
  align(edge: Edge): void;
  distribute(axis: "x" | "y"): void;
  makeBlock(): void;
  openUp(): void;
  fit(): void;
  actual(): void;
  toSelection(): void;
  zoom(factor: number): void;
  problem(step: 1 | -1): void;
  escape(): void;
}

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

const ARROWS: Record<string, Direction> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

const PLAIN: Record<string, (acts: Acts, shift: boolean) => void> = {
  delete: (acts, shift) => acts.remove(!shift),
  backspace: (acts, shift) => acts.remove(!shift),
  b: (acts) => acts.bypass(),
  f2: (acts) => acts.rename(),
  enter: (acts) => acts.settings(),
  "/": (acts) => acts.quickAdd(),
  l: (acts, shift) => (shift ? acts.turn() : acts.tidy()),
  n: (acts) => acts.note(),
  w: (acts) => acts.connectTo(),
  contextmenu: (acts) => acts.menu(),
  "0": (acts) => acts.fit(),
  "1": (acts) => acts.actual(),
  "2": (acts) => acts.toSelection(),
  "+": (acts) => acts.zoom(1.2),
  "-": (acts) => acts.zoom(1 / 1.2),
  p: (acts, shift) => acts.problem(shift ? -1 : 1),
  escape: (acts) => acts.escape(),
};

const WITH_CONTROL: Record<string, (acts: Acts, shift: boolean) => void> = {
  z: (acts, shift) => (shift ? acts.redo() : acts.undo()),
  y: (acts) => acts.redo(),
  d: (acts) => acts.duplicate(),
  a: (acts) => acts.selectAll(),
  f: (acts) => acts.find(),
  g: (acts, shift) => (shift ? acts.openUp() : acts.makeBlock()),
};

/** Does what the key stands for; false when the canvas has no use for it. */
export function press(event: Key, acts: Acts): boolean {
  const control = event.ctrlKey || event.metaKey;
  const arrow = ARROWS[event.key];
  if (arrow && !control) {
    if (event.altKey) acts.nudge(arrow);
    else acts.walk(arrow);
    return true;
  }
  if (event.altKey) return false;
  if (event.key === "F10" && event.shiftKey) {
    acts.menu();
    return true;
  }
  const act = (control ? WITH_CONTROL : PLAIN)[event.key.toLowerCase()];
  act?.(acts, event.shiftKey);
  return act !== undefined;
}

export function inTextField(event: Event): boolean {
  const at = event.composedPath()[0];
  return at instanceof HTMLElement && (/^(input|textarea|select)$/i.test(at.tagName) || at.isContentEditable);
}
