// A person says what happened at the machine.
import { useState } from "react";
import type { Run } from "../api/types.ts";
import { sentence } from "../state/reasons.ts";
import { Act } from "./act.tsx";
import { Field } from "./field.tsx";
import { attributions } from "./inspection_form.tsx";
import { Facts } from "./page.tsx";
import { Choice } from "./text_input.tsx";

export function SettleForm({ run, printer }: { run: Run; printer: string }) {
  const [blame, setBlame] = useState<string>("unknown");
  const path = `/runs/${run.id}/settle`;
  return (
    <div className="form">
      <p>{sentence(run.why, { printer, run: run.id, ...run.why_params })}</p>
      <Facts
        items={[
          ["Gantry believed", run.believed || "–"],
          ["The printer said", run.observed || "–"],
        ]}
      />
      <Field label="If it failed: what was the cause?">
        <Choice value={blame} onValue={setBlame} options={attributions} />
      </Field>
      <div className="actions">
        <Act
          label="It printed"
          path={path}
          body={{ verdict: "it_printed" }}
          done="Recorded: it printed. Inspect the parts next."
        />
        <Act
          label="It failed"
          path={path}
          body={{ verdict: "it_failed", attributed_to: blame }}
          done="Recorded: it failed. The parts are still owed."
        />
        <Act
          label="Keep watching"
          path={path}
          body={{ verdict: "keep_watching" }}
          done="Gantry keeps watching the printer."
        />
      </div>
    </div>
  );
}
