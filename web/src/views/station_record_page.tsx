// What the log says about a station's prints: how well they went, and every change of each.
import type { PrintReport, StationReport } from "../api/report_types.ts";
import { duration } from "../format/duration.ts";
import { word } from "../format/words.ts";
import { Badge } from "../parts/badge.tsx";
import { Facts, Panel } from "../parts/page.tsx";
import { Empty, Failed, Skeleton } from "../parts/states.tsx";
import { When } from "../parts/when.tsx";
import { exactPercent, millilitres } from "../state/station_rules.ts";
import { useRead } from "../state/use_read.ts";
import type { StationProps } from "./station_area.tsx";

export function RecordPage({ station }: StationProps) {
  const path = `/stations/${station.id}/report`;
  const progress = `${station.past.length} ${station.job?.changes.length ?? 0}`;
  const { value: report, problem, read } = useRead<StationReport>(path, progress);
  if (problem && !report) return <Failed problem={problem} retry={read} />;
  if (!report) return <Skeleton rows={6} />;
  if (report.prints.length === 0)
    return (
      <Empty title="No print yet">
        <p>Every change of every print is listed here, with what was planned and measured.</p>
      </Empty>
    );
  return (
    <>
      <Figures
        figures={report.statistics}
        file={`/api/v1${path}?prints=10000`}
        name={station.setup.name}
      />
      {[...report.prints].reverse().map((print) => (
        <PrintPanel key={print.number} print={print} />
      ))}
    </>
  );
}

interface FiguresProps {
  figures: StationReport["statistics"];
  file: string;
  name: string;
}

function Figures({ figures, file, name }: FiguresProps) {
  const none = "none yet";
  return (
    <Panel
      title="The last 30 prints"
      beside={
        <a className="button" href={file} download={`${name} report.json`}>
          Download the record
        </a>
      }
    >
      <Facts
        items={[
          [
            "Success",
            figures.prints
              ? `${exactPercent(figures.success_permille)}: ${figures.succeeded} of ${figures.prints}` +
                " (95 % is wanted)"
              : none,
          ],
          [
            "Times of changes",
            figures.changes
              ? `${exactPercent(figures.mean_deviation_permille)} off their plan in the mean, ` +
                `${exactPercent(figures.largest_deviation_permille)} at most ` +
                `(${figures.changes_within_bounds} of ${figures.changes} within 7 %)`
              : none,
          ],
          [
            "Lost connections",
            figures.recoveries
              ? `${figures.recoveries} healed alone, after ${duration(figures.mean_recovery_ms / 1000)}` +
                ` in the mean and ${duration(figures.longest_recovery_ms / 1000)} at most`
              : "none",
          ],
        ]}
      />
    </Panel>
  );
}

function against(actual: number, planned: number): string {
  return `${millilitres(actual)} of ${millilitres(planned)}`;
}

function PrintPanel({ print }: { print: PrintReport }) {
  return (
    <Panel
      title={`${print.number}. ${print.file}`}
      beside={<Badge {...word("job", print.end)} />}
    >
      <p className="soft">
        {print.began_at && (
          <>
            Began <When at={print.began_at} />
          </>
        )}
        {print.ended_at && (
          <>
            , ended <When at={print.ended_at} />
          </>
        )}
        {print.layers > 0 && `, ${print.layers} layers`}
        {print.errors.length > 0 && `, ${print.errors.length} interruptions`}
        {print.simulation && " · SIMULATION"}
      </p>
      {print.changes.length > 0 && (
        <div className="scroll" tabIndex={0} role="region" aria-label={`Changes of ${print.file}`}>
          <table>
            <thead>
              <tr>
                <th className="number">Layer</th>
                <th>Material</th>
                <th>Outcome</th>
                <th className="number">Time</th>
                <th className="number">Drained</th>
                <th className="number">Filled</th>
              </tr>
            </thead>
            <tbody>
              {print.changes.map(({ record, settled }, index) => (
                <tr key={index}>
                  <td className="number">{record.at_layer || record.layer}</td>
                  <td>{record.material}</td>
                  <td>{settled ? record.outcome : "under way"}</td>
                  <td className="number">
                    {(record.actual_ms / 1000).toFixed(1)} of{" "}
                    {(record.planned_ms / 1000).toFixed(1)} s
                  </td>
                  <td className="number">
                    {against(record.drain_actual_ul, record.drain_planned_ul)}
                  </td>
                  <td className="number">
                    {against(record.fill_actual_ul, record.fill_planned_ul)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
