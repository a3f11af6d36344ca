// One attempt to print a plate: what was wanted, sent, acknowledged and observed.
import { useEffect, useState } from "react";
import { get } from "../api/http.ts";
import type { Decision, LogEvent, Page as ListPage, Run } from "../api/types.ts";
import { celsius, metres } from "../format/measure.ts";
import { duration } from "../format/duration.ts";
import { remainingSeconds } from "../format/remaining.ts";
import { word } from "../format/words.ts";
import { Badge, Glyph } from "../parts/badge.tsx";
import { EventList } from "../parts/event_list.tsx";
import { InspectionForm } from "../parts/inspection_form.tsx";
import { Facts, Page, Panel } from "../parts/page.tsx";
import { Progress } from "../parts/progress.tsx";
import { RuleList } from "../parts/rule_list.tsx";
import { RunActions } from "../parts/run_actions.tsx";
import { SettleForm } from "../parts/settle_form.tsx";
import { Failed, Skeleton } from "../parts/states.tsx";
import { WaitingList } from "../parts/waiting_list.tsx";
import { Age, When } from "../parts/when.tsx";
import { useAll, useEntity, useFetched, useLive, useLog } from "../state/hooks.ts";
import { sentence } from "../state/reasons.ts";
import { useCan } from "../state/session.ts";
import { store } from "../state/store.ts";

export function RunPage({ id }: { id: string }) {
  const { entity: run, problem, reload } = useFetched("run", id);
  const back = run
    ? { href: `#/orders/${run.order}`, text: "Order" }
    : { href: "#/orders", text: "Orders" };
  const plan = useEntity("plan", run?.plan ?? "");
  const printer = useEntity("printer", run?.printer ?? "");
  const live = useLive("run", id);
  useEffect(() => {
    get<ListPage<LogEvent>>(`/events?subject=run/${id}&limit=200`).then(
      (page) => store.addEvents(page.items),
      () => undefined,
    );
  }, [id]);
  const events = useLog().filter((event) => event.subject === `run/${id}`);
  if (!run)
    return (
      <Page title="Run" back={back}>
        {problem ? <Failed problem={problem} retry={reload} /> : <Skeleton />}
      </Page>
    );
  const name = printer?.setup.name ?? "no printer yet";
  return (
    <Page
      title={plan?.name ? `${plan.name}, run ${run.ordinal}` : `Run ${run.ordinal}`}
      back={back}
      beside={<RunActions run={run} />}
    >
      <div className="lead-row">
        <Badge {...word("run", run.state)} />
        {run.printer ? (
          <p>
            on <a href={`#/printers/${run.printer}`}>{name}</a>
          </p>
        ) : (
          <p className="soft">not on a printer yet</p>
        )}
      </div>
      <RunPerson run={run} printer={name} />
      {(run.state === "queued" || run.state === "approval") && (
        <Panel title="Waiting">
          <p>{live?.value.waiting_summary || sentence("run_waiting_for_printer")}</p>
          <WaitingList live={live?.value} />
        </Panel>
      )}
      <div className="columns">
        <div>
          <RunLivePanel run={run} />
          <FactPanel run={run} />
        </div>
        <div>
          <DecisionPanel run={run} printer={name} />
          <Panel title="What happened">
            {events.length > 0 ? (
              <EventList events={events} />
            ) : (
              <p className="soft">Nothing yet.</p>
            )}
          </Panel>
        </div>
      </div>
    </Page>
  );
}

function RunPerson({ run, printer }: { run: Run; printer: string }) {
  const operator = useCan("operator");
  const plate = useEntity("plate", run.plate);
  if (run.state === "attention")
    return (
      <Panel title="Say what happened at the machine">
        {operator ? (
          <SettleForm run={run} printer={printer} />
        ) : (
          <p>{sentence(run.why, { printer, ...run.why_params })}</p>
        )}
      </Panel>
    );
  if (run.state === "inspecting")
    return (
      <Panel title="Inspect the parts">
        {operator ? (
          <InspectionForm run={run} pieces={Math.max(1, plate?.items.length ?? run.items.length)} />
        ) : (
          <p>An operator has to inspect the parts.</p>
        )}
      </Panel>
    );
  if (run.why && run.why !== "ok" && (run.state === "failed" || run.state === "cancelled"))
    return (
      <p className={`notice ${run.state === "failed" ? "stop" : ""}`}>
        <Glyph tone={run.state === "failed" ? "stop" : "quiet"} />
        <span>{sentence(run.why, { printer, run: run.id, ...run.why_params })}</span>
      </p>
    );
  return null;
}

