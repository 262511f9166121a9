// Copying to and from the system's clipboard; the keys give an event, the menu has to ask.
import { type Clip, contents, copyOf, whyNotPaste } from "../model/clip";
import type { Session } from "../model/session";

/** What was copied last, for browsers that do not let a menu read the clipboard. */
let last = "";

/** The chosen layers as text for the clipboard, and in words; null when nothing is chosen. */
export function textOf(session: Session): { text: string; words: string } | null {
  const clip: Clip = copyOf(session.doc, session.selection, session.positions, session.definitions);
  if (clip.nodes.length + clip.notes.length === 0) return null;
  last = JSON.stringify(clip, null, 1);
  return { text: last, words: contents(clip) };
}

export async function writeText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without the permission it stays in this window: the menu's Paste finds it there.
  }
}

export async function readText(): Promise<string> {
  try {
    return (await navigator.clipboard.readText()) || last;
  } catch {
    return last;
  }
}

/** Sends a clipboard text to be read, or says why not. */
export function paste(session: Session, text: string, at: { x: number; y: number }, refuse: (reason: string) => void): void {
  const reason = whyNotPaste(text);
  if (reason) refuse(reason);
  else session.paste(text, at);
}
