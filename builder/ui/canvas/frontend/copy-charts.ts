// Puts the part of plotly.js that live charts need into assets/charts, as its package ships it.
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ENGINE = fileURLToPath(import.meta.resolve("plotly.js-cartesian-dist-min"));
const FOLDER = fileURLToPath(new URL("../../../../assets/charts", import.meta.url));

export function copyCharts() {
  return {
    name: "copy-charts",
    apply: "build" as const,
    closeBundle() {
      mkdirSync(FOLDER, { recursive: true });
      copyFileSync(ENGINE, join(FOLDER, "plotly-cartesian.min.js"));
      copyFileSync(join(dirname(ENGINE), "LICENSE"), join(FOLDER, "LICENSE-plotly.txt"));
    },
  };
}