function RunLivePanel({ run }: { run: Run }) {
  const live = useLive("run", run.id);
  const plan = useEntity("plan", run.plan);
  const report = live?.value.report;
  const running = run.state === "printing" || run.state === "paused";
  if (!report || !running) return null;
  const estimate =
    plan?.revisions.find((each) => each.number === run.revision)?.estimate.duration_s ?? null;
  return (
    <Panel title="Now" beside={<Age live={live} />}>
      <Progress
        permille={report.progress_permille}
        left_s={remainingSeconds(report, estimate)}
        label="Progress"
        paused={run.state === "paused"}
      />
      <Facts
        items={[
          ["Layer", report.layers > 0 ? `${report.layer} of ${report.layers}` : "–"],
          ["Printing time", duration(report.print_duration_s)],
          ["Filament used", metres(report.filament_used_mm)],
          ...report.temperatures.map(
            (each) =>
              [
                each.name.replaceAll("_", " "),
                `${celsius(each.actual_mc)} of ${celsius(each.target_mc)}`,
              ] as const,
          ),
        ]}
      />
    </Panel>
  );
}

const answers = {
  pending: "No answer yet",
  acknowledged: "Acknowledged",
  refused: "Refused",
  lost: "No answer came",
} as const;

function FactPanel({ run }: { run: Run }) {
  return (
    <Panel title="Wanted, sent, acknowledged, observed">
      <Facts
        items={[
          ["Wanted", <When at={run.queued_at} />],
          ["Sent as", run.file ? <code>{run.file}</code> : "–"],
          ["Acknowledged", run.file ? answers[run.answer] : "–"],
          ["Observed printing", <When at={run.started_at} />],
          ["Ended", <When at={run.ended_at} />],
          [
            "Printing time",
            run.print_duration_s > 0
              ? `${duration(run.print_duration_s)} of ${duration(run.total_duration_s)} in all`
              : "–",
          ],
          ["Filament", run.filament_used_mm > 0 ? metres(run.filament_used_mm) : "–"],
          ...(run.items.length > 0
            ? [
                [
                  "Inspection",
                  run.items.map((item) => word("outcome", item).text.toLowerCase()).join(", "),
                ] as const,
              ]
            : []),
          ...(run.inspection_note ? [["Inspector's note", run.inspection_note] as const] : []),
          ["Plan revision", run.revision || "–"],
          ["Attempt on the printer", run.attempt || "–"],
          ["Id", <code>{run.id}</code>],
        ]}
      />
    </Panel>
  );
}

function DecisionPanel({ run, printer }: { run: Run; printer: string }) {
  const [ids, setIds] = useState<string[]>([]);
  const all = useAll("decision");
  useEffect(() => {
    let current = true;
    get<ListPage<Decision>>(`/decisions?run=${run.id}&limit=20`).then(
      (page) => {
        store.putAll("decision", page.items);
        if (current) setIds(page.items.map((each) => each.id));
      },
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [run.id, run.decision, run.pending_decision]);
  const decisions = all.filter((each) => ids.includes(each.id));
  if (decisions.length === 0) return null;
  return (
    <Panel title="Decisions">
      {decisions.map((decision) => (
        <section key={decision.id} className="revision">
          <h3>
            {decision.gate}{" "}
            <span className="soft">
              <When at={decision.made_at} />
            </span>
          </h3>
          <p>
            <Badge {...word("verdict", decision.answer)} />{" "}
            <Badge {...word("risk", decision.risk)} />
          </p>
          {decision.settled_by && (
            <p className="soft">
              {decision.approval} by {decision.settled_by}
              {decision.settled_note && `: ${decision.settled_note}`}
            </p>
          )}
          <RuleList decision={decision} printer={printer} />
        </section>
      ))}
    </Panel>
  );
}
