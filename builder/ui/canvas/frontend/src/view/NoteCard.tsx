// A note: a plain card with text, no ports.
import { type Node, type NodeProps } from "@xyflow/react";
import { memo, useEffect, useRef, useSyncExternalStore } from "react";

import { useStage } from "./stage";

export interface NoteData extends Record<string, unknown> {
  text: string;
}

export type NoteFlowNode = Node<NoteData, "note">;

function NoteView({ id, data, selected }: NodeProps<NoteFlowNode>) {
  const { renaming } = useStage();
  const typing = useSyncExternalStore(renaming.subscribe, () => renaming.id === id);
  return (
    <div
      className={`note ${selected ? "is-selected" : ""}`}
      id={`layer-${id}`}
      role="group"
      aria-current={selected}
      aria-label={`Note: ${data.text || "empty"}`}
    >
      {typing ? <Field id={id} text={data.text} /> : <p>{data.text || "Empty note"}</p>}
    </div>
  );
}

export const NoteCard = memo(NoteView);

function Field({ id, text }: { id: string; text: string }) {
  const stage = useStage();
  const field = useRef<HTMLTextAreaElement>(null);
  const done = useRef(false);
  useEffect(() => {
    const area = field.current;
    area?.focus({ preventScroll: true });
    area?.setSelectionRange(area.value.length, area.value.length);
    fit(area);
  }, []);
  const finish = (value: string) => {
    if (done.current) return;
    done.current = true;
    stage.finishNote(id, value);
  };
  return (
    <textarea
      ref={field}
      className="nodrag nopan nowheel"
      aria-label="Text of the note"
      placeholder="What should be remembered here?"
      defaultValue={text}
      maxLength={4000}
      rows={2}
      onInput={(event) => fit(event.currentTarget)}
      onBlur={(event) => finish(event.target.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") finish(event.currentTarget.value);
      }}
    />
  );
}

function fit(area: HTMLTextAreaElement | null): void {
  if (!area) return;
  area.style.height = "0";
  area.style.height = `${area.scrollHeight}px`;
}
