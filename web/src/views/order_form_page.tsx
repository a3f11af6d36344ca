// A new order: drop models, say how many of what, send it.
import { type FormEvent, useRef, useState } from "react";
import { send, upload } from "../api/http.ts";
import { newKey } from "../api/key.ts";
import { asProblem, noAnswer, type Problem } from "../api/problem.ts";
import type { Artifact, Order } from "../api/types.ts";
import { DropZone } from "../parts/drop_zone.tsx";
import { Field } from "../parts/field.tsx";
import { type DraftLine, LineFields } from "../parts/line_fields.tsx";
import { Page } from "../parts/page.tsx";
import { NumberInput, TextInput } from "../parts/text_input.tsx";
import { errorFor, fieldOf } from "../state/field_errors.ts";
import { go } from "../state/router.ts";
import { store } from "../state/store.ts";
import { say } from "../state/toasts.ts";
import { useCollection } from "../state/use_collection.ts";

const my_zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

function draft(file: File, material: string): DraftLine {
  return {
    key: newKey(),
    file,
    artifact: "",
    sent: 0,
    error: "",
    name: file.name.replace(/\.stl$/i, ""),
    quantity: 1,
    pieces_per_plate: 1,
    material,
    match: "any",
    colours: "",
    profile: "",
  };
}

function bodyOf(
  lines: readonly DraftLine[],
  reference: string,
  due: string,
  priority: number,
  note: string,
) {
  return {
    reference,
    priority,
    note,
    due: due ? { text: due, zone: my_zone } : null,
    lines: lines.map((line) => ({
      name: line.name,
      model: line.artifact,
      quantity: line.quantity,
      pieces_per_plate: line.pieces_per_plate,
      material: line.material,
      colour: {
        match: line.match,
        colours:
          line.match === "any"
            ? []
            : line.colours
                .toLowerCase()
                .split(",")
                .map((each) => each.trim())
                .filter(Boolean),
      },
      profile: line.profile,
    })),
  };
}

export function OrderFormPage() {
  const { items: materials } = useCollection("material");
  const { items: profiles } = useCollection("profile");
  const [lines, setLines] = useState<DraftLine[]>([]);
  const [reference, setReference] = useState("");
  const [due, setDue] = useState("");
  const [priority, setPriority] = useState(5);
  const [note, setNote] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useRef({ body: "", key: "" });

  const change = (key: string, part: Partial<DraftLine>) =>
    setLines((known) => known.map((line) => (line.key === key ? { ...line, ...part } : line)));

  const transfer = async (line: DraftLine) => {
    change(line.key, { error: "", sent: 0 });
    const path = `/artifacts?kind=model&name=${encodeURIComponent(line.file.name)}`;
    try {
      const artifact = await upload<Artifact>(path, line.file, line.key, (sent) =>
        change(line.key, { sent }),
      );
      change(line.key, { artifact: artifact.id, sent: 1 });
    } catch (thrown) {
      change(line.key, { error: asProblem(thrown).message });
    }
  };

  const take = (files: readonly File[]) => {
    const first =
      materials.find((each) => each.name === "PLA")?.name ?? materials[0]?.name ?? "PLA";
    const added = files.map((file) => draft(file, first));
    setLines((known) => [...known, ...added]);
    for (const line of added) void transfer(line);
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = bodyOf(lines, reference, due, priority, note);
    const text = JSON.stringify(body);
    // The same order sent again keeps its key; a changed one is another wish.
    if (attempt.current.body !== text) attempt.current = { body: text, key: newKey() };
    setBusy(true);
    setProblem(null);
    try {
      const order = await send<Order>("POST", "/orders", body, attempt.current.key);
      store.put("order", order);
      say("good", "The order is accepted.");
      go(`#/orders/${order.id}`);
    } catch (thrown) {
      const refused = asProblem(thrown);
      if (!refused.unanswered) attempt.current = { body: "", key: "" };
      setProblem(refused.unanswered ? noAnswer() : refused);
      setBusy(false);
    }
  };

  const ready = lines.length > 0 && lines.every((line) => line.artifact);
  return (
    <Page title="New order" back={{ href: "#/orders", text: "Orders" }}>
      <form className="form wide" onSubmit={(event) => void submit(event)}>
        <DropZone onFiles={take} compact={lines.length > 0} />
        {lines.map((line, index) => (
          <LineFields
            key={line.key}
            line={line}
            materials={materials}
            profiles={profiles}
            error={(field) => errorFor(problem, `lines[${index}].${field}`)}
            onChange={(part) => change(line.key, part)}
            onRetry={() => void transfer(line)}
            onRemove={() => setLines(lines.filter((each) => each.key !== line.key))}
          />
        ))}
        {lines.length > 0 && (
          <fieldset>
            <legend>Order</legend>
            <div className="grid">
              <Field
                label="Reference"
                hint="The customer's own number"
                error={errorFor(problem, "reference")}
              >
                <TextInput value={reference} onValue={setReference} maxLength={80} />
              </Field>
              <Field
                label="Due"
                hint={`End of that day in ${my_zone}`}
                error={errorFor(problem, "due")}
              >
                <TextInput type="date" value={due} onValue={setDue} />
              </Field>
              <Field
                label="Priority"
                hint="0 is first, 9 is last"
                error={errorFor(problem, "priority")}
              >
                <NumberInput value={priority} onValue={setPriority} min={0} max={9} />
              </Field>
              <Field label="Note for the workshop" error={errorFor(problem, "note")}>
                <TextInput value={note} onValue={setNote} maxLength={2000} />
              </Field>
            </div>
          </fieldset>
        )}
        {problem && !/^(lines\[|reference|due|priority|note)/.test(fieldOf(problem)) && (
          <p className="error" role="alert">
            {problem.message}
          </p>
        )}
        {lines.length > 0 && (
          <div className="actions">
            <button type="submit" className="button primary" disabled={!ready || busy}>
              {busy ? "Sending …" : ready ? "Place the order" : "Waiting for the files …"}
            </button>
            <a className="button" href="#/orders">
              Discard
            </a>
          </div>
        )}
      </form>
    </Page>
  );
}
