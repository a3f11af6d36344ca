// All orders with what each of them waits for.
import { memo, useEffect, useState } from "react";
import { get } from "../api/http.ts";
import { asProblem } from "../api/problem.ts";
import type { Order, Page as ListPage } from "../api/types.ts";
import { count } from "../format/measure.ts";
import { word } from "../format/words.ts";
import { Badge } from "../parts/badge.tsx";
import { Icon } from "../parts/icon.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Skeleton } from "../parts/states.tsx";
import { When } from "../parts/when.tsx";
import { useAll, useEntity, useLive, useLoaded } from "../state/hooks.ts";
import { leadingRun } from "../state/path.ts";
import { useCan } from "../state/session.ts";
import { store } from "../state/store.ts";
import { say } from "../state/toasts.ts";
import { whyWaiting } from "../state/waiting.ts";

const filters = [
  ["open", "Open"],
  ["closed", "Closed"],
  ["all", "All"],
] as const;
type Filter = (typeof filters)[number][0];

function closed(order: Order): boolean {
  return order.state === "fulfilled" || order.state === "cancelled";
}

export function OrdersPage() {
  const orders = useAll("order");
  const loaded = useLoaded();
  const [filter, setFilter] = useState<Filter>("open");
  const planner = useCan("planner", "operator", "integration");
  const add = planner && (
    <a className="button primary" href="#/orders/new">
      <Icon name="plus" />
      New order
    </a>
  );
  const shown = orders
    .filter((order) => filter === "all" || closed(order) === (filter === "closed"))
    .sort((a, b) => (b.accepted_at ?? "").localeCompare(a.accepted_at ?? ""));
  return (
    <Page title="Orders" beside={add}>
      <div className="segments" role="group" aria-label="Which orders">
        {filters.map(([id, text]) => (
          <button key={id} type="button" aria-pressed={filter === id} onClick={() => setFilter(id)}>
            {text}
          </button>
        ))}
      </div>
      {!loaded ? (
        <Skeleton rows={5} />
      ) : shown.length === 0 ? (
        <Empty title={filter === "closed" ? "No closed order yet" : "No order yet"}>
          <p>
            {filter === "closed"
              ? "Orders appear here when every piece has passed inspection."
              : "Drop an STL to make the first. Gantry checks and slices it and finds a printer."}
          </p>
          {filter !== "closed" && add}
        </Empty>
      ) : (
        <ul className="rows">
          {shown.map((order) => (
            <OrderRow key={order.id} id={order.id} />
          ))}
        </ul>
      )}
      {loaded && filter !== "open" && <ClosedOrders />}
    </Page>
  );
}

const OrderRow = memo(function OrderRow({ id }: { id: string }) {
  const order = useEntity("order", id);
  const plans = useAll("plan");
  const runs = useAll("run").filter((run) => run.order === id);
  const run = leadingRun(runs);
  const live = useLive("run", run?.id ?? "");
  const printer = useEntity("printer", run?.printer ?? "");
  if (!order) return null;
  const pieces = order.lines.reduce((sum, each) => sum + each.line.quantity, 0);
  const good = order.lines.reduce((sum, each) => sum + each.pieces_good, 0);
  const troubled =
    order.lines.find((each) => each.state === "held") ??
    order.lines.find((each) => each.state !== "complete");
  const plan = plans.find((each) => each.id === troubled?.plan);
  const own = run?.plan === troubled?.plan ? run : null;
  const why =
    troubled && order.state !== "cancelled"
      ? whyWaiting(troubled, plan, own, live?.value, printer?.setup.name ?? "the printer")
      : "";
  return (
    <li>
      <div className="row-main">
        <a href={`#/orders/${id}`}>{order.lines.map((each) => each.line.name).join(", ") || id}</a>
        <p className="soft">
          {order.reference && `${order.reference} · `}
          {good} of {count(pieces, "piece")} good
          {order.due && (
            <>
              {" "}
              · due <When at={order.due.at} />
            </>
          )}
        </p>
        {why && <p className="why">{why}</p>}
      </div>
      <Badge {...orderWord(order, run?.state, plan?.state)} />
    </li>
  );
});

/** The state of an order, more exact where a run or plan tells more. */
function orderWord(order: Order, run: string | undefined, plan: string | undefined) {
  if (closed(order) || order.state === "held") return word("order", order.state);
  if (plan && plan !== "ready" && plan !== "done") return word("plan", plan);
  return run && run !== "passed" && run !== "failed"
    ? word("run", run)
    : word("order", order.state);
}

/** Reads closed orders, a page at a time, the first one by itself. */
function ClosedOrders() {
  const [cursor, setCursor] = useState<string | null>("");
  const [busy, setBusy] = useState(false);
  const more = async (from: string) => {
    setBusy(true);
    try {
      const page = await get<ListPage<Order>>(
        "/orders?state=fulfilled,cancelled&limit=100" +
          (from && `&cursor=${encodeURIComponent(from)}`),
      );
      store.putAll("order", page.items);
      setCursor(page.next);
    } catch (thrown) {
      say("stop", asProblem(thrown).message);
    }
    setBusy(false);
  };
  useEffect(() => void more(""), []);
  if (!cursor) return null;
  return (
    <button type="button" className="button" disabled={busy} onClick={() => void more(cursor)}>
      Show older orders
    </button>
  );
}
