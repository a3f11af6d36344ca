// Adding a printer and editing its set-up, with a connection test.
import { type FormEvent, useRef, useState } from "react";
import { send } from "../api/http.ts";
import { newKey } from "../api/key.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Printer, PrinterSetup } from "../api/types.ts";
import { AbilityFields } from "../parts/ability_fields.tsx";
import { ConnectionFields } from "../parts/connection_fields.tsx";
import { Field } from "../parts/field.tsx";
import { Page } from "../parts/page.tsx";
import { Failed, Skeleton } from "../parts/states.tsx";
import { NumberInput } from "../parts/text_input.tsx";
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
  const [forget, setForget] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const key = useRef<string | null>(null);
  const change = (part: Partial<PrinterSetup>) => {
    key.current = null;
    setSetup({ ...setup, ...part });
  };
  const error = (field: string) => errorFor(problem, `setup.${field}`);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    key.current ??= newKey();
    setBusy(true);
    setProblem(null);
    const { host, port } = setup.address;
    const body = {
      setup: { ...setup, address: { host: host.trim(), port } },
      // An empty key removes the stored one; without the field it stays.
      ...(forget ? { api_key: "" } : apiKey ? { api_key: apiKey } : {}),
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
      <ConnectionFields
        setup={setup}
        change={change}
        error={error}
        apiKey={apiKey}
        onApiKey={(value) => {
          key.current = null;
          setApiKey(value);
        }}
        forget={forget}
        onForget={(value) => {
          key.current = null;
          setForget(value);
        }}
        keyError={errorFor(problem, "api_key")}
      />
      <AbilityFields setup={setup} change={change} error={error} />
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
