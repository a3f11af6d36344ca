// What a printer can do: class, build volume, nozzle, slots.
import type { PrinterSetup } from "../api/types.ts";
import { Field } from "./field.tsx";
import { SlotFields } from "./slot_fields.tsx";
import { Choice, NumberInput, TextInput } from "./text_input.tsx";

/** The set-up that is being edited, and what is wrong with it. */
export interface SetupFieldsProps {
  setup: PrinterSetup;
  change: (part: Partial<PrinterSetup>) => void;
  /** The error of a field of the set-up, e.g. `address.host`. */
  error: (field: string) => string;
}

const axes = [
  ["x_um", "Width (mm)"],
  ["y_um", "Depth (mm)"],
  ["z_um", "Height (mm)"],
] as const;

export function AbilityFields({ setup, change, error }: SetupFieldsProps) {
  return (
    <fieldset>
      <legend>What it can do</legend>
      <div className="grid">
        <Field
          label="Class"
          hint="Which class starts only after approval is a setting"
          error={error("printer_class")}
        >
          <TextInput
            value={setup.printer_class}
            onValue={(printer_class) => change({ printer_class })}
            maxLength={30}
            list="classes"
          />
        </Field>
        {axes.map(([axis, text]) => (
          <Field key={axis} label={text} error={error(`volume.${axis}`)}>
            <NumberInput
              value={setup.volume[axis] / 1000}
              min={1}
              max={5000}
              step="any"
              onValue={(mm) =>
                change({ volume: { ...setup.volume, [axis]: Math.round(mm * 1000) } })
              }
            />
          </Field>
        ))}
      </div>
      <datalist id="classes">
        <option value="open" />
        <option value="gated" />
      </datalist>
      <NozzleField setup={setup} change={change} />
      <SlotFields
        slots={setup.slots}
        error={error("slots")}
        onSlots={(slots) => change({ slots })}
      />
    </fieldset>
  );
}

const nozzles = ["200", "250", "400", "500", "600", "800", "1000"];

function NozzleField({ setup, change }: Pick<SetupFieldsProps, "setup" | "change">) {
  const now = String(setup.slots[0]?.nozzle_um ?? 400);
  const sizes = nozzles.includes(now) ? nozzles : [...nozzles, now];
  return (
    <Field label="Nozzle">
      <Choice
        value={now}
        options={sizes.map((um) => [um, `${Number(um) / 1000} mm`] as const)}
        onValue={(um) =>
          change({ slots: setup.slots.map((slot) => ({ ...slot, nozzle_um: Number(um) })) })
        }
      />
    </Field>
  );
}
