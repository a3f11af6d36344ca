// The guided choice after an interruption: what is in the vat, and how to go on.
import { useState } from "react";
import type { Station, StationAnswer, StationError } from "../api/station_types.ts";
import { sentence } from "../state/reasons.ts";
import { useCan } from "../state/session.ts";
import { asksForVat } from "../state/station_rules.ts";
import { Act } from "./act.tsx";
import { Glyph } from "./badge.tsx";
import { Field } from "./field.tsx";
import { Choice } from "./text_input.tsx";
import { Since } from "./when.tsx";

type Wording = readonly [title: string, effect: string];

const answers: Record<StationAnswer, Wording> = {
  continue: ["Go on", "The interrupted step counts as done; the next one begins."],
  redo: ["Do it again", "The interrupted step is done once more from its beginning."],
  skip: ["Leave this change out", "Nothing more is pumped for it; the print goes on as it is."],
  abort: ["Give the print up", "Monitoring ends. The printer is left as it is."],
};

/** What an answer is called; a change that was missed has not begun, and a stop has no step. */
function wordingOf(answer: StationAnswer, station: Station): Wording {
  const material = station.job?.change?.material;
  if (answer === "continue" && station.error?.cause === "stop_unconfirmed" && !material)
    return ["Let it print on", "Its changes are made as planned."];
  if (answer === "redo" && station.error?.cause === "change_late" && material)
    return [`Change to ${material} now`, "From the layer on at which the print stands."];
  return answers[answer];
}

export function QuestionForm({ station, error }: { station: Station; error: StationError }) {
  const operator = useCan("operator");
  const [answer, setAnswer] = useState<StationAnswer | "">("");
  const [vat, setVat] = useState("");
  const asks = asksForVat(station);
  const fills = station.setup.pumps.filter((pump) => pump.role === "fill");
  const ready = answer !== "" && (!asks || answer === "abort" || vat !== "");
  return (
    <div className="notice stop question">
      <Glyph tone="stop" />
      <span>
        <b>{sentence(error.why, { station: station.setup.name, ...error.why_params })}</b>
        <br />
        <small>
          Asked <Since at={error.since} />. No material is changed before it is answered.
        </small>
      </span>
      {operator && (
        <div className="form">
          {asks && (
            <Field label="What is in the vat?" hint="Look at it; do not guess.">
              <Choice
                value={vat}
                onValue={setVat}
                options={[
                  ["", "Choose …"],
                  ["empty", "It is empty"],
                  ...fills.map((each) => [each.material, `Material ${each.material}`] as const),
                  ["unknown", "A mixture, or not known"],
                ]}
              />
            </Field>
          )}
          <fieldset className="choices">
            <legend>How shall it go on?</legend>
            {error.choices.map((each) => (
              <label key={each}>
                <input
                  type="radio"
                  name={`answer-${error.question}`}
                  checked={answer === each}
                  onChange={() => setAnswer(each)}
                />
                <span>
                  <b>{wordingOf(each, station)[0]}.</b> {wordingOf(each, station)[1]}
                </span>
              </label>
            ))}
          </fieldset>
          <div className="actions">
            {ready ? (
              <Act
                label="Answer"
                look="primary"
                path={`/stations/${station.id}/answer`}
                body={{ question: error.question, answer, ...(vat ? { vat } : {}) }}
                done={`Answered: ${wordingOf(answer, station)[0]}.`}
              />
            ) : (
              <button type="button" className="button" disabled>
                Answer
              </button>
            )}
          </div>
        </div>
      )}
    </div>
  );
}
