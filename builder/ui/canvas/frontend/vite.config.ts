import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { copyCharts } from "./copy-charts.ts";
import { recordSources } from "./record-sources.ts";

// A plain entry instead of library mode: library mode leaves `process.env` in the bundle and does not minify fully.
export default defineConfig({
  plugins: [react(), recordSources(), copyCharts()],
  build: {
    outDir: "../../../../assets/canvas",
    emptyOutDir: true,
    copyPublicDir: false,
    target: "es2022",
    rollupOptions: {
      input: "src/main.tsx",
      preserveEntrySignatures: "strict",
      output: { format: "es", entryFileNames: "canvas.js", codeSplitting: false },
    },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
