// Light or dark: as the device says, unless the viewer chose.
import { useSyncExternalStore } from "react";

export type Theme = "auto" | "light" | "dark";

const name = "gantry.theme";
const listeners = new Set<() => void>();

function stored(): Theme {
  try {
    const value = localStorage.getItem(name);
    return value === "light" || value === "dark" ? value : "auto";
  } catch {
    return "auto";
  }
}

let theme = stored();

/** Puts the choice into effect. */
export function applyTheme(next: Theme = theme): void {
  theme = next;
  if (next === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(name, next);
  } catch {
    // Private windows may forbid storage; the choice then lasts as long as the page.
  }
  for (const listener of [...listeners]) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
}
