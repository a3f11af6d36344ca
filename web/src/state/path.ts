// The path of an order's line from the file to the shelf, and where on it the line stands.
import type { OrderProgress, Plan, Plate, Printer, Run } from "../api/types.ts";

export const step_names = [
  "Checked",
  "Sliced",
  "Plate",
  "Decision",
  "Scheduled",
  "Uploaded",
  "Started",
  "Printing",
  "Finished",
  "Bed clear",
  "Inspected",
  "Fulfilled",
] as const;

export type StepState = "done" | "current" | "person" | "stopped" | "todo";

export interface Step {
  name: (typeof step_names)[number];
  state: StepState;
  at: string | null;
}

export interface LinePath {
  steps: Step[];
  /** The run that the path follows, if there is one. */
  run: Run | null;
}

/** How far a run has come: the index of the step that it is at. */
const run_step: Record<Run["state"], number> = {
  queued: 3,
  approval: 3,
  reserved: 5,
  uploading: 5,
  starting: 6,
  printing: 7,
  paused: 7,
  cancelling: 7,
  attention: 7,
  inspecting: 9,
  passed: 11,
  failed: 8,
  cancelled: 3,
};

/** The run that tells most about a line: one in trouble, else the one that has come furthest. */
export function leadingRun(runs: readonly Run[]): Run | null {
  const weight = (run: Run): number => {
    if (run.state === "attention") return 100;
    if (run.state === "passed") return 1;
    if (run.state === "failed" || run.state === "cancelled") return 0;
    return 10 + run_step[run.state];
  };
  let best: Run | null = null;
  for (const run of runs) if (!best || weight(run) > weight(best)) best = run;
  return best;
}

function position(
  progress: OrderProgress,
  plan: Plan | undefined,
  run: Run | null,
  printer: Printer | undefined,
): [number, StepState] {
  if (progress.state === "complete") return [step_names.length, "done"];
  if (!plan || plan.state === "checking") return [0, "current"];
  if (plan.state === "rejected") return [0, "stopped"];
  if (plan.revisions.length === 0) return [1, plan.state === "failed" ? "stopped" : "current"];
  if (progress.plates.length === 0 || !run) return [2, "current"];
  if (plan.state === "failed") return [1, "stopped"];
  if (plan.state === "review") return [3, "person"];
  if (run.state === "attention") return [run.started_at ? 7 : 6, "person"];
  if (run.state === "inspecting") {
    const waits = printer !== undefined && printer.bed !== "clear" && !printer.ticket;
    return [waits ? 9 : 10, "person"];
  }
  if (run.state === "failed") return [10, "stopped"];
  if (run.state === "approval" || run.state === "paused") return [run_step[run.state], "person"];
  return [run_step[run.state], "current"];
}

/** The path of one line of an order. `runs` and `printers` may hold others' too. */
export function pathOfLine(
  progress: OrderProgress,
  plan: Plan | undefined,
  plates: readonly Plate[],
  runs: readonly Run[],
  printers: readonly Printer[],
): LinePath {
  const mine = new Set(
    plates.filter((plate) => plate.plan === progress.plan).map((plate) => plate.id),
  );
  const run = leadingRun(runs.filter((candidate) => mine.has(candidate.plate)));
  const printer = printers.find((candidate) => candidate.id === run?.printer);
  const [at, state] = position(progress, plan, run, printer);
  const cancelled = progress.state === "cancelled";
  const times: Partial<Record<Step["name"], string | null>> = run
    ? { Plate: run.queued_at, Started: run.started_at, Finished: run.ended_at }
    : {};
  return {
    run,
    steps: step_names.map((name, index) => ({
      name,
      state: index < at ? "done" : index > at || cancelled ? "todo" : state,
      at: index < at ? (times[name] ?? null) : null,
    })),
  };
}
