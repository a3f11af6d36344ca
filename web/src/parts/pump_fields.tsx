// The pumps of a station: one per material, and one drain.
import type { StationPump, StationSetup } from "../api/station_types.ts";
import { materials } from "../state/recipe.ts";
import { Field } from "./field.tsx";
import { Choice, NumberInput, TextInput } from "./text_input.tsx";

interface PumpFieldsProps {
  setup: StationSetup;
  put: (part: Partial<StationSetup>) => void;
  error: (field: string) => string;
  locked: boolean;
}

const pumps_max = 8;

/** A pump for the first material without one; the drain once there are two. */
function nextPump(pumps: readonly StationPump[]): StationPump {
  const drains = pumps.length > 1 && !pumps.some((pump) => pump.role === "drain");
  const free = materials.find((each) => !pumps.some((pump) => pump.material === each)) ?? "A";
  const material = drains ? "" : free;
  return {
    name: drains ? "drain" : material.toLowerCase(),
    role: drains ? "drain" : "fill",
    material,
    flow_ul_per_s: 5000,
    direction: "forward",
    direction_confirmed: false,
    max_volume_ul: 200_000,
    reservoir_ul: 200_000,
  };
}

export function PumpFields({ setup, put, error, locked }: PumpFieldsProps) {
  const { pumps } = setup;
  return (
    <fieldset disabled={locked}>
      <legend>Pumps</legend>
      <div className="grid">
        <Field
          label="Station in the guard's file"
          error={error("pump_bank")}
          hint="Empty if this station has no pumps."
        >
          <TextInput
            value={setup.pump_bank}
            onValue={(pump_bank) => put({ pump_bank: pump_bank.trim() })}
            maxLength={60}
          />
        </Field>
        <Field label="Waste container, ml" error={error("waste_capacity_ul")}>
          <NumberInput
            value={setup.waste_capacity_ul / 1000}
            onValue={(ml) => put({ waste_capacity_ul: Math.round(ml * 1000) })}
            min={0}
            max={50_000}
            step="any"
          />
        </Field>
      </div>
      {error("pumps") && (
        <p className="error" role="alert">
          {error("pumps")}
        </p>
      )}
      {pumps.map((pump, at) => (
        <PumpRow
          key={at}
          title={`Pump ${at + 1}`}
          pump={pump}
          change={(part) =>
            put({ pumps: pumps.map((each, i) => (i === at ? { ...each, ...part } : each)) })
          }
          remove={() => put({ pumps: pumps.filter((_, i) => i !== at) })}
        />
      ))}
      {pumps.length < pumps_max && !locked && (
        <button
          type="button"
          className="button"
          onClick={() => put({ pumps: [...pumps, nextPump(pumps)] })}
        >
          Add a pump
        </button>
      )}
    </fieldset>
  );
}

interface PumpRowProps {
  title: string;
  pump: StationPump;
  change: (part: Partial<StationPump>) => void;
  remove: () => void;
}

const figures = [
  ["flow_ul_per_s", "Flow, ml/s", 0.01, 100],
  ["max_volume_ul", "Most in one run, ml", 0.1, 5000],
  ["reservoir_ul", "Reservoir, ml", 0, 50_000],
] as const;

function PumpRow({ title, pump, change, remove }: PumpRowProps) {
  const use = (value: string): Partial<StationPump> =>
    value === "drain"
      ? { role: "drain", material: "", direction_confirmed: false }
      : { role: "fill", material: value };
  return (
    <fieldset className="pump-fields">
      <legend>{title}</legend>
      <div className="grid">
        <Field label="Name of its line">
          <TextInput
            value={pump.name}
            onValue={(name) => change({ name })}
            required
            maxLength={20}
          />
        </Field>
        <Field label="Use">
          <Choice
            value={pump.role === "drain" ? "drain" : pump.material}
            onValue={(value) => change(use(value))}
            options={[
              ...materials.map((each) => [each, `Fills ${each}`] as const),
              ["drain", "Drains the vat"],
            ]}
          />
        </Field>
        {figures.map(([name, label, min, max]) => (
          <Field key={name} label={label}>
            <NumberInput
              value={pump[name] / 1000}
              onValue={(ml) => change({ [name]: Math.round(ml * 1000) })}
              min={min}
              max={max}
              step="any"
            />
          </Field>
        ))}
      </div>
      <button type="button" className="button bare" onClick={remove}>
        Remove {pump.name}
      </button>
    </fieldset>
  );
}
