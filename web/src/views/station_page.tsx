// One station: what it does now, what comes next, and what it wants from a person.
import type { ReactNode } from "react";
import type { Station, StationJob } from "../api/station_types.ts";
import { duration } from "../format/duration.ts";
import { word } from "../format/words.ts";
import { Act } from "../parts/act.tsx";
import { Badge, Glyph } from "../parts/badge.tsx";
import { FirstPrint } from "../parts/first_print.tsx";
import { Facts, Panel } from "../parts/page.tsx";
import { QuestionForm } from "../parts/question_form.tsx";
import { StationLevels } from "../parts/station_levels.tsx";
import { StationLog } from "../parts/station_log.tsx";
import { Age, Since, When } from "../parts/when.tsx";
import { needsGuide } from "../state/first_print.ts";
import { useLink } from "../state/hooks.ts";
import { sentence } from "../state/reasons.ts";
import { useCan } from "../state/session.ts";
import { exactPercent, hasOpenJob, millilitres } from "../state/station_rules.ts";
import type { StationProps } from "./station_area.tsx";

export function StationOverview({ station, live }: StationProps) {
  return (
    <>
      <Troubles station={station} live={live} />
      {needsGuide(station) && <FirstPrint station={station} live={live?.value} />}
      <div className="columns">
        <div>
          <ProcessPanel station={station} live={live} />
          <PlanPanel station={station} live={live} />
        </div>
        <div>
          <PrinterPanel station={station} live={live} />
          <StationLevels station={station} />
        </div>
      </div>
      <StationLog station={station} />
    </>
  );
}

function Troubles({ station, live }: StationProps) {
  const asked = station.error?.question ? station.error : null;
  const said = (live?.value.attention ?? []).filter(
    ({ reason }) => reason !== "emergency_stopped" && reason !== asked?.why,
  );
  return (
    <>
      {said.map((each) => (
        <p className="notice risk" key={each.sentence}>
          <Glyph tone="risk" />
          <span>{each.sentence}</span>
        </p>
      ))}
      {asked && <QuestionForm key={asked.question} station={station} error={asked} />}
    </>
  );
}

/** What becomes of a pause or stop that the printer does not show yet. */
function prospect({ asked, asked_accepted, change }: StationJob, online: boolean): string {
  if (asked === "pause" && change && change.step !== "request_resume")
    return "the print stays paused after this change";
  if (asked_accepted) return "accepted; the printer has not come to rest yet";
  return online ? "on its way to the printer" : "waits until the printer answers";
}

/** True if the print shall stay paused after the change under way. */
function pauseWaits({ job }: Station): boolean {
  return job?.end === "running" && job.asked === "pause" && job.change !== null;
}

/** The fact that a person wants a pause or stop, if there is one. */
function wishOf({ job }: Station, online: boolean): [string, ReactNode][] {
  if (job?.end !== "running" || job.asked === "none") return [];
  const text = job.asked === "pause" ? "Pause" : "Stop";
  return [
    [
      "Wanted",
      <>
        <Badge text={text} tone="busy" /> {prospect(job, online)}
      </>,
    ],
  ];
}

function roundTrip(ms: number): string {
  return ms > 0 ? `${ms} ms` : "under 1 ms";
}

function PrinterPanel({ station, live }: StationProps) {
  const operator = useCan("operator");
  const lost = useLink().state === "lost";
  const report = live?.value.report;
  const online = live !== undefined && !live.value.stale;
  const path = `/stations/${station.id}`;
  return (
    <Panel title="Printer" beside={<Age live={live} />}>
      <div className={lost || !online ? "stale" : ""}>
        <Facts
          items={[
            [
              "Connection",
              <Badge
                text={online ? "Connected" : "Disconnected"}
                tone={online ? "quiet" : "risk"}
              />,
            ],
            ["State", report ? <Badge {...word("resin", report.state)} /> : "–"],
            ...wishOf(station, online),
            ["File", report?.file || "–"],
            ["Layer", report && report.layers > 0 ? `${report.layer} of ${report.layers}` : "–"],
            ["Address", `${station.setup.host}:${station.setup.port}`],
            ["Round trip", report && online ? roundTrip(report.round_trip_ms) : "–"],
          ]}
        />
      </div>
      {operator && (
        <div className="actions">
          <Act label="Pause" path={`${path}/pause`} done="The printer is asked to pause." />
          {pauseWaits(station) ? (
            <Act
              label="Withdraw the pause"
              path={`${path}/resume`}
              done="The print goes on after this change. If the pause was sent already, resume it then."
            />
          ) : (
            <Act label="Resume" path={`${path}/resume`} done="The printer is asked to resume." />
          )}
          <Act
            label="Stop the print"
            look="danger"
            path={`${path}/stop-print`}
            done="The printer is asked to stop."
            confirm="The print ends for good and cannot be resumed. A running pump is switched off."
            confirmLabel="Stop this print for good"
          />
        </div>
      )}
    </Panel>
  );
}

