// Bundles src/**/*.test.ts with esbuild and runs them with Node's own test runner.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../src", import.meta.url));
const tests = readdirSync(root, { recursive: true })
  .map((name) => join(root, String(name)))
  .filter((name) => name.endsWith(".test.ts"));
const out = mkdtempSync(join(tmpdir(), "gantry-web-"));
try {
  await build({
    entryPoints: tests,
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node18",
    logLevel: "warning",
  });
  const files = readdirSync(out, { recursive: true })
    .map((name) => join(out, String(name)))
    .filter((name) => name.endsWith(".mjs"));
  process.exitCode =
    spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
