// A new order: drop models, say how many of what, send it.
import { type FormEvent, useRef, useState } from "react";
import { send } from "../api/http.ts";
import { newKey } from "../api/key.ts";
import { asProblem, noAnswer, type Problem } from "../api/problem.ts";
import type { Order } from "../api/types.ts";
import { DropZone } from "../parts/drop_zone.tsx";
import { type DraftLine, LineFields } from "../parts/line_fields.tsx";
import { Page } from "../parts/page.tsx";
import { type OrderFacts, OrderFields } from "../parts/order_fields.tsx";
import { errorFor, fieldOf } from "../state/field_errors.ts";
import { go } from "../state/router.ts";
import { store } from "../state/store.ts";
import { say } from "../state/toasts.ts";
import { useDraftLines } from "../state/use_draft_lines.ts";
import { useCollection } from "../state/use_collection.ts";

const my_zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

function bodyOf(lines: readonly DraftLine[], { reference, due, priority, note }: OrderFacts) {
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
  const { lines, take, change, transfer, remove } = useDraftLines(materials);
  const [facts, setFacts] = useState<OrderFacts>({ reference: "", due: "", priority: 5, note: "" });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useRef({ body: "", key: "" });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = bodyOf(lines, facts);
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
            onRemove={() => remove(line.key)}
          />
        ))}
        {lines.length > 0 && (
          <OrderFields
            facts={facts}
            zone={my_zone}
            problem={problem}
            onChange={(part) => setFacts({ ...facts, ...part })}
          />
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
