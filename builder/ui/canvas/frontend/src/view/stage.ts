// What every drawn part may ask or do, shared by context; its identity never changes.
import { createContext, useContext } from "react";

import type { Connecting, Pulled } from "../model/connecting";
import type { Wire } from "../model/protocol";
import type { Session } from "../model/session";

/** Where a layer found in quick-add goes. */
export type Target =
  | { into: Wire }
  | { after: string }
  | { from: Pulled; at: { x: number; y: number } }
  | { at: { x: number; y: number } | null };

/** Which layer's name is being typed; a store of its own, so that the field is there before the next key. */
export class Renaming {
  id: string | null = null;
  private listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(id: string | null): void {
    this.id = id;
    for (const listener of this.listeners) listener();
  }
}

/** What a menu is about. */
export type About = { node: string } | { wire: Wire } | { at: { x: number; y: number } };

export interface Stage {
  session: Session;
  renaming: Renaming;
  connecting: Connecting;
  /** Opens the search; without a target, where a new layer goes by itself. */
  quickAdd(target: Target | null, screen: { x: number; y: number }, family?: string): void;
  insert(kind: string, target: Target, branch?: boolean): void;
  rename(id: string | null): void;
  /** Opens a block from inside. */
  enter(id: string): void;
  finishRename(id: string, name: string): void;
  finishNote(id: string, text: string): void;
  /** Opens the menu of something, at a point of the screen. */
  menu(about: About, screen: { x: number; y: number }): void;
}

export const StageContext = createContext<Stage | null>(null);

export function useStage(): Stage {
  const stage = useContext(StageContext);
  if (!stage) throw new Error("A part of the canvas is drawn outside its stage.");
  return stage;
}
