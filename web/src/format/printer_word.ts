// What a printer is doing, in one word: belief and observation taken together.
import type { DeviceReport, Printer, PrinterLive } from "../api/types.ts";
import type { Word } from "./words.ts";

const phases: Record<string, Word> = {
  reserved: { text: "Reserved", tone: "busy" },
  uploading: { text: "Uploading", tone: "busy" },
  uploaded: { text: "Ready to start", tone: "busy" },
  starting: { text: "Starting", tone: "busy" },
  fencing: { text: "Checking the start", tone: "busy" },
  printing: { text: "Printing", tone: "busy" },
  paused: { text: "Paused", tone: "person" },
  attention: { text: "Needs attention", tone: "stop" },
};

const wanted: Record<string, string> = {
  pause: "Pausing",
  resume: "Resuming",
  cancel: "Cancelling",
};

export function unreachable(live: PrinterLive | undefined): boolean {
  return live?.report?.link === "offline";
}

/** What the printer said, if it ever said anything: a report exists before the first word. */
export function heard(live: PrinterLive | undefined): DeviceReport | null {
  return live?.report?.observed_at ? live.report : null;
}

export function printerWord(printer: Printer, live: PrinterLive | undefined): Word {
  if (printer.mode === "retired") return { text: "Retired", tone: "quiet" };
  if (printer.mode === "quarantined") return { text: "Quarantined", tone: "stop" };
  if (printer.attention !== "ok" && printer.attention)
    return { text: "Needs attention", tone: "stop" };
  if (printer.unreconciled) return { text: "To be confirmed", tone: "person" };
  if (unreachable(live)) return { text: "Unreachable", tone: "stop" };
  if (printer.ticket) {
    const action = wanted[printer.ticket.wanted];
    if (action) return { text: action, tone: "busy" };
    return phases[printer.ticket.phase] ?? { text: printer.ticket.phase, tone: "busy" };
  }
  if (printer.foreign?.verdict === "pending") return { text: "Foreign print", tone: "person" };
  if (printer.foreign) return { text: "Foreign print", tone: "busy" };
  const firmware = live?.report?.firmware;
  if (firmware === "error" || firmware === "shutdown")
    return { text: "Firmware fault", tone: "stop" };
  if (printer.mode === "maintenance") return { text: "In maintenance", tone: "quiet" };
  if (!heard(live)) return { text: "No report yet", tone: "quiet" };
  if (printer.bed !== "clear")
    return { text: printer.bed === "occupied" ? "Clear the bed" : "Check the bed", tone: "person" };
  return { text: "Idle", tone: "quiet" };
}
