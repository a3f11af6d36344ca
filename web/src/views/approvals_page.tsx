// Starts that wait for consent, and plans whose breaker is open.
import type { Breaker, Decision } from "../api/types.ts";
import { duration } from "../format/duration.ts";
import { count, grams } from "../format/measure.ts";
import { word } from "../format/words.ts";
import { Act } from "../parts/act.tsx";
import { Badge } from "../parts/badge.tsx";
import { NoteAct } from "../parts/note_act.tsx";
import { Facts, Page, Panel } from "../parts/page.tsx";
import { RuleList } from "../parts/rule_list.tsx";
import { Empty, Skeleton } from "../parts/states.tsx";
import { Since, When } from "../parts/when.tsx";
import { useAll, useEntity, useLoaded } from "../state/hooks.ts";
import { sentence } from "../state/reasons.ts";
import { useCan } from "../state/session.ts";

export function ApprovalsPage() {
  const loaded = useLoaded();
  const pending = useAll("decision").filter((each) => each.approval === "pending");
  const open = useAll("breaker").filter((each) => each.state === "open");
  return (
    <Page title="Approvals">
      {!loaded ? (
        <Skeleton />
      ) : pending.length + open.length === 0 ? (
        <Empty title="Nothing waits for consent">
          <p>
            Starts on gated printers, starts of high risk, and plans that failed too often appear
            here.
          </p>
        </Empty>
      ) : (
        <>
          {pending.map((each) => (
            <ApprovalPanel key={each.id} decision={each} />
          ))}
          {open.map((each) => (
            <BreakerPanel key={each.id} breaker={each} />
          ))}
        </>
      )}
    </Page>
  );
}

function ApprovalPanel({ decision }: { decision: Decision }) {
  const plan = useEntity("plan", decision.plan);
  const printer = useEntity("printer", decision.printer);
  const order = useEntity("order", plan?.order ?? "");
  const allowed = useCan("operator", "planner");
  const name = printer?.setup.name ?? "a printer";
  const estimate = plan?.revisions.find((each) => each.number === decision.revision)?.estimate;
  const path = `/approvals/${decision.id}`;
  return (
    <Panel
      title={`${plan?.name ?? "A run"} on ${name}`}
      beside={<Badge {...word("risk", decision.risk)} />}
    >
      <p className="soft">
        Asked <Since at={decision.made_at} />
        {decision.risk_factors.length > 0 && ` · ${decision.risk_factors.join(", ")}`}
      </p>
      <RuleList decision={decision} printer={name} />
      <Facts
        items={[
          [
            "Order",
            order ? <a href={`#/orders/${order.id}`}>{order.reference || order.id}</a> : "–",
          ],
          ["Run", <a href={`#/runs/${decision.run}`}>{decision.run}</a>],
          ["Printer class", decision.printer_class],
          ["Plan revision", decision.revision],
          [
            "Estimate",
            estimate ? `${duration(estimate.duration_s)}, ${grams(estimate.filament_mg)}` : "–",
          ],
          ["Lapses", <When at={decision.expires_at} />],
        ]}
      />
      {allowed && (
        <div className="actions">
          <Act
            label="Approve"
            look="primary"
            path={`${path}/approve`}
            done="Approved. The run starts as soon as the printer can take it."
          />
          <NoteAct
            label="Reject …"
            path={`${path}/reject`}
            hint="The run stays queued for other printers. Say why (optional):"
            carryOut="Reject this start"
            done="Rejected."
          />
        </div>
      )}
    </Panel>
  );
}

function BreakerPanel({ breaker }: { breaker: Breaker }) {
  const plan = useEntity("plan", breaker.plan);
  const planner = useCan("planner");
  return (
    <Panel
      title={`Review: ${plan?.name ?? "a plan"}`}
      beside={<Badge text="Breaker open" tone="stop" />}
    >
      <p>{sentence("breaker_open", { count: String(breaker.failures.length) })}</p>
      <ul className="rules">
        {breaker.failures.map((failure) => (
          <li key={failure.run}>
            <a href={`#/runs/${failure.run}`}>{sentence(failure.why)}</a>{" "}
            <span className="soft">
              <When at={failure.at} />
            </span>
          </li>
        ))}
      </ul>
      <Facts
        items={[
          ["Opened", <When at={breaker.opened_at} />],
          ["Resets so far", count(breaker.resets, "time")],
          ["Order", plan ? <a href={`#/orders/${plan.order}`}>Look at the plan</a> : "–"],
        ]}
      />
      {planner && (
        <div className="actions">
          <NoteAct
            label="Reset the breaker …"
            path={`/breakers/${breaker.id}/reset`}
            hint="Runs of this plan start again. What did the review find?"
            carryOut="Reset it"
            done="The breaker is reset."
          />
        </div>
      )}
    </Panel>
  );
}
