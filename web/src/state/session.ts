// Who is logged in.
import { useSyncExternalStore } from "react";
import { base, get, onSignedOut } from "../api/http.ts";
import { asProblem, noAnswer, problemFrom } from "../api/problem.ts";
import type { ReasonEntry, Role, Session } from "../api/types.ts";
import { setCatalogue } from "./reasons.ts";
import { store } from "./store.ts";
import { start, stop } from "./stream.ts";

export type SessionState =
  | { phase: "asking" }
  | { phase: "out"; sentence: string }
  | { phase: "unreachable"; sentence: string }
  | { phase: "in"; session: Session };

let state: SessionState = { phase: "asking" };
const listeners = new Set<() => void>();

function set(next: SessionState): void {
  state = next;
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSession(): SessionState {
  return useSyncExternalStore(subscribe, () => state);
}

/** True if the person logged in has one of `roles`, or is an administrator. */
export function useCan(...roles: Role[]): boolean {
  const current = useSession();
  if (current.phase !== "in") return false;
  return current.session.principal.roles.some((role) => role === "admin" || roles.includes(role));
}

/** Asks the API who is logged in, and begins to follow the farm if somebody is. */
export async function resume(): Promise<void> {
  try {
    const session = await get<Session>("/session");
    const reasons = await get<ReasonEntry[] | { items: ReasonEntry[] }>("/reasons");
    setCatalogue(Array.isArray(reasons) ? reasons : reasons.items);
    set({ phase: "in", session });
    void start();
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (problem.status === 401 || problem.status === 403) set({ phase: "out", sentence: "" });
    else set({ phase: "unreachable", sentence: problem.message });
  }
}

/** Exchanges a token for a session cookie. Throws a `Problem` if it is refused. */
export async function logIn(token: string): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(`${base}/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      credentials: "same-origin",
      body: JSON.stringify({ token }),
    });
  } catch {
    throw noAnswer();
  }
  if (!answer.ok) throw problemFrom(answer.status, await answer.text());
  await resume();
}

export async function logOut(): Promise<void> {
  stop();
  await fetch(`${base}/session`, { method: "DELETE", credentials: "same-origin" }).catch(
    () => undefined,
  );
  store.clear();
  set({ phase: "out", sentence: "You are logged out." });
}

onSignedOut(() => {
  if (state.phase !== "in") return;
  stop();
  store.clear();
  set({ phase: "out", sentence: "Your session has ended. Log in again; nothing was lost." });
});
