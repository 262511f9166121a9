// One layer of a comparison: as on the canvas, with a mark and a word for how it differs; no ports to pull at.
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";

import type { Flowing } from "../model/protocol";
import { Icon } from "../view/Icon";
import { ICONS, type LayerMark, WORDS } from "./marks";

export interface CompareData extends Record<string, unknown> {
  name: string;
  line: string;
  family: string;
  icon: string;
  parameters: string;
  inputs: string[];
  outputs: string[];
  bypassed: boolean;
  chosen: boolean;
  mark: LayerMark | undefined;
  reading: string;
  direction: Flowing;
  /** Only looked at: a layer that a fix would add. */
  ghost?: boolean;
}

export type CompareNode = Node<CompareData, "compared">;

const PORT_GAP = 24;
const SIDES = { down: [Position.Top, Position.Bottom], right: [Position.Left, Position.Right] } as const;

function CompareLayerView({ id, data }: NodeProps<CompareNode>) {
  const { mark, direction } = data;
  const [entry, exit] = SIDES[direction];
  const across = direction === "down" ? "left" : "top";
  const classes = ["layer", mark ? `is-${mark.how}` : "is-same", data.chosen && "is-selected", data.bypassed && "is-bypassed", data.ghost && "is-ghost"];
  const tip = [data.name, data.line, ...(mark ? [WORDS[mark.how], ...mark.lines] : [])].join("\n");
  return (
    <div className={classes.filter(Boolean).join(" ")} data-family={data.family} id={`layer-${id}`}
      {...(data.ghost ? { role: "img" } : { role: "option", "aria-selected": data.chosen })} aria-label={data.reading} title={tip}>
      <span className="layer-bar" />
      <Icon name={data.icon} className="layer-icon" />
      <span className="layer-text">
        <span className="layer-head">
          <span className="layer-name">{data.name}</span>
          {data.parameters && <span className="layer-parameters">{data.parameters}</span>}
        </span>
        <span className="layer-line">{mark?.how === "changed" ? (mark.lines[0] ?? data.line) : data.line}</span>
      </span>
      {mark && <Difference mark={mark} />}
      {data.inputs.map((name, index) => (
        <Handle key={name} type="target" id={name} position={entry} className="port is-wired" isConnectable={false}
          style={{ [across]: `calc(50% + ${offset(index, data.inputs.length)}px)` }} />
      ))}
      {data.outputs.map((name, index) => (
        <Handle key={name} type="source" id={name} position={exit} className="port is-wired" isConnectable={false}
          style={{ [across]: `calc(50% + ${offset(index, data.outputs.length)}px)` }} />
      ))}
      {data.chosen && mark && mark.lines.length > 0 && (
        <ul className="difference-card nodrag nopan" aria-hidden="true">
          {mark.lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

export const CompareLayer = memo(CompareLayerView);

/** The word on a layer that differs. */
export function Difference({ mark }: { mark: LayerMark }) {
  return (
    <span className={`difference is-${mark.how}`}>
      <Icon name={ICONS[mark.how]} />
      {WORDS[mark.how]}
      {mark.lines.length > 1 && ` · ${mark.lines.length}`}
    </span>
  );
}

function offset(index: number, count: number): number {
  return (index - (count - 1) / 2) * PORT_GAP;
}
