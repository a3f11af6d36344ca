// How long a print still takes.
import type { DeviceReport } from "../api/types.ts";

/**
 * Seconds left: the slicer's estimate at first, the printer's own pace later on, since the estimate
 * knows no slow corners. Null if nothing is known.
 */
export function remainingSeconds(report: DeviceReport, estimate_s: number | null): number | null {
  const share = report.progress_permille / 1000;
  const byPace = share >= 0.05 ? (report.print_duration_s / share) * (1 - share) : null;
  const byEstimate = estimate_s ? Math.max(0, estimate_s - report.print_duration_s) : null;
  if (byPace === null) return byEstimate;
  if (byEstimate === null) return byPace;
  return byPace * share + byEstimate * (1 - share);
}
