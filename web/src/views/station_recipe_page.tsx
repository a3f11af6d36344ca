// Which material the vat gets at which layer.
import { type FormEvent, useState } from "react";
import type { RecipeStep } from "../api/station_types.ts";
import { Act } from "../parts/act.tsx";
import { Glyph } from "../parts/badge.tsx";
import { Field } from "../parts/field.tsx";
import { Panel } from "../parts/page.tsx";
import { Choice, NumberInput, TextArea } from "../parts/text_input.tsx";
import {
  differences,
  faultOfStep,
  layer_max,
  materials,
  recipeText,
  sorted,
} from "../state/recipe.ts";
import { useCan } from "../state/session.ts";
import { hasOpenJob } from "../state/station_rules.ts";
import { useRecipePreview } from "../state/use_recipe_preview.ts";
import type { StationProps } from "./station_area.tsx";

export function RecipePage({ station }: StationProps) {
  const [draft, setDraft] = useState<RecipeStep[] | null>(null);
  const may = useCan("operator", "planner");
  const steps = draft ?? station.recipe;
  const changed = recipeText(steps) !== recipeText(station.recipe);
  const open = hasOpenJob(station);
  return (
    <>
      {open && (
        <p className="notice person">
          <Glyph tone="person" />
          <span>
            A print is under way. It keeps the recipe with which it began (revision{" "}
            {station.job?.recipe_revision}); what you store here counts for the next one.
          </span>
        </p>
      )}
      <div className="columns">
        <Panel
          title="Changes"
          beside={<span className="soft">revision {station.recipe_revision}</span>}
        >
          <StepList steps={steps} may={may} change={setDraft} />
          {may && <AddStep steps={steps} add={(step) => setDraft(sorted([...steps, step]))} />}
          {may && changed && (
            <div className="actions">
              <Act
                label="Save the recipe"
                look="primary"
                method="PUT"
                path={`/stations/${station.id}/recipe`}
                body={{ steps }}
                done={
                  open
                    ? "Saved for the next print. The one under way keeps its own."
                    : "The recipe is saved."
                }
                after={() => setDraft(null)}
              />
              <button type="button" className="button" onClick={() => setDraft(null)}>
                Discard
              </button>
            </div>
          )}
        </Panel>
        <Panel title="As text">
          <p>
            <code className="secret">{recipeText(steps) || "no change"}</code>
          </p>
          {may && <ImportForm station={station.id} present={steps} take={setDraft} />}
        </Panel>
      </div>
    </>
  );
}

interface StepListProps {
  steps: readonly RecipeStep[];
  may: boolean;
  change: (steps: RecipeStep[]) => void;
}

function StepList({ steps, may, change }: StepListProps) {
  if (steps.length === 0)
    return <p className="soft">No change yet: the whole print is made of what is in the vat.</p>;
  return (
    <ul className="steps" aria-label="Changes by layer">
      {steps.map((step) => {
        const others = steps.filter((each) => each !== step);
        return (
          <StepRow
            key={step.layer}
            step={step}
            others={others}
            may={may}
            put={(next) => change(sorted(next ? [...others, next] : others))}
          />
        );
      })}
    </ul>
  );
}

interface StepRowProps {
  step: RecipeStep;
  others: readonly RecipeStep[];
  may: boolean;
  put: (next: RecipeStep | null) => void;
}

function StepRow({ step, others, may, put }: StepRowProps) {
  const [editing, setEditing] = useState<RecipeStep | null>(null);
  if (editing) {
    const fault = faultOfStep(editing, others);
    return (
      <li className="editing">
        <StepFields step={editing} change={setEditing} fault={fault} />
        <span className="actions">
          <button
            type="button"
            className="button"
            disabled={fault !== ""}
            onClick={() => {
              put(editing);
              setEditing(null);
            }}
          >
            Apply
          </button>
          <button type="button" className="button bare" onClick={() => setEditing(null)}>
            Cancel
          </button>
        </span>
      </li>
    );
  }
  const buttons = [
    ["Edit", () => setEditing(step)],
    ["Remove", () => put(null)],
  ] as const;
  return (
    <li>
      <StepWords step={step} />
      <span className="actions">
        {may &&
          buttons.map(([text, run]) => (
            <button
              key={text}
              type="button"
              className="button bare"
              aria-label={`${text} the change at layer ${step.layer}`}
              onClick={run}
            >
              {text}
            </button>
          ))}
      </span>
    </li>
  );
}

