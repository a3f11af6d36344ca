// Keeps the store current: reads the lists once, then follows the one event stream.
import { base, get, signOut } from "../api/http.ts";
import { asProblem } from "../api/problem.ts";
import { follow } from "../api/sse.ts";
import type { EntityOf, Kind, LiveOf, LogEvent, Page } from "../api/types.ts";
import { store } from "./store.ts";

/** Everything that is still open. What is closed is read by the pages that show it. */
const first_lists: [Kind, string][] = [
  ["printer", "/printers?limit=500"],
  ["station", "/stations?limit=500"],
  ["order", "/orders?open=true&limit=500"],
  ["plan", "/plans?state=checking,slicing,ready,rejected,failed,review&limit=500"],
  ["plate", "/plates?state=waiting,printing,inspecting,held&limit=500"],
  ["run", "/runs?open=true&limit=500"],
  ["decision", "/approvals?limit=500"],
  ["breaker", "/breakers?state=open&limit=500"],
];

const longest_pause_ms = 15_000;
/** The server sends something, if only a comment, at least every 15 s. */
const silence_ms = 40_000;

let stopping: AbortController | null = null;
let epoch = "";
let seq = 0;
let pause_ms = 500;
let timer: ReturnType<typeof setTimeout> | undefined;
let watchdog: ReturnType<typeof setTimeout> | undefined;

async function readLists(): Promise<void> {
  const pages = await Promise.all(
    first_lists.map(async ([kind, path]) => [kind, await get<Page<EntityOf[Kind]>>(path)] as const),
  );
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
  stop();
  store.setLink("lost", false);
  timer = setTimeout(() => void start(), pause_ms * (0.75 + Math.random() / 2));
  pause_ms = Math.min(pause_ms * 2, longest_pause_ms);
}

type Take = (data: unknown) => void;

const takers: Record<string, Take> = {
  hello: (data) => {
    const hello = data as { epoch: string };
    if (epoch && hello.epoch !== epoch) {
      store.clear();
      void start();
    }
    epoch = hello.epoch;
  },
  log: (data) => {
    const event = data as LogEvent;
    seq = Math.max(seq, event.gantryseq);
    store.addEvents([event]);
  },
  entity: (data) => {
    const { kind, version, entity } = data as {
      kind: Kind;
      version: number;
      entity: EntityOf[Kind];
    };
    if (entity) store.put(kind, { ...entity, version });
  },
  live: (data) => {
    const live = data as {
      printers?: Record<string, LiveOf["printer"]>;
      runs?: Record<string, LiveOf["run"]>;
      stations?: Record<string, LiveOf["station"]>;
    };
    store.putLives("printer", live.printers ?? {});
    store.putLives("run", live.runs ?? {});
    store.putLives("station", live.stations ?? {});
  },
  // The gap is too wide to be filled with events, so the lists are read again.
  reset: () => void start(),
};

/** Reads everything and follows the stream until `stop`. */
export async function start(): Promise<void> {
  stop();
  const mine = new AbortController();
  stopping = mine;
  try {
    await readLists();
    if (mine.signal.aborted) return;
    await follow(`${base}/events?after=${seq}`, mine.signal, heard, ({ event, data }) => {
      if (!mine.signal.aborted) takers[event]?.(JSON.parse(data));
    });
  } catch (thrown) {
    if (mine.signal.aborted) return;
    if (asProblem(thrown).status === 401) signOut();
    else again();
  }
}

/** Ends the stream, e.g. at log-out. */
export function stop(): void {
  stopping?.abort();
  stopping = null;
  clearTimeout(timer);
  clearTimeout(watchdog);
}

/** The position in the log up to which the page has heard. */
export function position(): number {
  return seq;
}
