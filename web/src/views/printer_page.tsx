// One machine: what is believed, what it says, and what can be done.
import { boxText, celsius, count, metres, millimetres } from "../format/measure.ts";
import { duration } from "../format/duration.ts";
import { heard, printerWord } from "../format/printer_word.ts";
import { remainingSeconds } from "../format/remaining.ts";
import { word } from "../format/words.ts";
import { Act } from "../parts/act.tsx";
import { Badge, Glyph } from "../parts/badge.tsx";
import { Bed } from "../parts/bed.tsx";
import { DesyncBadge } from "../parts/desync.tsx";
import { Facts, Page, Panel } from "../parts/page.tsx";
import { Progress } from "../parts/progress.tsx";
import { RunActions } from "../parts/run_actions.tsx";
import { SettleForm } from "../parts/settle_form.tsx";
import { SlotList } from "../parts/slots.tsx";
import { Empty, Failed, Skeleton } from "../parts/states.tsx";
import { Age, useStale, When } from "../parts/when.tsx";
import { useEntity, useFetched, useLive } from "../state/hooks.ts";
import { sentence } from "../state/reasons.ts";
import { useCan } from "../state/session.ts";
import type { Received } from "../state/store.ts";
import type { Printer, PrinterLive } from "../api/types.ts";

const back = { href: "#/farm", text: "Farm" };

export function PrinterPage({ id }: { id: string }) {
  const { entity: printer, problem, reload } = useFetched("printer", id);
  const live = useLive("printer", id);
  const admin = useCan("admin");
  const report = heard(live?.value);
  const working = report?.print === "printing" || report?.print === "paused" ? report : null;
  if (!printer)
    return (
      <Page title="Printer" back={back}>
        {problem ? <Failed problem={problem} retry={reload} /> : <Skeleton />}
      </Page>
    );
  return (
    <Page
      title={printer.setup.name}
      back={back}
      beside={
        admin &&
        printer.mode !== "retired" && (
          <a className="button" href={`#/printers/${id}/edit`}>
            Edit
          </a>
        )
      }
    >
      <div className="lead-row">
        <Bed bed={printer.bed} permille={working ? working.progress_permille : null} />
        <div>
          <Badge {...printerWord(printer, live?.value)} />
          <p className="soft">
            {printer.setup.address.host}:{printer.setup.address.port}
            {report && (
              <>
                {" "}
                · last heard <Age live={live} />
              </>
            )}
          </p>
        </div>
      </div>
      <Troubles printer={printer} live={live} />
      <div className="columns">
        <div>
          <WorkPanel printer={printer} live={live} />
          <BedPanel printer={printer} />
          <ServicePanel printer={printer} />
        </div>
        <div>
          <MachinePanel printer={printer} live={live} />
          <RequestPanel printer={printer} live={live} />
        </div>
      </div>
    </Page>
  );
}

interface Props {
  printer: Printer;
  live: Received<PrinterLive> | undefined;
}

const told_below = new Set(["printer_unreconciled", "printer_foreign_print"]);

function Troubles({ printer, live }: Props) {
  const operator = useCan("operator");
  // What has buttons of its own below is not said twice.
  const said = (live?.value.attention ?? []).filter(
    ({ reason }) =>
      !told_below.has(reason) &&
      !(reason === printer.attention && printer.ticket?.phase === "attention"),
  );
  const known = new Set(said.map((each) => each.reason));
  // A run in attention says the same beside its buttons.
  const own =
    printer.attention &&
    printer.attention !== "ok" &&
    !known.has(printer.attention) &&
    printer.ticket?.phase !== "attention"
      ? [
          {
            reason: printer.attention,
            sentence: sentence(printer.attention, {
              printer: printer.setup.name,
              ...printer.attention_params,
            }),
          },
        ]
      : [];
  return (
    <>
      {[...own, ...said].map((each) => (
        <p className="notice risk" key={each.reason}>
          <Glyph tone="risk" />
          <span>{each.sentence}</span>
        </p>
      ))}
      {live?.value.desync && (
        <DesyncBadge desync={live.value.desync} received_ms={live.received_ms} />
      )}
      {printer.unreconciled && (
        <div className="notice person">
          <Glyph tone="person" />
          <span>{sentence("printer_unreconciled", { printer: printer.setup.name })}</span>
          {operator && (
            <Act
              label="Machine is as shown"
              look="primary"
              path={`/printers/${printer.id}/confirm`}
              done="Confirmed. The printer takes work again."
            />
          )}
        </div>
      )}
      {printer.foreign && <ForeignNotice printer={printer} />}
    </>
  );
}

