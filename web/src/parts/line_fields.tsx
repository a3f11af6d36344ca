// One line of a new order: its file and what is wanted of it.
import type { ColourRule, Material, Profile } from "../api/types.ts";
import { bytes } from "../format/measure.ts";
import { Field } from "./field.tsx";
import { Choice, NumberInput, TextInput } from "./text_input.tsx";

export interface DraftLine {
  key: string;
  file: File;
  /** Id of the stored file; empty while it is on its way. */
  artifact: string;
  /** The share that was sent, 0 to 1. */
  sent: number;
  error: string;
  name: string;
  quantity: number;
  pieces_per_plate: number;
  material: string;
  match: ColourRule["match"];
  colours: string;
  profile: string;
}

interface LineFieldsProps {
  line: DraftLine;
  materials: readonly Material[];
  profiles: readonly Profile[];
  error: (field: string) => string;
  onChange: (part: Partial<DraftLine>) => void;
  onRetry: () => void;
  onRemove: () => void;
}

const matches: readonly (readonly [ColourRule["match"], string])[] = [
  ["any", "Any colour"],
  ["exact", "Exactly"],
  ["any_of", "One of"],
  ["none_of", "None of"],
];

export function LineFields({
  line,
  materials,
  profiles,
  error,
  onChange,
  onRetry,
  onRemove,
}: LineFieldsProps) {
  const names = materials.length > 0 ? materials.map((each) => each.name) : [line.material];
  const fitting = profiles.filter((each) => each.material === line.material);
  return (
    <fieldset>
      <legend>
        {line.file.name} <span className="soft">{bytes(line.file.size)}</span>
      </legend>
      {!line.artifact && !line.error && (
        <progress max={1} value={line.sent} aria-label={`Upload of ${line.file.name}`} />
      )}
      {(line.error || error("model")) && (
        <div className="error" role="alert">
          <p>{line.error || error("model")}</p>
          {line.error && (
            <button type="button" className="button" onClick={onRetry}>
              Send it again
            </button>
          )}
        </div>
      )}
      <div className="grid">
        <Field label="Name" error={error("name")}>
          <TextInput
            value={line.name}
            onValue={(name) => onChange({ name })}
            maxLength={120}
            required
          />
        </Field>
        <Field label="Quantity" error={error("quantity")}>
          <NumberInput
            value={line.quantity}
            onValue={(quantity) => onChange({ quantity })}
            min={1}
            max={10000}
          />
        </Field>
        <Field
          label="Pieces per plate"
          hint="Divides the quantity"
          error={error("pieces_per_plate")}
        >
          <NumberInput
            value={line.pieces_per_plate}
            onValue={(pieces_per_plate) => onChange({ pieces_per_plate })}
            min={1}
            max={100}
          />
        </Field>
        <Field label="Material" error={error("material")}>
          <Choice
            value={line.material}
            onValue={(material) => onChange({ material, profile: "" })}
            options={names.map((name) => [name, name] as const)}
          />
        </Field>
        <Field label="Colour" error={error("colour.match")}>
          <Choice
            value={line.match}
            options={matches}
            onValue={(match) => onChange({ match: match as ColourRule["match"] })}
          />
        </Field>
        {line.match !== "any" && (
          <Field
            label="Colours"
            hint="Names or #rrggbb, with commas"
            error={error("colour.colours")}
          >
            <TextInput value={line.colours} onValue={(colours) => onChange({ colours })} required />
          </Field>
        )}
        <Field label="Profile" error={error("profile")}>
          <Choice
            value={line.profile}
            onValue={(profile) => onChange({ profile })}
            options={[
              ["", `First one for ${line.material}`],
              ...fitting.map((each) => [each.id, each.name] as const),
            ]}
          />
        </Field>
      </div>
      <button type="button" className="button bare" onClick={onRemove}>
        Remove this line
      </button>
    </fieldset>
  );
}
