// Short messages about what was just done.
import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  tone: "good" | "stop";
  text: string;
}

let toasts: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();
const shown_ms = 5_000;
const error_shown_ms = 15_000;

function set(value: readonly Toast[]): void {
  toasts = value;
  for (const listener of [...listeners]) listener();
}

export function dismiss(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

/** Shows `text` for a while and reads it out. */
export function say(tone: Toast["tone"], text: string): void {
  const toast = { id: next++, tone, text };
  set([...toasts.slice(-1), toast]);
  setTimeout(() => dismiss(toast.id), tone === "good" ? shown_ms : error_shown_ms);
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
}
