// Addresses after the hash sign, e.g. `#/printers/prn-…`.
import { useSyncExternalStore } from "react";

export interface Route {
  parts: string[];
  query: URLSearchParams;
}

/** Reads `#/a/b?c=d`. */
export function parseHash(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return {
    parts: path
      .split("/")
      .filter(Boolean)
      .map((part) => decodeURIComponent(part)),
    query: new URLSearchParams(query),
  };
}

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}

export function useRoute(): Route {
  return parseHash(useSyncExternalStore(subscribe, () => location.hash));
}

export function go(hash: string): void {
  location.hash = hash;
}

/** Goes to `hash` without leaving the present address in the history. */
export function replace(hash: string): void {
  history.replaceState(null, "", hash);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
