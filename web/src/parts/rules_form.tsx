// The limits of the farm's rules.
import { type FormEvent, useRef, useState } from "react";
import { send } from "../api/http.ts";
import { newKey } from "../api/key.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Settings } from "../api/types.ts";
import { errorFor, fieldOf } from "../state/field_errors.ts";
import { useCan } from "../state/session.ts";
import { store } from "../state/store.ts";
import { say } from "../state/toasts.ts";
import { Field } from "./field.tsx";
import { Facts, Panel } from "./page.tsx";
import { Choice, NumberInput, TextInput } from "./text_input.tsx";

type NumberName =
  | "breaker_limit"
  | "reprint_ceiling"
  | "decision_ttl_s"
  | "upload_deadline_s"
  | "start_deadline_s"
  | "start_lag_s"
  | "settle_after_ready_s";

const numbers: readonly (readonly [NumberName, string, number, number])[] = [
  ["breaker_limit", "Failures that open a plan's breaker", 1, 10],
  ["reprint_ceiling", "Runs of one plate before it is held", 1, 20],
  ["decision_ttl_s", "How long a decision may be used (s)", 10, 86_400],
  ["upload_deadline_s", "Longest upload (s)", 10, 86_400],
  ["start_deadline_s", "Unconfirmed start before a person is asked (s)", 5, 3_600],
  ["start_lag_s", "How long an unanswered start is watched (s)", 1, 600],
  ["settle_after_ready_s", "Pause after the firmware got ready (s)", 0, 60],
];

const risks = [
  ["low", "Low"],
  ["medium", "Medium"],
  ["high", "High"],
] as const;

export function RulesForm({ settings }: { settings: Settings }) {
  const admin = useCan("admin");
  const [draft, setDraft] = useState(settings);
  const [classes, setClasses] = useState(settings.gated_classes.join(", "));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const key = useRef<string | null>(null);
  if (!admin)
    return (
      <Panel title="Rules">
        <Facts
          items={[
            ["Classes that need approval", settings.gated_classes.join(", ") || "none"],
            ["Risk from which a person approves", settings.approval_from_risk],
            ...numbers.map(([name, text]) => [text, settings[name]] as const),
          ]}
        />
      </Panel>
    );
  const change = (part: Partial<Settings>) => {
    key.current = null;
    setDraft({ ...draft, ...part });
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    key.current ??= newKey();
    setBusy(true);
    setProblem(null);
    const { version: _version, id: _id, ...body } = draft;
    const gated_classes = classes
      .split(",")
      .map((each) => each.trim())
      .filter(Boolean);
    try {
      store.put(
        "settings",
        await send<Settings>("PUT", "/settings", { ...body, gated_classes }, key.current),
      );
      key.current = null;
      say("good", "The rules are saved.");
    } catch (thrown) {
      const refused = asProblem(thrown);
      if (!refused.unanswered) key.current = null;
      setProblem(refused);
    }
    setBusy(false);
  };
  return (
    <Panel title="Rules">
      <form className="form" onSubmit={(event) => void submit(event)}>
        <div className="grid">
          <Field
            label="Printer classes that need approval"
            hint="With commas"
            error={errorFor(problem, "gated_classes")}
          >
            <TextInput
              value={classes}
              onValue={(value) => {
                key.current = null;
                setClasses(value);
              }}
            />
          </Field>
          <Field
            label="Risk from which a person approves"
            error={errorFor(problem, "approval_from_risk")}
          >
            <Choice
              value={draft.approval_from_risk}
              options={risks}
              onValue={(value) =>
                change({ approval_from_risk: value as Settings["approval_from_risk"] })
              }
            />
          </Field>
          {numbers.map(([name, text, min, max]) => (
            <Field key={name} label={text} error={errorFor(problem, name)}>
              <NumberInput
                value={draft[name]}
                min={min}
                max={max}
                onValue={(value) => change({ [name]: value })}
              />
            </Field>
          ))}
        </div>
        {problem && !(fieldOf(problem) in draft) && (
          <p className="error" role="alert">
            {problem.message}
          </p>
        )}
        <div className="actions">
          <button type="submit" className="button" disabled={busy}>
            {busy ? "Saving …" : "Save the rules"}
          </button>
        </div>
      </form>
    </Panel>
  );
}
