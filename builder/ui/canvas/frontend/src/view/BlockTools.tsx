// Buttons of the toolbar for blocks: what Ctrl+G, Ctrl+Shift+G and a double click do, for those who look for a button.
import { isBlock } from "../model/blocks";
import { nodeOf } from "../model/graph";
import type { Session } from "../model/session";
import { Icon } from "./Icon";
import type { Acts } from "./keys";

type BlockActs = Pick<Acts, "makeBlock" | "openUp">;

export function BlockTools({ session, acts }: { session: Session; acts: BlockActs }) {
  const chosen = session.selection.flatMap((id) => nodeOf(session.doc, id) ?? []);
  const one = chosen.length === 1 ? chosen[0] : undefined;
  if (chosen.length === 0) return null;
  return (
    <>
      {one && isBlock(one) && button("login", "Open inside", "Look inside this block (double-click)", () => session.request("enter", [one.id]))}
      {one && isBlock(one) && button("open_in_full", "Open up", "Put its layers back into the drawing (Ctrl+Shift+G)", acts.openUp)}
      {chosen.length > 1 && button("widgets", "Make a block", "Put these layers into a block (Ctrl+G)", acts.makeBlock)}
    </>
  );
}

function button(icon: string, words: string, help: string, act: () => void) {
  return (
    <button type="button" tabIndex={-1} className="with-words" title={help} onClick={act}>
      <Icon name={icon} />
      {words}
    </button>
  );
}
