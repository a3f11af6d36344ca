// A station's printer, pumps and times: adding one, and changing one.
import { type FormEvent, useState } from "react";
import { send } from "../api/http.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Station, StationSetup } from "../api/station_types.ts";
import { StationConnectionTest } from "../parts/connection_test.tsx";
import { Field } from "../parts/field.tsx";
import { Page } from "../parts/page.tsx";
import { PumpFields } from "../parts/pump_fields.tsx";
import { StationFiles } from "../parts/station_files_panel.tsx";
import { NumberInput, TextInput } from "../parts/text_input.tsx";
import { errorFor, fieldOf } from "../state/field_errors.ts";
import { go } from "../state/router.ts";
import { useCan } from "../state/session.ts";
import { store } from "../state/store.ts";
import { say } from "../state/toasts.ts";
import type { StationProps } from "./station_area.tsx";

const fresh: StationSetup = {
  name: "",
  host: "",
  port: 6000,
  poll_interval_ms: 3000,
  reply_timeout_ms: 10_000,
  offline_grace_s: 30,
  pump_bank: "",
  pumps: [],
  valve_during_drain: false,
  waste_capacity_ul: 1_000_000,
  change: {
    quiescence_s: 10,
    plate_clear_delay_s: 20,
    drain_volume_ul: 50_000,
    fill_volume_ul: 45_000,
    settle_delay_s: 5,
  },
  initial_material: "A",
  dry_run: false,
};

export function NewStationPage() {
  return (
    <Page title="Add a station" back={{ href: "#/stations", text: "Stations" }}>
      <SetupForm station={null} />
    </Page>
  );
}

export function SetupPage({ station }: StationProps) {
  return (
    <>
      <SetupForm key={JSON.stringify(station.setup)} station={station} />
      <StationFiles station={station} />
    </>
  );
}

function SetupForm({ station }: { station: Station | null }) {
  const admin = useCan("admin");
  const [setup, setSetup] = useState(station?.setup ?? fresh);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const put = (part: Partial<StationSetup>) => setSetup({ ...setup, ...part });
  const error = (field: string) => errorFor(problem, `setup.${field}`);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const saved = await (station
        ? send<Station>("PUT", `/stations/${station.id}`, { setup })
        : send<Station>("POST", "/stations", { setup }));
      store.put("station", saved);
      say("good", station ? `Saved as revision ${saved.version}.` : `${setup.name} is added.`);
      if (station) setSetup(saved.setup);
      else go(`#/stations/${saved.id}`);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    }
    setBusy(false);
  };
  const form = { setup, put, error, locked: !admin };
  return (
    <form className="form wide" onSubmit={(event) => void submit(event)}>
      {station && <p className="soft">Revision {station.version}</p>}
      <PrinterFields {...form} />
      <PumpFields {...form} />
      <ChangeFields {...form} />
      {problem && !fieldOf(problem).startsWith("setup.") && (
        <p className="error" role="alert">
          {problem.message}
        </p>
      )}
      {admin && (
        <div className="actions">
          <button type="submit" className="button primary" disabled={busy}>
            {busy ? "Saving …" : station ? "Save" : "Add the station"}
          </button>
          {station ? (
            <button type="button" className="button" onClick={() => setSetup(station.setup)}>
              Reload
            </button>
          ) : (
            <a className="button" href="#/stations">
              Discard
            </a>
          )}
        </div>
      )}
    </form>
  );
}

interface FormProps {
  setup: StationSetup;
  put: (part: Partial<StationSetup>) => void;
  error: (field: string) => string;
  locked: boolean;
}

function PrinterFields({ setup, put, error, locked }: FormProps) {
  return (
    <fieldset disabled={locked}>
      <legend>Printer</legend>
      <div className="grid">
        <Field label="Name" error={error("name")}>
          <TextInput
            value={setup.name}
            onValue={(name) => put({ name })}
            required
            maxLength={60}
          />
        </Field>
        <Field label="Address" error={error("host")} hint="Host name or IP address.">
          <TextInput
            value={setup.host}
            onValue={(host) => put({ host: host.trim() })}
            required
            maxLength={253}
          />
        </Field>
        <Field label="Port" error={error("port")}>
          <NumberInput value={setup.port} onValue={(port) => put({ port })} min={1} max={65_535} />
        </Field>
        <Field label="Seconds between polls" error={error("poll_interval_ms")}>
          <NumberInput
            value={setup.poll_interval_ms / 1000}
            onValue={(seconds) => put({ poll_interval_ms: Math.round(seconds * 1000) })}
            min={1}
            max={10}
            step={0.5}
          />
        </Field>
        <Field label="Silence before it is an error, s" error={error("offline_grace_s")}>
          <NumberInput
            value={setup.offline_grace_s}
            onValue={(offline_grace_s) => put({ offline_grace_s })}
            min={5}
            max={3600}
          />
        </Field>
      </div>
      <StationConnectionTest host={setup.host} port={setup.port} />
    </fieldset>
  );
}

const volumes = [
  ["drain_volume_ul", "Drained, ml"],
  ["fill_volume_ul", "Filled, ml"],
] as const;

const waits = [
  ["quiescence_s", "Silence after a pause, s", 120],
  ["plate_clear_delay_s", "Until the plate is clear, s", 600],
  ["settle_delay_s", "Rest after filling, s", 3600],
] as const;

function ChangeFields({ setup, put, error, locked }: FormProps) {
  const at = setup.change;
  return (
    <fieldset disabled={locked}>
      <legend>Change of material</legend>
      <div className="grid">
        {volumes.map(([name, label]) => (
          <Field key={name} label={label} error={error(`change.${name}`)}>
            <NumberInput
              value={at[name] / 1000}
              onValue={(ml) => put({ change: { ...at, [name]: Math.round(ml * 1000) } })}
              min={0.1}
              max={5000}
              step="any"
            />
          </Field>
        ))}
        {waits.map(([name, label, max]) => (
          <Field key={name} label={label} error={error(`change.${name}`)}>
            <NumberInput
              value={at[name]}
              onValue={(seconds) => put({ change: { ...at, [name]: seconds } })}
              min={0}
              max={max}
            />
          </Field>
        ))}
        <Field label="Material at the start" error={error("initial_material")}>
          <TextInput
            value={setup.initial_material}
            onValue={(initial_material) => put({ initial_material })}
            maxLength={40}
          />
        </Field>
      </div>
      <div className="choices">
        <label>
          <input
            type="checkbox"
            checked={setup.valve_during_drain}
            onChange={(event) => put({ valve_during_drain: event.target.checked })}
          />
          The air valve opens while draining
        </label>
        <label>
          <input
            type="checkbox"
            checked={setup.dry_run}
            onChange={(event) => put({ dry_run: event.target.checked })}
          />
          Dry run: times pass, no pump is ever switched on
        </label>
      </div>
    </fieldset>
  );
}
