// How a line is made: its recipes with estimates and checks, and slicing it anew.
import { useState } from "react";
import type { Plan, PlanRevision } from "../api/types.ts";
import { duration } from "../format/duration.ts";
import { bytes, grams, metres, millimetres } from "../format/measure.ts";
import { word } from "../format/words.ts";
import { useCan } from "../state/session.ts";
import { useCollection } from "../state/use_collection.ts";
import { Act } from "./act.tsx";
import { Badge } from "./badge.tsx";
import { CheckTable } from "./checks.tsx";
import { Field } from "./field.tsx";
import { Facts } from "./page.tsx";
import { Choice } from "./text_input.tsx";

export function PlanDetails({ plan }: { plan: Plan }) {
  const current = plan.revisions[plan.revisions.length - 1];
  const planner = useCan("planner");
  return (
    <details className="plan">
      <summary>
        How it is made
        {current &&
          `: ${duration(current.estimate.duration_s)}, ` +
            `${grams(current.estimate.filament_mg)} per plate`}
      </summary>
      <p>
        <Badge {...word("plan", plan.state)} />
      </p>
      <CheckTable checks={plan.checks} title="Checks of the model" />
      {[...plan.revisions].reverse().map((revision) => (
        <Revision key={revision.number} revision={revision} />
      ))}
      {planner && plan.state !== "cancelled" && plan.state !== "done" && (
        <NewRevision plan={plan} />
      )}
    </details>
  );
}

function Revision({ revision }: { revision: PlanRevision }) {
  const { estimate } = revision;
  return (
    <section className="revision">
      <h3>Revision {revision.number}</h3>
      <Facts
        items={[
          ["Time", duration(estimate.duration_s)],
          ["Filament", `${grams(estimate.filament_mg)}, ${metres(estimate.filament_mm)}`],
          ["Layers", `${estimate.layers}, up to ${millimetres(estimate.height_um)}`],
          ["Slicer", revision.slicer],
          ["Profile", `version ${revision.profile_version}`],
          [
            "Toolpath",
            <a href={`/api/v1/artifacts/${revision.gcode}/content`} download>
              {bytes(revision.gcode_size_bytes)}
            </a>,
          ],
        ]}
      />
      <CheckTable checks={revision.checks} title={`Checks of revision ${revision.number}`} />
    </section>
  );
}

function NewRevision({ plan }: { plan: Plan }) {
  const { items: profiles } = useCollection("profile");
  const [profile, setProfile] = useState("");
  const fitting = profiles.filter((each) => each.material === plan.material);
  return (
    <div className="inline-form">
      <Field label="Slice it anew with">
        <Choice
          value={profile}
          onValue={setProfile}
          options={[
            ["", "the same profile"],
            ...fitting.map((each) => [each.id, each.name] as const),
          ]}
        />
      </Field>
      <Act
        label="Slice anew"
        path={`/plans/${plan.id}/revisions`}
        body={profile ? { profile } : {}}
        done="A new revision is being sliced."
      />
    </div>
  );
}
