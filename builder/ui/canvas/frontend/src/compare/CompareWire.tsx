// One connection of a comparison: added, removed or as before, with the shape through it, old and new.
import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { memo } from "react";

import type { Flowing } from "../model/protocol";
import { corners, middle, pathThrough } from "../model/route";
import type { WireMark } from "./marks";

export interface CompareWireData extends Record<string, unknown> {
  lane: number | undefined;
  direction: Flowing;
  label: string;
  mark: WireMark | undefined;
}

export type CompareEdge = Edge<CompareWireData, "compared">;

function CompareWireView({ sourceX, sourceY, targetX, targetY, data, id }: EdgeProps<CompareEdge>) {
  if (!data) return null;
  const { mark } = data;
  const points = corners({ x: sourceX, y: sourceY }, { x: targetX, y: targetY }, data.lane, data.direction);
  const at = middle(points);
  const how = mark?.how ?? "same";
  const changed = mark && mark.old !== mark.now;
  return (
    <>
      <BaseEdge id={id} path={pathThrough(points)} className={`wire is-${how}`} />
      {how !== "removed" && (changed || data.label) && (
        <EdgeLabelRenderer>
          <div className={`wire-label is-compared ${changed ? "is-changed" : ""}`}
            style={{ transform: `translate(${data.lane === undefined || data.direction === "right" ? "-50%" : "-12px"}, -50%) translate(${at.x}px, ${at.y}px)` }}>
            {changed ? (
              <span className="wire-shape" title={`was ${mark.old}, now ${mark.now}`}>
                <s>{mark.old}</s> → {mark.now}
              </span>
            ) : (
              <span className="wire-shape">{data.label}</span>
            )}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

export const CompareWire = memo(CompareWireView);
