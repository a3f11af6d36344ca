// How components read the store.
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { get } from "../api/http.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { EntityOf, Kind, LiveOf, LogEvent } from "../api/types.ts";
import { type Link, type Received, store } from "./store.ts";

function useTopic<T>(topic: string, read: () => T): T {
  const subscribe = useCallback(
    (listener: () => void) => store.subscribe(topic, listener),
    [topic],
  );
  return useSyncExternalStore(subscribe, read);
}

/** One entity; re-renders when it changes. */
export function useEntity<K extends Kind>(kind: K, id: string): EntityOf[K] | undefined {
  return useTopic(`${kind}/${id}`, () => store.get(kind, id));
}

/** All known entities of a kind. */
export function useAll<K extends Kind>(kind: K): readonly EntityOf[K][] {
  return useTopic(`kind/${kind}`, () => store.all(kind));
}

/** The live record of a printer, run or station. */
export function useLive<K extends keyof LiveOf>(
  kind: K,
  id: string,
): Received<LiveOf[K]> | undefined {
  return useTopic(`live/${kind}/${id}`, () => store.getLive(kind, id));
}

export function useLink(): Link {
  return useTopic("link", () => store.getLink());
}

export function useLoaded(): boolean {
  return useTopic("loaded", () => store.isLoaded());
}

export function useLog(): readonly LogEvent[] {
  return useTopic("log", () => store.log());
}

const paths: Record<Kind, string> = {
  order: "/orders",
  plan: "/plans",
  plate: "/plates",
  run: "/runs",
  printer: "/printers",
  station: "/stations",
  breaker: "/breakers",
  decision: "/decisions",
  artifact: "/artifacts",
  profile: "/profiles",
  material: "/materials",
  token: "/tokens",
  settings: "/settings",
};

/** Where entities of a kind are served. */
export function pathOf(kind: Kind): string {
  return paths[kind];
}

export interface Fetched<T> {
  entity: T | undefined;
  problem: Problem | null;
  reload: () => void;
}

/** One entity, read from the API at least once; the stream keeps it current afterwards. */
export function useFetched<K extends Kind>(kind: K, id: string, query = ""): Fetched<EntityOf[K]> {
  const entity = useEntity(kind, id);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    setProblem(null);
    get<EntityOf[K]>(`${paths[kind]}/${encodeURIComponent(id)}${query}`).then(
      (value) => current && takeOver(kind, value),
      (thrown) => current && setProblem(asProblem(thrown)),
    );
    return () => {
      current = false;
    };
  }, [kind, id, query, round]);
  return { entity, problem, reload: () => setRound((value) => value + 1) };
}

interface Expanded {
  plans: EntityOf["plan"][];
  plates: EntityOf["plate"][];
  runs: EntityOf["run"][];
}

function takeOver<K extends Kind>(kind: K, value: EntityOf[K]): void {
  if (kind !== "order") {
    store.put(kind, value);
    return;
  }
  const { plans, plates, runs, ...order } = value as EntityOf["order"] & Partial<Expanded>;
  store.putAll("plan", plans ?? []);
  store.putAll("plate", plates ?? []);
  store.putAll("run", runs ?? []);
  store.put("order", order);
}
