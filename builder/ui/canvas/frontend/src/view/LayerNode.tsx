// One layer: family bar, icon, name, settings, parameters, badges and ports.
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo, useCallback, useEffect, useRef, useSyncExternalStore } from "react";

import { Difference } from "../compare/CompareLayer";
import { type LayerMark, WORDS } from "../compare/marks";
import type { Flowing, PortInfo, Severity } from "../model/protocol";
import { Icon } from "./Icon";
import { MiniMap } from "./MiniMap";
import { useStage } from "./stage";

export interface LayerData extends Record<string, unknown> {
  name: string;
  kind: string;
  family: string;
  icon: string;
  line: string;
  tip: string;
  parameters: string;
  exact: string;
  inputs: PortInfo[];
  outputs: string[];
  wired: string[];
  ends: boolean;
  bypassed: boolean;
  frozen: boolean;
  shared: boolean;
  unwired: boolean;
  waiting: string;
  problems: { severity: Severity; what: string }[];
  repeat: string;
  /** Of a block: the families of its layers, in three lines at most. */
  lines: string[][];
  reading: string;
  direction: Flowing;
  /** What a fix that is looked at would do to it. */
  mark: LayerMark | undefined;
}

export type LayerFlowNode = Node<LayerData, "layer">;

const BADGE: Record<Severity, string> = { error: "error", warning: "warning", hint: "lightbulb" };
const PORT_GAP = 24;
const SIDES = { down: [Position.Top, Position.Bottom], right: [Position.Left, Position.Right] } as const;

function LayerNodeView({ id, data, selected }: NodeProps<LayerFlowNode>) {
  const worst = data.unwired ? undefined : data.problems[0];
  const classes = [
    "layer",
    selected && "is-selected",
    data.bypassed && "is-bypassed",
    data.unwired && "is-unwired",
    data.family === "block" && "is-block",
    worst && `has-${worst.severity}`,
    data.mark && `is-${data.mark.how}`,
  ];
  return (
    <div
      className={classes.filter(Boolean).join(" ")}
      data-family={data.family}
      data-direction={data.direction}
      id={`layer-${id}`}
      role="group"
      aria-roledescription="layer"
      aria-current={selected}
      aria-label={data.reading}
      title={data.tip}
    >
      <span className="layer-bar" />
      <Icon name={data.icon} className="layer-icon" />
      <span className="layer-text">
        <span className="layer-head">
          <Name id={id} name={data.name} />
          {data.repeat && <span className="layer-repeat">{data.repeat}</span>}
          {data.parameters && (
            <span className="layer-parameters" title={`${data.exact} parameters`}>
              {data.parameters}
            </span>
          )}
        </span>
        <span className="layer-line">{lineOf(data)}</span>
      </span>
      {data.lines.length > 0 && <MiniMap lines={data.lines} />}
      {data.mark ? <Difference mark={data.mark} /> : <Badges data={data} />}
      {data.inputs.map((port, index) => (
        <Port key={port.name} node={id} side="target" name={port.name} wired={data.wired.includes(port.name)}
          letter={data.inputs.length > 1 ? port.label || port.name : ""} offset={offset(index, data.inputs.length)} direction={data.direction} />
      ))}
      {data.outputs.map((port, index) => (
        <Port key={port} node={id} side="source" name={port} wired={!data.ends}
          letter={data.outputs.length > 1 ? port : ""} offset={offset(index, data.outputs.length)} direction={data.direction} />
      ))}
      {data.ends && data.outputs.length > 0 && <AddBelow id={id} name={data.name} />}
    </div>
  );
}

/** Drawn again for what it shows alone: React Flow also tells it where it is, at every step of a drag. */
export const LayerNode = memo(
  LayerNodeView,
  (before, now) => before.id === now.id && before.data === now.data && before.selected === now.selected,
);

function lineOf(data: LayerData): string {
  if (data.mark?.how === "changed") return data.mark.lines[0] ?? WORDS.changed;
  if (data.bypassed) return `${data.line} · bypassed`;
  if (data.unwired) return "not connected yet";
  return data.waiting || data.line;
}

function offset(index: number, count: number): number {
  return (index - (count - 1) / 2) * PORT_GAP;
}

function Badges({ data }: { data: LayerData }) {
  const worst = data.unwired ? undefined : data.problems[0];
  const more = data.problems.length - 1;
  return (
    <span className="badges">
      {worst && (
        <span className={`badge badge-${worst.severity}`} title={data.problems.map((each) => each.what).join("\n")}>
          <Icon name={BADGE[worst.severity]} />
          {more > 0 && <span className="badge-count">{more + 1}</span>}
        </span>
      )}
      {data.frozen && (
        <span className="badge" title="Frozen: its weights stay as they are">
          <Icon name="ac_unit" />
        </span>
      )}
      {data.shared && (
        <span className="badge" title="Its weights are shared">
          <Icon name="link" />
        </span>
      )}
    </span>
  );
}

interface PortProps {
  node: string;
  side: "source" | "target";
  name: string;
  wired: boolean;
  letter: string;
  offset: number;
  direction: Flowing;
}

function Port({ node, side, name, wired, letter, offset: shift, direction }: PortProps) {
  const stage = useStage();
  const { connecting } = stage;
  const reason = useSyncExternalStore(
    connecting.subscribe,
    useCallback(() => connecting.reason(node, name, side), [connecting, node, name, side]),
  );
  const state = reason === undefined ? "" : reason === null ? "fits" : "fits-not";
  return (
    <Handle
      type={side}
      id={name}
      position={SIDES[direction][side === "target" ? 0 : 1]}
      className={`port ${wired ? "is-wired" : ""} ${state}`}
      style={{ [direction === "down" ? "left" : "top"]: `calc(50% + ${shift}px)` }}
      title={reason || [letter, side === "source" ? "Drag to connect, click to add a layer" : ""].filter(Boolean).join(": ") || undefined}
      onClick={(event) => {
        event.stopPropagation();
        stage.quickAdd({ from: { node, port: name, side }, at: null }, { x: event.clientX, y: event.clientY });
      }}
    >
      {letter && <span className="port-letter">{letter.length > 2 ? letter[0] : letter}</span>}
    </Handle>
  );
}

function AddBelow({ id, name }: { id: string; name: string }) {
  const stage = useStage();
  return (
    <button
      type="button"
      tabIndex={-1}
      className="add-below nodrag nopan"
      aria-label={`Add a layer after ${name}`}
      title="Add a layer here ( / )"
      onClick={(event) => {
        event.stopPropagation();
        stage.quickAdd({ after: id }, { x: event.clientX, y: event.clientY });
      }}
    >
      <Icon name="add" />
    </button>
  );
}

function Name({ id, name }: { id: string; name: string }) {
  const { renaming } = useStage();
  const typing = useSyncExternalStore(renaming.subscribe, () => renaming.id === id);
  return typing ? <NameField id={id} name={name} /> : <span className="layer-name">{name}</span>;
}

function NameField({ id, name }: { id: string; name: string }) {
  const stage = useStage();
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useEffect(() => {
    field.current?.select();
  }, []);
  const finish = (value: string) => {
    if (done.current) return;
    done.current = true;
    stage.finishRename(id, value);
  };
  return (
    <input
      ref={field}
      className="name-field nodrag nopan"
      aria-label={`Name of ${name}`}
      defaultValue={name}
      maxLength={200}
      autoFocus
      onBlur={(event) => finish(event.target.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") finish(event.currentTarget.value);
        if (event.key === "Escape") finish(name);
      }}
    />
  );
}
