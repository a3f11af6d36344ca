// The emergency stop. It never asks, is never disabled, and says what came of it.
import { useState } from "react";
import { send } from "../api/http.ts";
import { asProblem } from "../api/problem.ts";
import type { Station } from "../api/station_types.ts";
import { store } from "../state/store.ts";
import { Glyph } from "./badge.tsx";

type Answer = Station & { lines_off: boolean | null };

export function EmergencyStop({ id, name }: { id: string; name: string }) {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ tone: "good" | "stop"; text: string } | null>(null);
  const stop = async () => {
    setBusy(true);
    setOutcome(null);
    try {
      const { lines_off, ...entity } = await send<Answer>(
        "POST",
        `/stations/${id}/emergency-stop`,
      );
      // Without a record there is no entity in the answer.
      if (entity.version) store.put("station", entity);
      const text = lines_off === null ? "Stopped. It has no pumps." : "All pumps are off.";
      setOutcome({ tone: "good", text });
    } catch (thrown) {
      const problem = asProblem(thrown);
      const lost = "Gantry did not answer. Cut the power of the pumps by hand now.";
      setOutcome({ tone: "stop", text: problem.unanswered ? lost : problem.message });
    }
    setBusy(false);
  };
  return (
    <div className="estop-bar">
      <button
        type="button"
        className="estop"
        aria-label={`Emergency stop of ${name}: all pumps off`}
        onClick={() => void stop()}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M8 2h8l6 6v8l-6 6H8l-6-6V8z" />
        </svg>
        {busy ? "Stopping …" : "Emergency stop"}
      </button>
      <div role="alert">
        {outcome && (
          <p className={`estop-outcome tone-${outcome.tone}`}>
            <Glyph tone={outcome.tone} />
            {outcome.text}
          </p>
        )}
      </div>
    </div>
  );
}
