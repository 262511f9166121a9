// Writes canvas.meta.json beside the bundle: what it was built from, so that a test can tell drift without Node.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const SOURCES = ["package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "record-sources.ts", "src"];

function filesUnder(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesUnder(join(path, name)));
}

function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** One hash over all source files: lines of `<sha256>  <path>`, sorted by path. */
export function sourceHash(): string {
  const lines = SOURCES.flatMap((name) => filesUnder(join(ROOT, name)))
    .map((file) => [relative(ROOT, file).replaceAll("\\", "/"), sha256(readFileSync(file))] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, hash]) => `${hash}  ${path}\n`);
  return sha256(lines.join(""));
}

export function recordSources() {
  let folder = "";
  return {
    name: "record-sources",
    apply: "build" as const,
    configResolved(config: { root: string; build: { outDir: string } }) {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      const bundle = sha256(readFileSync(join(folder, "canvas.js")));
      const meta = { sources: sourceHash(), bundle };
      writeFileSync(join(folder, "canvas.meta.json"), JSON.stringify(meta, null, 2) + "\n");
    },
  };
}
