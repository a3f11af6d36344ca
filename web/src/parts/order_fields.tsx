// What concerns a whole order: reference, due date, priority, note.
import type { Problem } from "../api/problem.ts";
import { errorFor } from "../state/field_errors.ts";
import { Field } from "./field.tsx";
import { NumberInput, TextInput } from "./text_input.tsx";

export interface OrderFacts {
  reference: string;
  /** Local date; empty if none was promised. */
  due: string;
  priority: number;
  note: string;
}

interface OrderFieldsProps {
  facts: OrderFacts;
  zone: string;
  problem: Problem | null;
  onChange: (part: Partial<OrderFacts>) => void;
}

export function OrderFields({ facts, zone, problem, onChange }: OrderFieldsProps) {
  return (
    <fieldset>
      <legend>Order</legend>
      <div className="grid">
        <Field
          label="Reference"
          hint="The customer's own number"
          error={errorFor(problem, "reference")}
        >
          <TextInput
            value={facts.reference}
            onValue={(reference) => onChange({ reference })}
            maxLength={80}
          />
        </Field>
        <Field label="Due" hint={`End of that day in ${zone}`} error={errorFor(problem, "due")}>
          <TextInput type="date" value={facts.due} onValue={(due) => onChange({ due })} />
        </Field>
        <Field label="Priority" hint="0 is first, 9 is last" error={errorFor(problem, "priority")}>
          <NumberInput
            value={facts.priority}
            onValue={(priority) => onChange({ priority })}
            min={0}
            max={9}
          />
        </Field>
        <Field label="Note for the workshop" error={errorFor(problem, "note")}>
          <TextInput value={facts.note} onValue={(note) => onChange({ note })} maxLength={2000} />
        </Field>
      </div>
    </fieldset>
  );
}