function ForeignNotice({ printer }: { printer: Printer }) {
  const operator = useCan("operator");
  const foreign = printer.foreign;
  if (!foreign) return null;
  const path = `/printers/${printer.id}/foreign`;
  return (
    <div className="notice person">
      <Glyph tone="person" />
      <span>
        {sentence("printer_foreign_print", { printer: printer.setup.name, file: foreign.file })}
        {foreign.verdict !== "pending" && ` It was ${foreign.verdict}.`}
      </span>
      {operator && foreign.verdict === "pending" && (
        <div className="actions">
          <Act
            label="Adopt"
            look="primary"
            path={path}
            body={{ verdict: "adopted" }}
            done="Adopted. Gantry follows this print now."
          />
          <Act
            label="Ignore"
            path={path}
            body={{ verdict: "ignored" }}
            done="Ignored. It is left alone until it ends."
          />
        </div>
      )}
    </div>
  );
}

function WorkPanel({ printer, live }: Props) {
  const ticket = printer.ticket;
  const run = useEntity("run", ticket?.run ?? "");
  const plan = useEntity("plan", ticket?.plan ?? "");
  const order = useEntity("order", ticket?.order ?? "");
  const operator = useCan("operator");
  const report = heard(live?.value);
  if (!ticket)
    return (
      <Panel title="Work">
        <p className="soft">
          {report?.print === "printing"
            ? `It prints ${report.file}.`
            : "Nothing is on this printer."}
        </p>
      </Panel>
    );
  const estimate =
    plan?.revisions.find((each) => each.number === run?.revision)?.estimate.duration_s ?? null;
  return (
    <Panel title="Work" beside={<Badge {...word("run", run?.state ?? ticket.phase)} />}>
      <p className="work-name">
        <a href={`#/runs/${ticket.run}`}>{plan?.name || ticket.run}</a>
      </p>
      {order && (
        <p className="soft">
          for order <a href={`#/orders/${order.id}`}>{order.reference || order.id}</a>
        </p>
      )}
      {report && (run?.state === "printing" || run?.state === "paused") && (
        <Progress
          permille={report.progress_permille}
          left_s={remainingSeconds(report, estimate)}
          label="Progress"
          paused={run.state === "paused"}
        />
      )}
      {run?.state === "attention" && operator && (
        <SettleForm run={run} printer={printer.setup.name} />
      )}
      {run && (
        <div className="actions">
          <RunActions run={run} />
        </div>
      )}
    </Panel>
  );
}

const beds = { unknown: "Not known", clear: "Clear", occupied: "Holds a print" } as const;

function BedPanel({ printer }: { printer: Printer }) {
  const operator = useCan("operator");
  const { bed_evidence: evidence } = printer;
  return (
    <Panel title="Bed">
      <Facts
        items={[
          ["State", beds[printer.bed]],
          [
            "Known from",
            evidence.by ? `${evidence.by} (${evidence.how.replaceAll("_", " ")})` : "–",
          ],
          ["Since", <When at={evidence.at} />],
        ]}
      />
      {printer.bed !== "clear" && !printer.ticket && (
        <>
          <p>Gantry starts nothing here before a person has looked.</p>
          {operator && (
            <div className="actions">
              <Act
                label="Bed is clear"
                look="primary"
                path={`/printers/${printer.id}/bed-clear`}
                body={{ how: "seen" }}
                done={`The bed of ${printer.setup.name} is confirmed clear.`}
              />
            </div>
          )}
        </>
      )}
    </Panel>
  );
}

