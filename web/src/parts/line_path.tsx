// The path of an order's line as a row of stations.
import type { LinePath, StepState } from "../state/path.ts";
import { When } from "./when.tsx";

const spoken: Record<StepState, string> = {
  done: "done",
  current: "now",
  person: "waits for a person",
  stopped: "stopped here",
  todo: "to come",
};

export function LinePathView({ path, name }: { path: LinePath; name: string }) {
  return (
    <ol className="path" aria-label={`Path of ${name}`}>
      {path.steps.map((step) => (
        <li
          key={step.name}
          className={step.state}
          aria-current={step.state !== "done" && step.state !== "todo" ? "step" : undefined}
        >
          <i aria-hidden="true" />
          <span>
            {step.name}
            <span className="hidden">: {spoken[step.state]}</span>
          </span>
          {step.at && (
            <small>
              <When at={step.at} />
            </small>
          )}
        </li>
      ))}
    </ol>
  );
}