function StepWords({ step }: { step: RecipeStep }) {
  return (
    <>
      <span>
        from layer <b>{step.layer}</b>
      </span>
      <span>
        material <b>{step.material}</b>
      </span>
    </>
  );
}

interface StepFieldsProps {
  step: RecipeStep;
  change: (step: RecipeStep) => void;
  fault: string;
}

function StepFields({ step, change, fault }: StepFieldsProps) {
  return (
    <>
      <Field label="Layer" error={fault}>
        <NumberInput
          value={step.layer}
          onValue={(layer) => change({ ...step, layer })}
          min={1}
          max={layer_max}
        />
      </Field>
      <Field label="Material">
        <Choice
          value={step.material}
          onValue={(material) => change({ ...step, material })}
          options={materials.map((each) => [each, each] as const)}
        />
      </Field>
    </>
  );
}

interface AddStepProps {
  steps: readonly RecipeStep[];
  add: (step: RecipeStep) => void;
}

function AddStep({ steps, add }: AddStepProps) {
  const [step, setStep] = useState<RecipeStep>({ layer: Number.NaN, material: "A" });
  const [tried, setTried] = useState(false);
  const fault = faultOfStep(step, steps);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(fault !== "");
    if (fault) return;
    add(step);
    setStep({ ...step, layer: Number.NaN });
  };
  // An empty field is no mistake before somebody has tried to add it.
  const show = tried || !Number.isNaN(step.layer);
  return (
    <form className="inline-form" noValidate onSubmit={submit}>
      <StepFields step={step} change={setStep} fault={show ? fault : ""} />
      <button type="submit" className="button">
        Add the change
      </button>
    </form>
  );
}

interface ImportFormProps {
  station: string;
  present: readonly RecipeStep[];
  take: (steps: RecipeStep[]) => void;
}

function ImportForm({ station, present, take }: ImportFormProps) {
  const [text, setText] = useState("");
  const { preview, fault } = useRecipePreview(station, text);
  const steps = preview?.ok && preview.steps.length ? preview.steps : null;
  const delta = steps && differences(present, steps);
  const lost = preview?.notes.filter((each) => each.loses) ?? [];
  const error = fault || lost.map((each) => each.sentence).join(" ");
  const isEmpty = preview?.ok && !preview.steps.length && !error;
  return (
    <div className="form">
      <Field
        label="Import from text"
        hint="Material and layer, separated by colons: A,50:B,120:C,200. Older forms are read too."
        error={error}
      >
        <TextArea value={text} onValue={setText} rows={3} maxLength={10_000} />
      </Field>
      {isEmpty && <p className="hint">There is no change in this text.</p>}
      {steps && delta && (
        <div className="import-preview">
          <p>
            <b>Preview:</b> {steps.length} changes: {delta.added} added, {delta.removed} removed,{" "}
            {delta.changed} with another material than on this page.
          </p>
          {preview?.notes
            .filter((each) => !each.loses)
            .map((each) => (
              <p className="hint" key={each.sentence}>
                {each.sentence}
              </p>
            ))}
          <ul className="steps">
            {steps.map((each) => (
              <li key={each.layer}>
                <StepWords step={each} />
              </li>
            ))}
          </ul>
          <div className="actions">
            <button
              type="button"
              className="button primary"
              onClick={() => {
                take(steps);
                setText("");
              }}
            >
              Replace the changes
            </button>
            <button type="button" className="button" onClick={() => setText("")}>
              No, leave it
            </button>
          </div>
          <p className="hint">Nothing is stored before you save the recipe.</p>
        </div>
      )}
    </div>
  );
}
