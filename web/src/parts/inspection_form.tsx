// One outcome for each piece of a finished print.
import { useState } from "react";
import type { Attribution, ItemOutcome, Run } from "../api/types.ts";
import { word } from "../format/words.ts";
import { Act } from "./act.tsx";
import { Field } from "./field.tsx";
import { Choice, TextInput } from "./text_input.tsx";

const outcomes = ["good", "failed", "unknown"] as const;
export const attributions: readonly (readonly [Attribution, string])[] = [
  ["plan", "The plan: model or settings"],
  ["printer", "The printer"],
  ["material", "The material"],
  ["person", "A person"],
  ["unknown", "Nobody knows"],
];

export function InspectionForm({ run, pieces }: { run: Run; pieces: number }) {
  const [items, setItems] = useState<ItemOutcome[]>(() =>
    Array.from({ length: pieces }, () => "good"),
  );
  const [blame, setBlame] = useState<string>("plan");
  const [note, setNote] = useState("");
  const bad = items.some((item) => item !== "good");
  const set = (index: number, value: ItemOutcome) =>
    setItems(items.map((item, each) => (each === index ? value : item)));
  return (
    <div className="form">
      <ol className="pieces">
        {items.map((item, index) => (
          <li key={index}>
            <fieldset>
              <legend>Piece {index + 1}</legend>
              <div className="segments">
                {outcomes.map((value) => (
                  <label key={value} className={item === value ? "chosen" : ""}>
                    <input
                      type="radio"
                      name={`piece-${run.id}-${index}`}
                      checked={item === value}
                      onChange={() => set(index, value)}
                    />
                    {word("outcome", value).text}
                  </label>
                ))}
              </div>
            </fieldset>
          </li>
        ))}
      </ol>
      {bad && (
        <Field
          label="What was the cause?"
          hint="Only failures of the plan count towards its breaker."
        >
          <Choice value={blame} onValue={setBlame} options={attributions} />
        </Field>
      )}
      <Field label="Note (optional)">
        <TextInput value={note} onValue={setNote} maxLength={2000} />
      </Field>
      <div className="actions">
        <Act
          label={
            bad ? "Record the inspection" : pieces > 1 ? `All ${pieces} are good` : "It is good"
          }
          look="primary"
          path={`/runs/${run.id}/inspection`}
          done="The inspection is recorded."
          body={{ items, attributed_to: blame, ...(note ? { note } : {}) }}
        />
      </div>
    </div>
  );
}
