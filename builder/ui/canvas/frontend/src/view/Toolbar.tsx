// The buttons over the drawing: zoom, layout, find, and what can be done with several chosen layers.
import { useStore } from "@xyflow/react";
import type { ReactNode } from "react";

import type { Edge } from "../model/arrange";
import type { Flowing } from "../model/protocol";
import { Icon } from "./Icon";
import type { Acts } from "./keys";

interface ButtonProps {
  icon: string;
  words: string;
  act(): void;
}

function Button({ icon, words, act }: ButtonProps) {
  return (
    <button type="button" tabIndex={-1} title={words} aria-label={words} onClick={act}>
      <Icon name={icon} />
    </button>
  );
}

interface ToolbarProps {
  acts: Acts;
  /** Narrow: the button that adds a layer stands in for the palette, and the zoom in figures gives it its room. */
  addable: boolean;
  direction: Flowing;
  children?: ReactNode;
}

export function Toolbar({ acts, addable, direction, children }: ToolbarProps) {
  const zoom = useStore(({ transform }) => Math.round(transform[2] * 100));
  const turned = direction === "right";
  return (
    <div className="toolbar" role="toolbar" aria-label="View">
      {addable && <Button icon="add" words="Add a layer ( / )" act={acts.quickAdd} />}
      <Button icon={addable ? "zoom_out" : "remove"} words="Zoom out ( - )" act={() => acts.zoom(1 / 1.2)} />
      {!addable && (
        <button type="button" tabIndex={-1} className="zoom" title="Show at 100 % ( 1 )" aria-label={`Zoom ${zoom} %, show at 100 %`} onClick={acts.actual}>
          {zoom} %
        </button>
      )}
      <Button icon={addable ? "zoom_in" : "add"} words="Zoom in ( + )" act={() => acts.zoom(1.2)} />
      <Button icon="fit_screen" words="Show everything ( 0 )" act={acts.fit} />
      <Button icon="search" words="Find a layer of the drawing ( Ctrl+F )" act={acts.find} />
      <Button icon="account_tree" words="Tidy the drawing ( L )" act={acts.tidy} />
      <Button
        icon={turned ? "arrow_downward" : "arrow_forward"}
        words={turned ? "Draw it from top to bottom ( Shift+L )" : "Draw it from left to right ( Shift+L )"}
        act={acts.turn}
      />
      {children}
    </div>
  );
}

export const ALIGN: { edge: Edge; icon: string; words: string }[] = [
  { edge: "left", icon: "align_horizontal_left", words: "Align left edges" },
  { edge: "centre", icon: "align_horizontal_center", words: "Align centres" },
  { edge: "right", icon: "align_horizontal_right", words: "Align right edges" },
  { edge: "top", icon: "align_vertical_top", words: "Align top edges" },
  { edge: "middle", icon: "align_vertical_center", words: "Align middles" },
  { edge: "bottom", icon: "align_vertical_bottom", words: "Align bottom edges" },
];
export const DISTRIBUTE: { axis: "x" | "y"; icon: string; words: string }[] = [
  { axis: "x", icon: "horizontal_distribute", words: "Space evenly across" },
  { axis: "y", icon: "vertical_distribute", words: "Space evenly down" },
];

/** Shown while several are chosen. */
export function Several({ acts, count }: { acts: Acts; count: number }) {
  return (
    <div className="toolbar several" role="toolbar" aria-label={`${count} chosen`}>
      <span className="several-count">{count} chosen</span>
      {ALIGN.map(({ edge, icon, words }) => (
        <Button key={edge} icon={icon} words={words} act={() => acts.align(edge)} />
      ))}
      {count > 2 && DISTRIBUTE.map(({ axis, icon, words }) => (
        <Button key={axis} icon={icon} words={words} act={() => acts.distribute(axis)} />
      ))}
      <Button icon="content_copy" words="Duplicate ( Ctrl+D )" act={acts.duplicate} />
      <Button icon="delete" words="Delete ( Del )" act={() => acts.remove(true)} />
    </div>
  );
}
