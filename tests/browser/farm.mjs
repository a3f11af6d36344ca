// The real programs, as an operator's machine runs them: a server on an empty folder, simulated
// printers, and Chromium.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What CTest takes for "skipped". */
export const skipped = 77;

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};

export const chromium_path = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(chromium_path)) {
  console.log(`skipped: there is no ${chromium_path}`);
  process.exit(skipped);
}

export const here = (path) => fileURLToPath(new URL(path, import.meta.url));
export const program = option("gantry", "");
export const folder = option("folder", "");
if (!program || !folder) {
  console.log("Usage: node <test>.mjs --gantry PROGRAM --folder FOLDER");
  process.exit(2);
}

const require_web = createRequire(here("../../web/package.json"));
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

const children = [];

/** Starts the program and collects its lines; `line(test)` waits for one. */
function start(...args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let text = "";
  let complaints = "";
  const waiting = new Set();
  const look = () => {
    for (const each of [...waiting]) each();
  };
  child.stdout.on("data", (chunk) => {
    text += chunk;
    look();
  });
  child.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  child.once("exit", look);
  const line = (pattern, timeout_ms = 20_000) =>
    new Promise((resolve, reject) => {
      const fail = (why) => {
        waiting.delete(check);
        clearTimeout(timer);
        reject(new Error(`${args[0]}: ${why}\n${text}${complaints}`));
      };
      const timer = setTimeout(() => fail(`no ${pattern} in time`), timeout_ms);
      const check = () => {
        const found = text.match(pattern);
        if (found) {
          waiting.delete(check);
          clearTimeout(timer);
          resolve(found);
        } else if (child.exitCode !== null) fail(`ended with ${child.exitCode}`);
      };
      waiting.add(check);
      check();
    });
  return { line, complaints: () => complaints };
}

/** An empty folder below that of this test. */
export function emptyFolder(name) {
  const path = join(folder, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}

/** A port at which nothing listens. */
export function refusedPort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts `gantry serve`, or another subcommand that serves; answers its log-in link. */
export async function startServer(data, subcommand = "serve", ...rest) {
  const { line, complaints } = start(subcommand, "--data", data, "--port", "0", ...rest);
  const [link, base, token] = await line(/(http:\S+?)\/#\/login\?token=(\w+)/);
  return { link, base, token, complaints };
}

/** One simulated printer: its port, and what only a person at the machine could see or do. */
export class Machine {
  constructor(name, port, control_port = port) {
    this.name = name;
    this.port = port;
    this.base = `http://127.0.0.1:${control_port}/sim`;
  }

  async #post(path, body) {
    const answer = await fetch(`${this.base}/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} ${JSON.stringify(body)}: ${answer.status}`);
  }

  fault(kind, more = {}) {
    return this.#post("fault", { kind, ...more });
  }

  takePartsAway() {
    return this.#post("bed", {});
  }

  /** What really happened, oldest first. */
  async log(event) {
    const answer = await fetch(`${this.base}/log`);
    const { entries } = await answer.json();
    return event ? entries.filter((each) => each.event === event) : entries;
  }
}

/** Starts `gantry sim moonraker`; answers its printers. */
export async function startMachines(count, speed, ...more) {
  const numbers = ["--count", String(count), "--speed", String(speed)];
  const { line } = start("sim", "moonraker", ...numbers, ...more);
  const all = new RegExp(`(?:\\{.*\\}\\n){${count}}`);
  const [text] = await line(all);
  return text
    .trim()
    .split("\n")
    .map((each) => JSON.parse(each))
    .map(({ printer, port }) => new Machine(printer, port));
}

/** Starts `gantry sim anycubic`; answers its printer. */
export async function startResinMachine(speed) {
  const { line } = start("sim", "anycubic", "--speed", String(speed));
  const [text] = await line(/\{.*\}\n/);
  const { printer, port, control_port } = JSON.parse(text);
  return new Machine(printer, port, control_port);
}

/** What the simulated pumps of a data folder really did, in words; throws if that broke a rule. */
export function pumpRecord(data) {
  const told = spawnSync(program, ["sim", "pumps", join(data, "pump-record.jsonl")]);
  const text = `${told.stdout}${told.stderr}`;
  if (told.status !== 0) throw new Error(text);
  return text;
}

export async function openBrowser() {
  const { chromium } = require_web("playwright-core");
  return chromium.launch({ executablePath: chromium_path, args: flags });
}

/** A page that counts what goes wrong inside it in `troubles`. */
export async function openPage(browser, look = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    reducedMotion: "reduce",
    ...look,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const troubles = [];
  page.on("pageerror", (error) => troubles.push(`the page threw: ${error.message}`));
  page.on("dialog", (dialog) => troubles.push(`the page asked twice: ${dialog.message()}`));
  const go = (hash) =>
    page.evaluate((next) => {
      location.hash = next;
    }, hash);
  return { page, go, troubles };
}

/** Calls the API as the page does, with its cookie. */
export function ask(page, path) {
  return page.evaluate(async (address) => {
    const answer = await fetch(`/api/v1${address}`);
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer.json();
  }, path);
}

/** Calls the API with the administrator's token, for what a test needs but does not test. */
export function callerOf(server) {
  let number = 0;
  return async (method, path, body) => {
    const is_file = body instanceof Uint8Array;
    const answer = await fetch(`${server.base}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${server.token}`,
        "Content-Type": is_file ? "model/stl" : "application/json",
        "Idempotency-Key": `test-${++number}`,
      },
      body: is_file || body === undefined ? body : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer.json();
  };
}

/** Waits until `test` answers something true. */
export async function until(what, test, timeout_ms = 30_000) {
  const end = Date.now() + timeout_ms;
  for (;;) {
    const found = await test();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${timeout_ms / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function expect(value, what) {
  if (!value) throw new Error(what);
}

export const field = (label) => `.field:has(> label:has-text("${label}")) :is(input, select)`;
export const button = (text) => `button:has-text("${text}")`;

/**
 * Runs named steps in order, each with a screenshot, and ends everything. A step that fails ends the
 * test: the later ones build on it.
 */
export async function run(steps, context) {
  const shots = emptyFolder("shots");
  let failed = 0;
  let number = 0;
  try {
    for (const [name, step] of steps) {
      ++number;
      const began = Date.now();
      const shoot = () =>
        context.page.screenshot({
          path: join(shots, `${String(number).padStart(2, "0")}-${name.replace(/\W+/g, "-")}.png`),
        });
      try {
        await step(context);
        console.log(`ok - ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
        await shoot();
      } catch (thrown) {
        ++failed;
        console.log(`not ok - ${name}: ${thrown.message}`);
        console.log(`page: ${context.page.url()}\n${await context.page.innerText("body")}`);
        console.log(context.server.complaints().split("\n").slice(-15).join("\n"));
        await shoot();
        break;
      }
    }
    for (const trouble of context.troubles) {
      ++failed;
      console.log(`not ok - ${trouble}`);
    }
  } finally {
    await context.browser.close();
    await end();
  }
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Ends every program that was started, and waits for it. */
export async function end() {
  await Promise.all(
    children.map(
      (child) =>
        new Promise((resolve) => {
          if (child.exitCode !== null || child.signalCode !== null) return resolve();
          child.once("exit", resolve);
          child.kill("SIGTERM");
          setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
        }),
    ),
  );
}
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
