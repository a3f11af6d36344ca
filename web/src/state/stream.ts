// Keeps the store current: reads the lists once, then follows the one event stream.
import { base, get } from "../api/http.ts";
import type { EntityOf, Kind, LiveOf, LogEvent, Page } from "../api/types.ts";
import { store } from "./store.ts";

/** Everything that is still open. What is closed is read by the pages that show it. */
const first_lists: [Kind, string][] = [
  ["printer", "/printers?limit=500"],
  ["order", "/orders?open=true&limit=500"],
  ["plan", "/plans?state=checking,slicing,ready,rejected,failed,review&limit=500"],
  ["plate", "/plates?state=waiting,printing,inspecting,held&limit=500"],
  ["run", "/runs?open=true&limit=500"],
  ["decision", "/approvals?limit=500"],
  ["breaker", "/breakers?state=open&limit=500"],
];

const longest_pause_ms = 15_000;
/** The server sends something at least every 15 s. */
const silence_ms = 40_000;
const live_kinds = { printers: "printer", runs: "run" } as const;

let source: EventSource | null = null;
let epoch = "";
let seq = 0;
let pause_ms = 500;
let timer: ReturnType<typeof setTimeout> | undefined;
let watchdog: ReturnType<typeof setTimeout> | undefined;

async function readLists(): Promise<void> {
  const pages = await Promise.all(first_lists.map(async ([kind, path]) =>
    [kind, await get<Page<EntityOf[Kind]>>(path)] as const));
  const settings = await get<EntityOf["settings"]>("/settings");
  let oldest = Number.MAX_SAFE_INTEGER;
  for (const [kind, page] of pages) {
    store.putAll(kind, page.items);
    oldest = Math.min(oldest, page.as_of_seq ?? 0);
    if (page.epoch) epoch = page.epoch;
  }
  store.put("settings", settings);
  seq = oldest;
  store.setLoaded();
}

function heard(): void {
  clearTimeout(watchdog);
  watchdog = setTimeout(again, silence_ms);
  store.setLink("live", true);
  pause_ms = 500;
}

/** Begins anew after a pause that grows with each failure. */
function again(): void {
  source?.close();
  source = null;
  clearTimeout(watchdog);
  clearTimeout(timer);
  store.setLink("lost", false);
  timer = setTimeout(() => void start(), pause_ms * (0.75 + Math.random() / 2));
  pause_ms = Math.min(pause_ms * 2, longest_pause_ms);
}

function reread(): void {
  readLists().catch(again);
}

function listen(): void {
  const stream = new EventSource(`${base}/events?after=${seq}`);
  source = stream;
  const on = (name: string, take: (data: unknown) => void) =>
    stream.addEventListener(name, (event) => {
      heard();
      take(JSON.parse((event as MessageEvent<string>).data || "null"));
    });
  on("hello", (data) => {
    const hello = data as { epoch: string };
    if (epoch && hello.epoch !== epoch) {
      store.clear();
      reread();
    }
    epoch = hello.epoch;
  });
  on("log", (data) => {
    const event = data as LogEvent;
    seq = Math.max(seq, event.gantryseq);
    store.addEvents([event]);
  });
  on("entity", (data) => {
    const { kind, version, entity } = data as { kind: Kind; version: number; entity: EntityOf[Kind] };
    if (entity) store.put(kind, { ...entity, version });
  });
  on("live", (data) => {
    const live = data as { printers?: Record<string, LiveOf["printer"]>; runs?: Record<string, LiveOf["run"]> };
    for (const [id, value] of Object.entries(live.printers ?? {})) store.putLive(live_kinds.printers, id, value);
    for (const [id, value] of Object.entries(live.runs ?? {})) store.putLive(live_kinds.runs, id, value);
  });
  // The gap is too wide to be filled with events, so the lists are read again.
  on("reset", () => void start());
  stream.onopen = heard;
  // The browser's own retry knows no growing pause, so ours replaces it.
  stream.onerror = again;
}

/** Reads everything and follows the stream until `stop`. */
export async function start(): Promise<void> {
  stop();
  try {
    await readLists();
    listen();
  } catch {
    again();
  }
}

/** Ends the stream, e.g. at log-out. */
export function stop(): void {
  source?.close();
  source = null;
  clearTimeout(timer);
  clearTimeout(watchdog);
}

/** The position in the log up to which the page has heard. */
export function position(): number {
  return seq;
}
