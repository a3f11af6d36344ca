// Adding one thing with a form: repeats of the same wish share a key, and errors come back.
import { useRef, useState } from "react";
import { send } from "../api/http.ts";
import { newKey } from "../api/key.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { EntityOf, Kind } from "../api/types.ts";
import { pathOf } from "./hooks.ts";
import { store } from "./store.ts";
import { say } from "./toasts.ts";

/** `add` sends a body and answers whether it was taken; what was refused is in `problem`. */
export function useAdd<K extends Kind>(kind: K) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const attempt = useRef({ text: "", key: "" });
  const add = async (body: unknown, done: string) => {
    const text = JSON.stringify(body);
    if (attempt.current.text !== text) attempt.current = { text, key: newKey() };
    setBusy(true);
    setProblem(null);
    try {
      const added = await send<EntityOf[K]>("POST", pathOf(kind), body, attempt.current.key);
      attempt.current = { text: "", key: "" };
      store.put(kind, added);
      say("good", done);
      return true;
    } catch (thrown) {
      const refused = asProblem(thrown);
      if (!refused.unanswered) attempt.current = { text: "", key: "" };
      setProblem(refused);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { add, busy, problem };
}
