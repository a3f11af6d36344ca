// Adding materials and slicing profiles.
import { type ChangeEvent, type FormEvent, useState } from "react";
import type { Box, Material } from "../api/types.ts";
import { errorFor, fieldOf } from "../state/field_errors.ts";
import { useAdd } from "../state/use_add.ts";
import { Field } from "./field.tsx";
import { Choice, NumberInput, TextInput } from "./text_input.tsx";

export function MaterialForm() {
  const { add, busy, problem } = useAdd("material");
  const [name, setName] = useState("");
  const [density, setDensity] = useState(1.24);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = { name: name.trim(), density_mg_per_cm3: Math.round(density * 1000) };
    if (await add(body, `${name.trim()} is added.`)) setName("");
  };
  return (
    <details className="more">
      <summary>Add a material</summary>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <div className="grid">
          <Field label="Material" error={errorFor(problem, "name")}>
            <TextInput value={name} onValue={setName} maxLength={40} required />
          </Field>
          <Field label="Density (g/cm³)" error={errorFor(problem, "density_mg_per_cm3")}>
            <NumberInput value={density} onValue={setDensity} min={0.1} max={30} step="any" />
          </Field>
        </div>
        {problem && !fieldOf(problem) && <p className="error">{problem.message}</p>}
        <div className="actions">
          <button type="submit" className="button" disabled={busy || !name.trim()}>
            Add the material
          </button>
        </div>
      </form>
    </details>
  );
}

const axes = [
  ["x_um", "Bed width (mm)"],
  ["y_um", "Bed depth (mm)"],
  ["z_um", "Bed height (mm)"],
] as const;

export function ProfileForm({ materials }: { materials: readonly Material[] }) {
  const { add, busy, problem } = useAdd("profile");
  const [name, setName] = useState("");
  const [material, setMaterial] = useState("");
  const [nozzle_um, setNozzle] = useState(400);
  const [bed, setBed] = useState<Box>({ x_um: 220_000, y_um: 220_000, z_um: 250_000 });
  const [text, setText] = useState("");
  const chosen = material || materials[0]?.name || "";
  const read = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    setText(file ? await file.text() : "");
    if (file && !name) setName(file.name.replace(/\.ini$/i, ""));
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = { name: name.trim(), material: chosen, nozzle_um, bed, text };
    if (await add(body, `The profile ${name.trim()} is stored.`)) setName("");
  };
  return (
    <details className="more">
      <summary>Add a profile, or a new version of one</summary>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <div className="grid">
          <Field
            label="Profile file"
            hint="An exported configuration of PrusaSlicer (.ini)"
            error={errorFor(problem, "text")}
          >
            <input type="file" accept=".ini" required onChange={(event) => void read(event)} />
          </Field>
          <Field
            label="Profile name"
            hint="A known name gets a new version"
            error={errorFor(problem, "name")}
          >
            <TextInput value={name} onValue={setName} maxLength={80} required />
          </Field>
          <Field label="For material" error={errorFor(problem, "material")}>
            <Choice
              value={chosen}
              onValue={setMaterial}
              options={materials.map((each) => [each.name, each.name] as const)}
            />
          </Field>
          <Field label="Nozzle (mm)" error={errorFor(problem, "nozzle_um")}>
            <NumberInput
              value={nozzle_um / 1000}
              onValue={(mm) => setNozzle(Math.round(mm * 1000))}
              min={0.1}
              max={2}
              step="any"
            />
          </Field>
          {axes.map(([axis, label]) => (
            <Field key={axis} label={label} error={errorFor(problem, `bed.${axis}`)}>
              <NumberInput
                value={bed[axis] / 1000}
                onValue={(mm) => setBed({ ...bed, [axis]: Math.round(mm * 1000) })}
                min={1}
                max={5000}
                step="any"
              />
            </Field>
          ))}
        </div>
        {problem && !fieldOf(problem) && <p className="error">{problem.message}</p>}
        <div className="actions">
          <button type="submit" className="button" disabled={busy || !text || !name.trim()}>
            Store the profile
          </button>
        </div>
      </form>
    </details>
  );
}
