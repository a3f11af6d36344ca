// The catalogue of reason texts, read once from the API.
import type { Params, ReasonEntry } from "../api/types.ts";

let byName = new Map<string, ReasonEntry>();

export function setCatalogue(entries: readonly ReasonEntry[]): void {
  byName = new Map(entries.map((entry) => [entry.name, entry]));
}

export function entryOf(reason: string): ReasonEntry | undefined {
  return byName.get(reason);
}

/**
 * Fills the placeholders of a reason's text; an unfilled one is left out. A value may be a whole
 * sentence, and one full stop is enough.
 */
export function fill(text: string, params: Params): string {
  return text.replace(/\{([^}]*)\}(\.?)/g, (_, name: string, stop: string) => {
    const value = params[name] ?? "";
    return value.endsWith(".") ? value : value + stop;
  });
}

/** The sentence of `reason`; its bare name if the catalogue does not know it. */
export function sentence(reason: string, params: Params = {}): string {
  const entry = byName.get(reason);
  return entry ? fill(entry.text, params) : reason.replaceAll("_", " ");
}
