// What needs a person now, ranked by what waiting costs: first what may be wrong at a machine, then
// machines that stand idle for want of a hand, then papers. A close due date moves an item up.
import { unreachable } from "../format/printer_word.ts";
import type { Tone } from "../format/words.ts";
import type {
  Breaker,
  Decision,
  Order,
  Plan,
  Plate,
  Printer,
  PrinterLive,
  Run,
} from "../api/types.ts";
import { sentence } from "./reasons.ts";

/** Which one-touch action stands beside an item. */
export type Remedy =
  | { kind: "bed_clear"; printer: string }
  | { kind: "inspect"; run: string; pieces: number }
  | { kind: "settle"; run: string }
  | { kind: "approve"; decision: string }
  | { kind: "foreign"; printer: string }
  | { kind: "confirm"; printer: string }
  | { kind: "resume"; run: string }
  | { kind: "open" };

export interface AttentionItem {
  key: string;
  score: number;
  tone: Tone;
  title: string;
  sentence: string;
  since: string | null;
  link: string;
  remedy: Remedy;
}

/** What a rule found about a machine; the rest of its item follows from the machine. */
type Verdict = Pick<AttentionItem, "score" | "tone" | "sentence"> &
  Partial<Pick<AttentionItem, "since" | "remedy">>;

export interface Farm {
  printers: readonly Printer[];
  live: (printer: string) => PrinterLive | undefined;
  runs: readonly Run[];
  orders: readonly Order[];
  plans: readonly Plan[];
  plates: readonly Plate[];
  decisions: readonly Decision[];
  breakers: readonly Breaker[];
}

const hour_ms = 3_600_000;

/** 0 if nothing is due, up to 20 the closer the due date is; 20 if it has passed. */
export function urgency(due_at: string | null, now: number): number {
  if (!due_at) return 0;
  const left = Date.parse(due_at) - now;
  if (left <= 0) return 20;
  return left > 48 * hour_ms ? 0 : 20 * (1 - left / (48 * hour_ms));
}

/** What is wrong with a machine or known only to a person; null if nothing is. */
function faultOf(printer: Printer, live: PrinterLive | undefined): Verdict | null {
  const name = printer.setup.name;
  const named = { printer: name, ...printer.attention_params };
  if (printer.mode === "quarantined")
    return { score: 88, tone: "stop", sentence: sentence("printer_quarantined", named) };
  if (printer.unreconciled)
    return {
      score: 90,
      tone: "person",
      remedy: { kind: "confirm", printer: printer.id },
      sentence: sentence("printer_unreconciled", named),
    };
  if (printer.attention && printer.attention !== "ok")
    return { score: 95, tone: "stop", sentence: sentence(printer.attention, named) };
  const report = live?.report;
  if (report && unreachable(live))
    return {
      score: printer.ticket ? 85 : 60,
      tone: "stop",
      since: report.observed_at,
      sentence:
        live.attention.find((each) => each.reason === report.link_reason)?.sentence ??
        sentence("printer_unreachable", { printer: name, detail: report.link_detail }),
    };
  return null;
}

/** A print that Gantry did not start and nobody has decided about. */
function foreignOf(printer: Printer): Verdict | null {
  if (printer.foreign?.verdict !== "pending") return null;
  const { file, seen_at } = printer.foreign;
  return {
    score: 80,
    tone: "person",
    remedy: { kind: "foreign", printer: printer.id },
    since: seen_at,
    sentence: sentence("printer_foreign_print", { printer: printer.setup.name, file }),
  };
}

/** A bed that keeps a machine idle. */
function bedOf(printer: Printer, farm: Farm): Verdict | null {
  if (printer.bed === "clear" || printer.ticket || printer.foreign) return null;
  const queued = farm.runs.filter((waiting) => waiting.state === "queued").length;
  const missed = printer.bed_evidence.how === "print_missed";
  const doubt = missed ? "printer_print_missed" : "bed_unknown";
  const code = printer.bed === "occupied" ? "bed_not_clear" : doubt;
  // A bed is occupied from the start of a print; it waits for a person from its end.
  const ends = farm.runs.filter((run) => run.printer === printer.id && run.ended_at !== null);
  const ended = ends.map((run) => run.ended_at ?? "").sort();
  const waiting = queued === 1 ? "One run waits" : `${queued} runs wait`;
  return {
    score: queued > 0 ? 75 : 40,
    tone: "person",
    since: printer.bed === "occupied" ? (ended[ended.length - 1] ?? null) : printer.bed_evidence.at,
    remedy: { kind: "bed_clear", printer: printer.id },
    sentence:
      sentence(code, {
        printer: printer.setup.name,
        file: printer.last_print.file || "something",
      }) +
      (queued > 0 ? ` ${waiting} in the queue.` : ""),
  };
}

/** What else the server says about an idle machine. */
function toldOf(printer: Printer, live: PrinterLive | undefined): Verdict | null {
  const told = live?.attention.find((each) => !each.reason.startsWith("bed_"));
  if (!told || printer.ticket || printer.foreign) return null;
  return { score: 58, tone: "risk", sentence: told.sentence };
}

