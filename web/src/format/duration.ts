// Durations and instants in words.

/** `45 s`, `12 min`, `2 h 14 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** How long ago, roughly: `just now`, `12 s ago`, `3 min ago`. */
export function ago(milliseconds: number): string {
  if (milliseconds < 2_000) return "just now";
  return `${duration(Math.floor(milliseconds / 1000))} ago`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
});
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** `18:40` today, `Mon 23 Nov 18:40` on another day, in the viewer's zone. */
export function moment(at: Date, now: Date): string {
  const same = at.toDateString() === now.toDateString();
  return same ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;
}

/** The whole instant with its zone, for a tooltip. */
export function exactMoment(at: Date): string {
  return exact.format(at);
}
