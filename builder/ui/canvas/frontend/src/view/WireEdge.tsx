// One connection: its path, the shape that flows through it, and the + that inserts a layer.
import { BaseEdge, type Edge, type EdgeProps, useStoreApi } from "@xyflow/react";
import { memo, type ReactNode, useMemo } from "react";
import { createPortal } from "react-dom";

import type { Flowing, Wire } from "../model/protocol";
import { corners, LABEL_BEFORE, labelPoint, pathThrough } from "../model/route";
import { Icon } from "./Icon";
import { useStage } from "./stage";

export interface WireData extends Record<string, unknown> {
  wire: Wire;
  lane: number | undefined;
  /** How far its label is from the middle of the lane; none where it is not in one. */
  shift: number | undefined;
  direction: Flowing;
  label: string;
  hover: string;
  problem: string;
  words: string;
  aimed: boolean;
  /** Whether a fix that is looked at would cut it. */
  cut: boolean;
}

export type WireFlowEdge = Edge<WireData, "wire">;

function WireEdgeView({ sourceX, sourceY, targetX, targetY, data, selected, id }: EdgeProps<WireFlowEdge>) {
  const stage = useStage();
  if (!data) return null;
  const points = corners({ x: sourceX, y: sourceY }, { x: targetX, y: targetY }, data.lane, data.direction);
  const at = labelPoint(points, data.shift);
  const state = [data.problem && "has-error", selected && "is-selected", data.aimed && "is-aimed", data.cut && "is-removed"];
  return (
    <>
      <title>{data.problem || data.hover}</title>
      <BaseEdge id={id} path={pathThrough(points)} className={["wire", ...state].filter(Boolean).join(" ")} interactionWidth={24} />
      {!data.cut && <Labels>
        <div
          className={["wire-label nodrag nopan", ...state].filter(Boolean).join(" ")}
          style={{ transform: `translate(${data.lane === undefined || data.direction === "right" ? "-50%" : `-${LABEL_BEFORE}px`}, -50%) translate(${at.x}px, ${at.y}px)` }}
        >
          {(data.problem || data.label) && (
            <span key={data.label} className="wire-shape">
              {data.problem && <Icon name="error" />}
              {data.problem || data.label}
            </span>
          )}
          <button
            type="button"
            tabIndex={-1}
            className="wire-add"
            aria-label={`Add a layer ${data.words}`}
            title="Add a layer here"
            onClick={(event) => stage.quickAdd({ into: data.wire }, { x: event.clientX, y: event.clientY })}
          >
            <Icon name="add" />
          </button>
        </div>
      </Labels>}
    </>
  );
}

/**
 * React Flow's own layer for labels, looked up once: its EdgeLabelRenderer searches for it at every move of anything.
 * The surface is there before any wire, for a wire waits until the layers at its ends were measured on it.
 */
function Labels({ children }: { children: ReactNode }) {
  const store = useStoreApi();
  const layer = useMemo(() => store.getState().domNode?.querySelector(".react-flow__edgelabel-renderer"), [store]);
  return layer ? createPortal(children, layer) : null;
}

export const WireEdge = memo(WireEdgeView);