function ofPrinter(
  printer: Printer,
  live: PrinterLive | undefined,
  farm: Farm,
): AttentionItem | null {
  if (printer.mode === "retired") return null;
  const run = farm.runs.find((known) => known.id === printer.ticket?.run);
  if (run?.state === "attention") return null;
  const found =
    faultOf(printer, live) ??
    foreignOf(printer) ??
    (printer.mode === "maintenance" ? null : (toldOf(printer, live) ?? bedOf(printer, farm)));
  if (!found) return null;
  return {
    key: `printer/${printer.id}`,
    title: printer.setup.name,
    since: null,
    link: `#/printers/${printer.id}`,
    remedy: { kind: "open" },
    ...found,
  };
}

function nameOf(run: Run, farm: Farm): string {
  return farm.plans.find((plan) => plan.id === run.plan)?.name || run.id;
}

/** How many pieces a run prints; at least one. */
function piecesOf(run: Run, farm: Farm): number {
  return Math.max(
    1,
    farm.plates.find((plate) => plate.id === run.plate)?.items.length ?? run.items.length,
  );
}

function ofRun(run: Run, farm: Farm, now: number): AttentionItem | null {
  const printer =
    farm.printers.find((known) => known.id === run.printer)?.setup.name ?? "the printer";
  const base = { key: `run/${run.id}`, link: `#/runs/${run.id}` };
  const params = { printer, run: run.id, ...run.why_params };
  if (run.state === "attention")
    return {
      ...base,
      score: 100,
      tone: "stop",
      title: `${nameOf(run, farm)} on ${printer}`,
      since: null,
      remedy: { kind: "settle", run: run.id },
      sentence: sentence(run.why, params),
    };
  if (run.state === "paused")
    return {
      ...base,
      score: 70,
      tone: "person",
      title: `${nameOf(run, farm)} on ${printer}`,
      since: null,
      remedy: { kind: "resume", run: run.id },
      sentence: sentence("run_observed_paused", params),
    };
  if (run.state === "inspecting")
    return {
      ...base,
      score: 55 + urgency(run.due_at, now),
      tone: "person",
      title: `${nameOf(run, farm)} on ${printer}`,
      since: run.ended_at,
      remedy: { kind: "inspect", run: run.id, pieces: piecesOf(run, farm) },
      sentence: "It is printed. Say whether the parts are good.",
    };
  return null;
}

function ofDecision(decision: Decision, farm: Farm, now: number): AttentionItem | null {
  if (decision.approval !== "pending") return null;
  const run = farm.runs.find((known) => known.id === decision.run);
  const printer =
    farm.printers.find((known) => known.id === decision.printer)?.setup.name ?? "a printer";
  const asking = decision.rules.find((rule) => rule.says === "needs_approval");
  return {
    key: `decision/${decision.id}`,
    score: 65 + urgency(run?.due_at ?? null, now),
    tone: "person",
    title: `${run ? nameOf(run, farm) : "A run"} on ${printer}`,
    since: decision.made_at,
    link: "#/approvals",
    remedy: { kind: "approve", decision: decision.id },
    sentence: asking
      ? sentence(asking.why, { printer, ...asking.why_params })
      : "A person must approve this start.",
  };
}

function ofPlan(plan: Plan, farm: Farm, now: number): AttentionItem | null {
  if (plan.state !== "rejected" && plan.state !== "failed" && plan.state !== "review") return null;
  const order = farm.orders.find((known) => known.id === plan.order);
  if (order?.state === "cancelled" || order?.state === "fulfilled") return null;
  const breaker = farm.breakers.find((known) => known.plan === plan.id && known.state === "open");
  return {
    key: `plan/${plan.id}`,
    score: 50 + urgency(order?.due?.at ?? null, now),
    tone: plan.state === "review" ? "person" : "stop",
    title: plan.name,
    since: breaker?.opened_at ?? null,
    link: breaker ? "#/approvals" : `#/orders/${plan.order}`,
    remedy: { kind: "open" },
    sentence: breaker
      ? sentence("breaker_open", { count: String(breaker.failures.length) })
      : sentence(plan.why, plan.why_params),
  };
}

function ofPlate(plate: Plate, farm: Farm): AttentionItem | null {
  if (plate.state !== "held") return null;
  const plan = farm.plans.find((known) => known.id === plate.plan);
  if (!plan || plan.state !== "ready") return null;
  return {
    key: `plate/${plate.id}`,
    score: 45,
    tone: "risk",
    title: `A plate of ${plan.name}`,
    since: null,
    link: `#/orders/${plate.order}`,
    remedy: { kind: "open" },
    sentence: sentence(plate.why),
  };
}

/** Everything that needs a person, the costliest first. */
export function attention(farm: Farm, now: number): AttentionItem[] {
  const items = [
    ...farm.printers.map((printer) => ofPrinter(printer, farm.live(printer.id), farm)),
    ...farm.runs.map((run) => ofRun(run, farm, now)),
    ...farm.decisions.map((decision) => ofDecision(decision, farm, now)),
    ...farm.plans.map((plan) => ofPlan(plan, farm, now)),
    ...farm.plates.map((plate) => ofPlate(plate, farm)),
  ].filter((item): item is AttentionItem => item !== null);
  return items.sort((a, b) => b.score - a.score || a.title.localeCompare(b.title));
}
