// One machine of the farm at a glance.
import { memo } from "react";
import type { Printer } from "../api/types.ts";
import { celsius } from "../format/measure.ts";
import { heard, printerWord } from "../format/printer_word.ts";
import { remainingSeconds } from "../format/remaining.ts";
import { useEntity, useLive } from "../state/hooks.ts";
import { Badge } from "./badge.tsx";
import { Bed } from "./bed.tsx";
import { DesyncBadge } from "./desync.tsx";
import { Progress } from "./progress.tsx";
import { SlotList } from "./slots.tsx";
import { Age, useStale } from "./when.tsx";

export const PrinterTile = memo(function PrinterTile({ id }: { id: string }) {
  const printer = useEntity("printer", id);
  const live = useLive("printer", id);
  const stale = useStale(live, printer?.setup.poll_interval_s ?? 30);
  const run = useEntity("run", printer?.ticket?.run ?? "");
  const plan = useEntity("plan", printer?.ticket?.plan ?? "");
  if (!printer) return null;
  const report = heard(live?.value);
  const word = printerWord(printer, live?.value);
  const working = report !== null && (report.print === "printing" || report.print === "paused");
  const estimate = plan?.revisions.find((each) => each.number === run?.revision)?.estimate
    .duration_s;
  return (
    <li className={`tile tone-${word.tone}${stale ? " stale" : ""}`} data-printer={id}>
      <div className="tile-head">
        <Bed bed={printer.bed} permille={working ? report.progress_permille : null} />
        <div>
          <a className="tile-name" href={`#/printers/${id}`}>
            {printer.setup.name}
          </a>
          <Badge {...word} />
        </div>
        <Age live={live} />
      </div>
      <p className="tile-work">{workText(printer, plan?.name, report !== null)}</p>
      {working && (
        <Progress
          permille={report.progress_permille}
          paused={report.print === "paused"}
          left_s={remainingSeconds(report, estimate ?? null)}
          label={`Progress on ${printer.setup.name}`}
        />
      )}
      {live?.value.desync && (
        <DesyncBadge desync={live.value.desync} received_ms={live.received_ms} />
      )}
      <div className="tile-foot">
        <SlotList slots={printer.setup.slots} />
        <span className="readings">
          {report?.temperatures.slice(0, 2).map((each) => (
            <span key={each.name}>
              {each.name === "heater_bed" ? "bed " : "nozzle "}
              {celsius(each.actual_mc)}
            </span>
          ))}
        </span>
      </div>
    </li>
  );
});

function workText(printer: Printer, plan: string | undefined, reported: boolean): string {
  if (plan) return plan;
  if (printer.foreign) return printer.foreign.file;
  if (!reported) return "Nothing heard from it yet";
  if (printer.bed === "clear") return "Nothing on it";
  return printer.bed === "occupied" ? "The last print lies on it" : "Not known what lies on it";
}
