// The page's one copy of the farm: entities by kind and id, live records beside them. Components
// subscribe to topics, so that a change re-renders what shows it and nothing else.
import type { Entity, EntityOf, Kind, LiveOf, LogEvent, Settings } from "../api/types.ts";

export interface Received<T> {
  value: T;
  /** When it arrived, on this browser's monotonic clock. */
  received_ms: number;
}

export type LinkState = "connecting" | "live" | "lost";

export interface Link {
  state: LinkState;
  /** When the last frame came, on this browser's monotonic clock; null before the first one. */
  heard_ms: number | null;
}

type LiveKind = keyof LiveOf;

/** The most events that the page keeps. */
const log_limit = 1000;

export class Store {
  private readonly entities = new Map<string, Entity>();
  private readonly live = new Map<string, Received<LiveOf[LiveKind]>>();
  private readonly byKind = new Map<Kind, readonly Entity[]>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private events: readonly LogEvent[] = [];
  private link: Link = { state: "connecting", heard_ms: null };
  private loaded = false;

  /** Calls `listener` after each change of `topic` until the returned function is called. */
  subscribe(topic: string, listener: () => void): () => void {
    const set = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, set);
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.listeners.delete(topic);
    };
  }

  private changed(topic: string): void {
    for (const listener of [...(this.listeners.get(topic) ?? [])]) listener();
  }

  /** Takes an entity over unless a newer version is known. */
  put<K extends Kind>(kind: K, entity: EntityOf[K]): void {
    const key = `${kind}/${entity.id}`;
    const known = this.entities.get(key);
    if (known && known.version > entity.version) return;
    const { live, ...rest } = entity as EntityOf[K] & { live?: unknown };
    // Only the single GET of an order carries the customer's record.
    const kept =
      known && "customer_record" in known && !("customer_record" in rest)
        ? { ...rest, customer_record: known.customer_record }
        : rest;
    this.entities.set(key, kept);
    this.byKind.delete(kind);
    this.changed(key);
    this.changed(`kind/${kind}`);
    if (live && (kind === "printer" || kind === "run" || kind === "station"))
      this.putLive(kind, entity.id, live as LiveOf[LiveKind]);
  }

  putAll<K extends Kind>(kind: K, entities: readonly EntityOf[K][]): void {
    for (const entity of entities) this.put(kind, entity);
  }

  putLive<K extends LiveKind>(kind: K, id: string, value: LiveOf[K]): void {
    this.putLives(kind, { [id]: value });
  }

  /** Takes over the live records of many at once; those who follow all of a kind hear it once. */
  putLives<K extends LiveKind>(kind: K, values: Record<string, LiveOf[K]>): void {
    const received_ms = performance.now();
    for (const [id, value] of Object.entries(values)) {
      this.live.set(`live/${kind}/${id}`, { value, received_ms });
      this.changed(`live/${kind}/${id}`);
    }
    this.changed(`lives/${kind}`);
  }

  get<K extends Kind>(kind: K, id: string): EntityOf[K] | undefined {
    return this.entities.get(`${kind}/${id}`) as EntityOf[K] | undefined;
  }

  getLive<K extends LiveKind>(kind: K, id: string): Received<LiveOf[K]> | undefined {
    return this.live.get(`live/${kind}/${id}`) as Received<LiveOf[K]> | undefined;
  }

  /** All entities of a kind; the same array until one of them changes. */
  all<K extends Kind>(kind: K): readonly EntityOf[K][] {
    let list = this.byKind.get(kind);
    if (!list) {
      list = [...this.entities]
        .filter(([key]) => key.startsWith(`${kind}/`))
        .map(([, value]) => value);
      this.byKind.set(kind, list);
    }
    return list as readonly EntityOf[K][];
  }

  settings(): Settings | undefined {
    return this.all("settings")[0];
  }

  /** Adds events, whatever their order, and keeps the newest ones; newest first. */
  addEvents(added: readonly LogEvent[]): void {
    const known = new Set(this.events.map((event) => event.gantryseq));
    const fresh = added.filter((event) => !known.has(event.gantryseq));
    if (fresh.length === 0) return;
    this.events = [...fresh, ...this.events]
      .sort((a, b) => b.gantryseq - a.gantryseq)
      .slice(0, log_limit);
    this.changed("log");
  }

  log(): readonly LogEvent[] {
    return this.events;
  }

  setLink(state: LinkState, heard: boolean): void {
    const heard_ms = heard ? performance.now() : this.link.heard_ms;
    if (state === this.link.state && !heard) return;
    const show = state !== this.link.state;
    this.link = { state, heard_ms };
    if (show) this.changed("link");
  }

  getLink(): Link {
    return this.link;
  }

  setLoaded(): void {
    this.loaded = true;
    this.changed("loaded");
  }

  isLoaded(): boolean {
    return this.loaded;
  }

  /** Forgets everything, because the log is another one or another person logged in. */
  clear(): void {
    this.entities.clear();
    this.live.clear();
    this.byKind.clear();
    this.events = [];
    this.loaded = false;
    for (const topic of [...this.listeners.keys()]) this.changed(topic);
  }
}

export const store = new Store();
