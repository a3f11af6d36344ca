// The guide to a first print: what is done, and the one thing to do next.
import type { Station, StationLive } from "../api/station_types.ts";
import { firstPrintSteps } from "../state/first_print.ts";
import { Icon } from "./icon.tsx";
import { Panel } from "./page.tsx";

interface FirstPrintProps {
  station: Station;
  live: StationLive | undefined;
}

export function FirstPrint({ station, live }: FirstPrintProps) {
  const steps = firstPrintSteps(station, live);
  const done = steps.filter((step) => step.done).length;
  const next = steps.find((step) => !step.done);
  return (
    <Panel
      title="Your first print"
      beside={
        <span className="soft">
          {done} of {steps.length}
        </span>
      }
    >
      <ol className="guide">
        {steps.map((step) => (
          <li
            key={step.id}
            data-step={step.id}
            className={step.done ? "done" : ""}
            aria-current={step === next ? "step" : undefined}
          >
            <span className="guide-mark">
              {step.done && <Icon name="approvals" />}
              <span className="hidden">{step.done ? "Done: " : "To do: "}</span>
            </span>
            <div>
              <b>{step.title}</b>
              {step === next && <p>{step.how}</p>}
            </div>
            {step === next && step.page !== "" && (
              <a className="button primary" href={`#/stations/${station.id}/${step.page}`}>
                {step.title}
              </a>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
