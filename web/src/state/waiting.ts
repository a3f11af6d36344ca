// Why a line of an order does not go on, in one sentence.
import type { OrderProgress, Plan, Run, RunLive } from "../api/types.ts";
import { sentence } from "./reasons.ts";

/** The sentence, or an empty text if nothing holds the line up. */
export function whyWaiting(
  progress: OrderProgress,
  plan: Plan | undefined,
  run: Run | null,
  live: RunLive | undefined,
  printerName: string,
): string {
  if (progress.state === "complete" || progress.state === "cancelled") return "";
  if (progress.why && progress.why !== "ok") return sentence(progress.why, progress.why_params);
  if (!plan || plan.state === "checking") return "The model is being checked.";
  if (plan.state === "rejected" || plan.state === "failed" || plan.state === "review")
    return sentence(plan.why, plan.why_params);
  if (plan.state === "slicing") return "The model is being sliced.";
  if (!run) return "";
  switch (run.state) {
    case "queued":
      return live?.waiting_summary || sentence("run_waiting_for_printer");
    case "approval":
      return live?.waiting_summary || "A person must approve the start.";
    case "attention":
    case "failed":
      return sentence(run.why, { printer: printerName, run: run.id, ...run.why_params });
    case "paused":
      return `The print is paused on ${printerName}.`;
    case "inspecting":
      return "The parts are printed. They wait to be taken off and inspected.";
    default:
      return "";
  }
}
