// What the pages derive from a station: categories of its log, and why a button is off.
import type { Station, StationLive } from "../api/station_types.ts";
import type { LogEvent } from "../api/types.ts";

export type Category = "SYSTEM" | "MATERIAL_CHANGE" | "ERROR" | "USER_ACTION";
export const categories: readonly Category[] = ["SYSTEM", "MATERIAL_CHANGE", "ERROR", "USER_ACTION"];

const of_errors = /^gantry\.station\.(error_raised|warned|emergency_stopped)$/;
const of_changes = /^gantry\.station\.(change_|step_)/;
const of_pumps = /^gantry\.station\.pump_/;

interface Marked {
  simulation?: boolean;
  purpose?: string;
}

function inside(event: LogEvent, name: string): Marked {
  const found = event.data[name];
  return typeof found === "object" && found !== null ? (found as Marked) : {};
}

/** Which filter of the activity log an event belongs to. */
export function categoryOf(event: LogEvent): Category {
  if (of_errors.test(event.type) || event.data.succeeded === false) return "ERROR";
  if (of_changes.test(event.type)) return "MATERIAL_CHANGE";
  const purpose = inside(event, "run").purpose;
  if (of_pumps.test(event.type) && purpose && purpose !== "manual") return "MATERIAL_CHANGE";
  return event.gantrywho?.kind === "user" ? "USER_ACTION" : "SYSTEM";
}

/** True if an event was only played through. */
export function isSimulation(event: LogEvent): boolean {
  return (
    event.data.simulation === true ||
    ["run", "job", "record"].some((name) => inside(event, name).simulation === true)
  );
}

/** Progress with one decimal, as the requirement has it. */
export function exactPercent(permille: number): string {
  return `${(permille / 10).toFixed(1)} %`;
}

export function millilitres(ul: number): string {
  return `${(ul / 1000).toFixed(1)} ml`;
}

export function hasOpenJob(station: Station): boolean {
  return station.job?.end === "running";
}

/** Why no pump can be run by hand now, as far as the page can see; empty if one can. */
export function manualObjection(station: Station, live: StationLive | undefined): string {
  const busy: readonly string[] = ["starting", "material_change", "stop_requested"];
  if (station.latched) return "An emergency stop is in force. Acknowledge it first.";
  if (busy.includes(station.state)) return "A print is being started or a material changed.";
  if (!live) return "The station has not reported yet.";
  if (!station.setup.dry_run && !live.pumps.connected) return "The pump guard is not there.";
  if (live.stale)
    return hasOpenJob(station) ? "The printer does not answer, and a print is on it." : "";
  if (live.report.state === "printing") return "The printer is printing.";
  return live.report.state === "stopping" ? "The printer is still moving." : "";
}

/** True if a person must vouch that the printer stands still, since it does not answer. */
export function needsWord(live: StationLive | undefined): boolean {
  return live !== undefined && (live.stale || live.report.state === "unknown");
}

const about_the_vat = new Set(["step_interrupted", "pump_actuation_failure", "printer_moved"]);

/** Steps in which a pump runs. */
const pumping = new Set(["draining", "filling"]);

/** True if an answer to the station's question must say what is in the vat: a step may have happened
 * in part, or a pump has run and nobody has said since what is left. */
export function asksForVat(station: Station): boolean {
  const change = station.job?.change;
  if (!change) return false;
  const open = !station.job?.active_material && change.steps.some((each) => pumping.has(each.step));
  return open || about_the_vat.has(station.error?.cause ?? "");
}
