// Adding a printer and editing its set-up, with a connection test.
import { type FormEvent, useRef, useState } from "react";
import { send } from "../api/http.ts";
import { newKey } from "../api/key.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Printer, PrinterSetup } from "../api/types.ts";
import { ConnectionTest } from "../parts/connection_test.tsx";
import { Field } from "../parts/field.tsx";
import { Page } from "../parts/page.tsx";
import { SlotFields } from "../parts/slot_fields.tsx";
import { Failed, Skeleton } from "../parts/states.tsx";
import { Choice, NumberInput, TextInput } from "../parts/text_input.tsx";
import { errorFor, fieldOf } from "../state/field_errors.ts";
import { useFetched } from "../state/hooks.ts";
import { go } from "../state/router.ts";
import { store } from "../state/store.ts";
import { say } from "../state/toasts.ts";

const fresh: PrinterSetup = {
  name: "",
  address: { host: "", port: 7125 },
  printer_class: "open",
  volume: { x_um: 220_000, y_um: 220_000, z_um: 250_000 },
  slots: [{ material: "PLA", colour: "", nozzle_um: 400 }],
  poll_interval_s: 30,
};

export function NewPrinterPage() {
  return (
    <Page title="Add a printer" back={{ href: "#/farm", text: "Farm" }}>
      <PrinterForm printer={null} />
    </Page>
  );
}

export function EditPrinterPage({ id }: { id: string }) {
  const { entity, problem, reload } = useFetched("printer", id);
  return (
    <Page
      title={entity ? `Edit ${entity.setup.name}` : "Edit a printer"}
      back={{ href: `#/printers/${id}`, text: "Printer" }}
    >
      {entity ? (
        <PrinterForm printer={entity} />
      ) : problem ? (
        <Failed problem={problem} retry={reload} />
      ) : (
        <Skeleton />
      )}
    </Page>
  );
}

function PrinterForm({ printer }: { printer: Printer | null }) {
  const [setup, setSetup] = useState<PrinterSetup>(printer?.setup ?? fresh);
  const [apiKey, setApiKey] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const key = useRef<string | null>(null);
  const change = (part: Partial<PrinterSetup>) => {
    key.current = null;
    setSetup({ ...setup, ...part });
  };
  const address = (part: Partial<PrinterSetup["address"]>) =>
    change({ address: { ...setup.address, ...part } });
  const volume = (axis: "x_um" | "y_um" | "z_um", mm: number) =>
    change({ volume: { ...setup.volume, [axis]: Math.round(mm * 1000) } });
  const error = (field: string) => errorFor(problem, `setup.${field}`);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    key.current ??= newKey();
    setBusy(true);
    setProblem(null);
    const { host, port } = setup.address;
    const body = {
      setup: { ...setup, address: { host: host.trim(), port } },
      ...(apiKey ? { api_key: apiKey } : {}),
    };
    try {
      const saved = await (printer
        ? send<Printer>("PUT", `/printers/${printer.id}`, body, key.current)
        : send<Printer>("POST", "/printers", body, key.current));
      store.put("printer", saved);
      say("good", printer ? "Saved." : `${saved.setup.name} is added. Gantry connects to it now.`);
      go(`#/printers/${saved.id}`);
    } catch (thrown) {
      const refused = asProblem(thrown);
      if (!refused.unanswered) key.current = null;
      setProblem(refused);
      setBusy(false);
    }
  };

  return (
    <form className="form wide" onSubmit={(event) => void submit(event)}>
      <fieldset>
        <legend>Connection</legend>
        <div className="grid">
          <Field label="Name" error={error("name")}>
            <TextInput
              value={setup.name}
              onValue={(name) => change({ name })}
              maxLength={60}
              required
            />
          </Field>
          <Field label="Address" hint="Host name or IP address" error={error("address.host")}>
            <TextInput
              value={setup.address.host}
              onValue={(host) => address({ host })}
              maxLength={253}
              required
            />
          </Field>
          <Field
            label="Port"
            hint="Moonraker usually listens on 7125"
            error={error("address.port")}
          >
            <NumberInput
              value={setup.address.port}
              onValue={(port) => address({ port })}
              min={1}
              max={65535}
            />
          </Field>
          <Field
            label="API key"
            error={errorFor(problem, "api_key")}
            hint={
              setup.address.has_api_key
                ? "One is stored; leave this empty to keep it"
                : "Only if Moonraker asks for one"
            }
          >
            <TextInput
              type="password"
              value={apiKey}
              onValue={(value) => {
                key.current = null;
                setApiKey(value);
              }}
              maxLength={128}
              autoComplete="new-password"
            />
          </Field>
        </div>
        <ConnectionTest
          host={setup.address.host.trim()}
          port={setup.address.port}
          apiKey={apiKey}
        />
      </fieldset>
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
          <Field label="Width (mm)" error={error("volume.x_um")}>
            <NumberInput
              value={setup.volume.x_um / 1000}
              onValue={(mm) => volume("x_um", mm)}
              min={1}
              max={5000}
              step="any"
            />
          </Field>
          <Field label="Depth (mm)" error={error("volume.y_um")}>
            <NumberInput
              value={setup.volume.y_um / 1000}
              onValue={(mm) => volume("y_um", mm)}
              min={1}
              max={5000}
              step="any"
            />
          </Field>
          <Field label="Height (mm)" error={error("volume.z_um")}>
            <NumberInput
              value={setup.volume.z_um / 1000}
              onValue={(mm) => volume("z_um", mm)}
              min={1}
              max={5000}
              step="any"
            />
          </Field>
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
      <fieldset>
        <legend>Request budget</legend>
        <Field
          label="Seconds between polls"
          error={error("poll_interval_s")}
          hint="Changes are pushed by the printer; polls fetch only what is not. 30 s is gentle."
        >
          <NumberInput
            value={setup.poll_interval_s}
            onValue={(poll_interval_s) => change({ poll_interval_s })}
            min={5}
            max={3600}
          />
        </Field>
      </fieldset>
      {problem && !fieldOf(problem) && (
        <p className="error" role="alert">
          {problem.message}
        </p>
      )}
      <div className="actions">
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? "Saving …" : printer ? "Save" : "Add the printer"}
        </button>
        <a className="button" href={printer ? `#/printers/${printer.id}` : "#/farm"}>
          Discard
        </a>
      </div>
    </form>
  );
}

const nozzles = ["200", "250", "400", "500", "600", "800", "1000"];

function NozzleField({
  setup,
  change,
}: {
  setup: PrinterSetup;
  change: (part: Partial<PrinterSetup>) => void;
}) {
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
