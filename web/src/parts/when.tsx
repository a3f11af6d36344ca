// Instants and ages.
import { ago, exactMoment, moment } from "../format/duration.ts";
import { useNow } from "../state/ticker.ts";
import { useLink } from "../state/hooks.ts";
import type { PrinterLive } from "../api/types.ts";
import type { Received } from "../state/store.ts";

/** An instant in the viewer's zone; the exact one on hover. */
export function When({ at }: { at: string | null | undefined }) {
  const now = useNow(60);
  if (!at) return <span className="soft">–</span>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={exactMoment(date)}>
      {moment(date, new Date(now))}
    </time>
  );
}

/** How long ago an instant was. */
export function Since({ at }: { at: string | null | undefined }) {
  const now = useNow(5);
  if (!at) return null;
  const date = new Date(at);
  return (
    <time dateTime={at} title={exactMoment(date)}>
      {ago(now - date.getTime())}
    </time>
  );
}

interface Aged {
  age_ms: number | null;
}

/** The age of a live record in milliseconds by now; null if there never was one. */
export function ageOf(live: Received<Aged> | undefined): number | null {
  if (!live || live.value.age_ms === null) return null;
  return live.value.age_ms + (performance.now() - live.received_ms);
}

/** Polls that a printer may miss before what it said last counts as stale. */
const missed_polls_max = 3;

/** True if what a printer said last is too old to rely on, or no longer arrives. */
export function useStale(
  live: Received<PrinterLive> | undefined,
  poll_interval_s: number,
): boolean {
  useNow(5);
  const lost = useLink().state === "lost";
  const age = ageOf(live);
  return (
    lost ||
    live?.value.stale === true ||
    (age !== null && age > poll_interval_s * 1000 * missed_polls_max)
  );
}

/** The age of a live record in words. */
export function Age({ live }: { live: Received<Aged> | undefined }) {
  useNow(1);
  const age = ageOf(live);
  return <span className="age">{age === null ? "no report yet" : ago(age)}</span>;
}
