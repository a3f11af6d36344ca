// One order: the path of each line, why it waits, and how it is made.
import type { Order, OrderProgress } from "../api/types.ts";
import { boxText, colourText, count } from "../format/measure.ts";
import { word } from "../format/words.ts";
import { Act } from "../parts/act.tsx";
import { Badge, Glyph } from "../parts/badge.tsx";
import { LinePathView } from "../parts/line_path.tsx";
import { Facts, Page, Panel } from "../parts/page.tsx";
import { PlanDetails } from "../parts/plan_details.tsx";
import { PlateList } from "../parts/plate_list.tsx";
import { RemedyButtons } from "../parts/remedy.tsx";
import { Failed, Skeleton } from "../parts/states.tsx";
import { WaitingList } from "../parts/waiting_list.tsx";
import { When } from "../parts/when.tsx";
import { useAll, useEntity, useFetched, useLive } from "../state/hooks.ts";
import { pathOfLine } from "../state/path.ts";
import { useCan } from "../state/session.ts";
import { useAttention } from "../state/use_attention.ts";
import { whyWaiting } from "../state/waiting.ts";

const back = { href: "#/orders", text: "Orders" };

export function OrderPage({ id }: { id: string }) {
  const { entity: order, problem, reload } = useFetched("order", id, "?expand=plans,plates,runs");
  const planner = useCan("planner");
  if (!order)
    return (
      <Page title="Order" back={back}>
        {problem ? <Failed problem={problem} retry={reload} /> : <Skeleton />}
      </Page>
    );
  const open = order.state !== "fulfilled" && order.state !== "cancelled";
  return (
    <Page title={order.lines.map((each) => each.line.name).join(", ") || order.id} back={back}>
      <div className="lead-row">
        <Badge {...word("order", order.state)} />
        <span className="soft">
          {order.reference}
          {order.due && (
            <>
              {order.reference && " · "}due <When at={order.due.at} />
            </>
          )}
        </span>
      </div>
      {order.lines.map((progress, index) => (
        <LinePanel key={index} order={order} progress={progress} />
      ))}
      <OrderFacts order={order} />
      {planner && open && (
        <div className="actions end">
          <Act
            label="Cancel the order"
            look="danger"
            path={`/orders/${id}/cancel`}
            done="The order is cancelled."
            confirm="Nothing more of this order starts; prints of it that run are asked to stop."
            confirmLabel="Cancel this order"
          />
        </div>
      )}
    </Page>
  );
}

function OrderFacts({ order }: { order: Order }) {
  const customer = order.customer_record;
  return (
    <Panel title="Order">
      <Facts
        items={[
          ["Reference", order.reference || "–"],
          [
            "Due",
            order.due ? (
              <>
                <When at={order.due.at} />{" "}
                <span className="soft">
                  ({order.due.text} {order.due.zone})
                </span>
              </>
            ) : (
              "–"
            ),
          ],
          ["Priority", `${order.priority} (0 is first)`],
          ["Accepted", <When at={order.accepted_at} />],
          ["Closed", <When at={order.closed_at} />],
          ...(customer
            ? [["Customer", [customer.name, customer.email].filter(Boolean).join(" · ")] as const]
            : []),
          ...(order.note ? [["Note", order.note] as const] : []),
          ["Id", <code>{order.id}</code>],
        ]}
      />
    </Panel>
  );
}

function LinePanel({ order, progress }: { order: Order; progress: OrderProgress }) {
  const { line } = progress;
  const plan = useEntity("plan", progress.plan);
  const plates = useAll("plate");
  const runs = useAll("run");
  const printers = useAll("printer");
  const path = pathOfLine(progress, plan, plates, runs, printers);
  const live = useLive("run", path.run?.id ?? "");
  const printer = printers.find((each) => each.id === path.run?.printer);
  const why =
    order.state === "cancelled"
      ? ""
      : whyWaiting(progress, plan, path.run, live?.value, printer?.setup.name ?? "the printer");
  const related = new Set([
    `plan/${progress.plan}`,
    ...runs.filter((run) => run.plan === progress.plan).map((run) => `run/${run.id}`),
    `decision/${path.run?.pending_decision ?? ""}`,
    `printer/${path.run?.state === "inspecting" ? path.run.printer : ""}`,
  ]);
  const items = useAttention().filter(
    (item) => related.has(item.key) && item.remedy.kind !== "open",
  );
  const stuck = path.steps.find((step) => step.state === "person" || step.state === "stopped");
  return (
    <Panel
      title={order.lines.length > 1 ? line.name : "Where it stands"}
      beside={order.lines.length > 1 && <Badge {...word("line", progress.state)} />}
    >
      <p className="soft">
        {progress.pieces_good} of {count(line.quantity, "piece")} good · {line.material},{" "}
        {colourText(line.colour)}
        {plan && plan.size.x_um > 0 && ` · ${boxText(plan.size)}`}
      </p>
      {why && (
        <div className={`notice ${stuck?.state === "stopped" ? "stop" : stuck ? "person" : ""}`}>
          {stuck && <Glyph tone={stuck.state === "stopped" ? "stop" : "person"} />}
          <span>{why}</span>
        </div>
      )}
      <LinePathView path={path} name={line.name} />
      {items.map((item) => (
        <div className="actions" key={item.key}>
          <span className="soft">{item.title}:</span>
          <RemedyButtons remedy={item.remedy} link={item.link} />
        </div>
      ))}
      <WaitingList
        live={
          path.run?.state === "queued" || path.run?.state === "approval" ? live?.value : undefined
        }
      />
      <PlateList plan={progress.plan} />
      {plan && <PlanDetails plan={plan} />}
    </Panel>
  );
}