function ServicePanel({ printer }: { printer: Printer }) {
  const allowed = useCan("operator");
  const path = `/printers/${printer.id}/mode`;
  const { name } = printer.setup;
  return (
    <Panel title="Service" beside={<Badge {...word("mode", printer.mode)} />}>
      <p className="soft">Leaving service never touches a print that runs.</p>
      {allowed && (
        <div className="actions">
          {printer.mode === "active" ? (
            <Act
              label="Into maintenance"
              path={path}
              body={{ mode: "maintenance" }}
              done={`${name} is in maintenance.`}
            />
          ) : (
            <Act
              label="Return to service"
              look="primary"
              path={path}
              body={{ mode: "active" }}
              done={`${name} is in service.`}
            />
          )}
          {printer.mode !== "retired" && (
            <Act
              label="Retire"
              look="danger"
              path={path}
              body={{ mode: "retired" }}
              done={`${name} is retired.`}
              confirm={`${name} takes no more work and leaves the Farm page. Its history stays.`}
              confirmLabel="Retire this printer"
            />
          )}
        </div>
      )}
    </Panel>
  );
}

function MachinePanel({ printer, live }: Props) {
  const report = heard(live?.value);
  const link = live?.value.report;
  const stale = useStale(live, printer.setup.poll_interval_s);
  const setup = printer.setup;
  const nozzles = new Set(setup.slots.map((slot) => millimetres(slot.nozzle_um)));
  return (
    <Panel title="Machine" beside={<Age live={live} />}>
      {!report && (
        <Empty title="No report yet">
          <p>
            {sentence("printer_no_report_yet", { printer: setup.name })} Gantry keeps trying; check
            power, network and address, or test the connection under Edit.
          </p>
          {link?.link_detail && (
            <p>
              {link.link}: {link.link_detail}
            </p>
          )}
        </Empty>
      )}
      {report && (
        <div className={stale ? "stale" : ""}>
          <Facts
            items={[
              [
                "Connection",
                report.link +
                  (report.link === "online" || !report.link_detail
                    ? ""
                    : `: ${report.link_detail}`),
              ],
              [
                "Firmware",
                report.firmware + (report.firmware_detail ? `: ${report.firmware_detail}` : ""),
              ],
              ["Print", report.print + (report.file ? ` · ${report.file}` : "")],
              ...report.temperatures.map(
                (each) =>
                  [
                    each.name.replaceAll("_", " "),
                    each.target_mc > 0
                      ? `${celsius(each.actual_mc)} of ${celsius(each.target_mc)}`
                      : `${celsius(each.actual_mc)}, off`,
                  ] as const,
              ),
              ["Layer", report.layers > 0 ? `${report.layer} of ${report.layers}` : "–"],
              ["Printing time", duration(report.print_duration_s)],
              ["Filament used", metres(report.filament_used_mm)],
            ]}
          />
          {report.message && (
            <p className="notice risk">
              <Glyph tone="risk" />
              <span>{report.message}</span>
            </p>
          )}
          {report.other_queue && (
            <p className="notice risk">
              <Glyph tone="risk" />
              <span>{report.other_queue}</span>
            </p>
          )}
        </div>
      )}
      <Facts
        items={[
          ["Class", setup.printer_class],
          ["Build volume", boxText(setup.volume)],
          ["Slots", <SlotList slots={setup.slots} />],
          ["Nozzle", [...nozzles].join(", ") || "–"],
        ]}
      />
    </Panel>
  );
}

function RequestPanel({ printer, live }: Props) {
  const report = live?.value.report;
  const interval = printer.setup.poll_interval_s;
  return (
    <Panel title="Requests to this printer">
      <Facts
        items={[
          ["Budget", `one poll every ${duration(interval)}`],
          ["Last minute", report ? `${report.requests_last_minute} requests` : "–"],
          ["Since the start", report ? count(report.requests_total, "request") : "–"],
        ]}
      />
      <p className="soft">Changes are pushed by the printer; polls fetch only what is not.</p>
    </Panel>
  );
}