function ProcessPanel({ station, live }: StationProps) {
  const seen = live?.value;
  const { job, run } = station;
  const change = job?.change ?? null;
  const next = seen?.next_change;
  return (
    <Panel title="Process" beside={<Badge {...word("station", station.state)} />}>
      {job && <p className="work-name">{job.file}</p>}
      {seen && job && (
        <div className={seen.stale ? "progress stale" : "progress"}>
          <progress max={1000} value={seen.progress_permille} aria-label="Progress" />
          <div>
            <span className="progress-figure">{exactPercent(seen.progress_permille)}</span>
            <span>
              {hasOpenJob(station) &&
                seen.report.remaining_s > 0 &&
                `${duration(seen.report.remaining_s)} left`}
            </span>
          </div>
        </div>
      )}
      <Facts
        items={[
          ["Active material", <b>{seen?.active_material || "not known"}</b>],
          [
            "Step",
            change ? (
              <>
                <Badge {...word("step", change.step)} /> for {change.material}, layer {change.layer}
              </>
            ) : (
              "–"
            ),
          ],
          ["Next change", next ? `${next.material} at layer ${next.layer}` : "none"],
          [
            "Pump",
            run ? (
              <>
                <Badge text={`${run.pump} runs`} tone="busy" /> since <Since at={run.began_at} />
              </>
            ) : (
              "all off"
            ),
          ],
        ]}
      />
      {change && change.held !== "ok" && (
        <p className="notice person">
          <Glyph tone="person" />
          <span>{sentence(change.held, change.held_params)}</span>
        </p>
      )}
      <ProcessActions station={station} live={live} />
    </Panel>
  );
}

function ProcessActions({ station }: StationProps) {
  const operator = useCan("operator");
  const path = `/stations/${station.id}`;
  const over = ["completed", "aborted", "error"].includes(station.state);
  if (!operator || station.latched) return null;
  return (
    <div className="actions">
      {hasOpenJob(station) ? (
        <Act
          label="Stop monitoring"
          look="danger"
          path={`${path}/stop`}
          done="Monitoring is stopped. The printer was left as it is."
          confirm={
            "No material is changed any more for this print. The printer is left as it is: " +
            "if it prints, it goes on with what is in the vat."
          }
          confirmLabel="Stop monitoring this print"
        />
      ) : over ? (
        <Act
          label="Acknowledge"
          look="primary"
          path={`${path}/acknowledge`}
          done="Acknowledged. The station is idle."
        />
      ) : (
        <a className="button primary" href={`#${path}/start`}>
          Start a print
        </a>
      )}
    </div>
  );
}

function PlanPanel({ station }: StationProps) {
  const job = station.job;
  if (!job) return null;
  return (
    <Panel title="Plan of this print" beside={<Badge {...word("job", job.end)} />}>
      <p className="soft">
        Recipe revision {job.recipe_revision}, fixed when it began <When at={job.began_at} />
        {job.simulation && " · SIMULATION"}
      </p>
      <div className="scroll" tabIndex={0} role="region" aria-label="Changes of material">
        <table>
          <thead>
            <tr>
              <th className="number">Layer</th>
              <th>Material</th>
              <th>Change</th>
              <th className="number">Drained</th>
              <th className="number">Filled</th>
            </tr>
          </thead>
          <tbody>
            {job.plan.map((step, index) => {
              const record = job.changes.find((each) => each.index === index);
              const current = job.change?.index === index ? job.change : null;
              const later = job.end === "running" ? "to come" : "not reached";
              return (
                <tr key={step.layer}>
                  <td className="number">{step.layer}</td>
                  <td>{step.material}</td>
                  <td>
                    {record
                      ? `${record.outcome}, ${duration(record.actual_ms / 1000)}`
                      : current
                        ? word("step", current.step).text
                        : later}
                  </td>
                  <td className="number">{record && millilitres(record.drain_actual_ul)}</td>
                  <td className="number">{record && millilitres(record.fill_actual_ul)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
