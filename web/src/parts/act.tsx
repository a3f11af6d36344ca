// A button that asks the API to do something. Dangerous ones ask once, in place, naming the effect.
import { useEffect, useRef, useState } from "react";
import { send } from "../api/http.ts";
import { newKey } from "../api/key.ts";
import { asProblem } from "../api/problem.ts";
import type { EntityOf, Kind } from "../api/types.ts";
import { store } from "../state/store.ts";
import { say } from "../state/toasts.ts";

const kind_of: Record<string, Kind> = {
  printers: "printer",
  stations: "station",
  runs: "run",
  orders: "order",
  plans: "plan",
  plates: "plate",
  approvals: "decision",
  breakers: "breaker",
  tokens: "token",
  settings: "settings",
};

interface ActProps {
  label: string;
  path: string;
  body?: unknown;
  method?: "POST" | "PUT";
  /** What is said when it succeeded. */
  done: string;
  /** If given, asks once before: the effect in one sentence. */
  confirm?: string;
  /** The words on the button that carries it out after the question. */
  confirmLabel?: string;
  look?: "plain" | "primary" | "danger";
  after?: () => void;
}

export function Act(props: ActProps) {
  const { label, path, body = {}, method = "POST", done, confirm, look = "plain" } = props;
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const key = useRef<string | null>(null);
  const safe = useRef<HTMLButtonElement>(null);
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  useEffect(() => {
    if (asking) safe.current?.focus();
  }, [asking]);

  const carryOut = async () => {
    // The key outlives a request without an answer: pressing again repeats the same wish.
    key.current ??= newKey();
    setBusy(true);
    try {
      const entity = await send<EntityOf[Kind] | null>(method, path, body, key.current);
      key.current = null;
      const kind = kind_of[path.split("/")[1] ?? ""];
      if (kind && entity?.id && entity.version) store.put(kind, entity);
      say("good", done);
      props.after?.();
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (!problem.unanswered) key.current = null;
      say("stop", problem.message);
    }
    if (mounted.current) {
      setBusy(false);
      setAsking(false);
    }
  };

  if (asking && confirm)
    return (
      <div
        className="confirm"
        role="group"
        aria-label={label}
        onKeyDown={(event) => event.key === "Escape" && setAsking(false)}
      >
        <p>{confirm}</p>
        <div className="actions">
          <button
            type="button"
            className="button danger"
            disabled={busy}
            onClick={() => void carryOut()}
          >
            {busy ? "Working …" : (props.confirmLabel ?? label)}
          </button>
          <button
            type="button"
            className="button"
            ref={safe}
            disabled={busy}
            onClick={() => setAsking(false)}
          >
            No, leave it
          </button>
        </div>
      </div>
    );
  return (
    <button
      type="button"
      className={`button ${look}`}
      disabled={busy}
      aria-busy={busy}
      onClick={() => (confirm ? setAsking(true) : void carryOut())}
    >
      {busy ? "Working …" : label}
    </button>
  );
}
