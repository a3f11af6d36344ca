import assert from "node:assert/strict";
import test from "node:test";
import type { Printer, Run } from "../api/types.ts";
import { attention, type Farm, urgency } from "./attention.ts";
import { setCatalogue } from "./reasons.ts";

const printer = (part: Partial<Printer>): Printer => ({
  id: "prn-a",
  version: 1,
  mode: "active",
  bed: "clear",
  bed_evidence: { by: "", how: "", at: null },
  ticket: null,
  foreign: null,
  last_print: { job: "", file: "", job_due: false },
  unreconciled: false,
  attention: "ok",
  attention_params: {},
  setup: {
    name: "Ada",
    address: { host: "ada", port: 7125 },
    printer_class: "open",
    volume: { x_um: 1, y_um: 1, z_um: 1 },
    slots: [],
    poll_interval_s: 30,
  },
  ...part,
});

const run = (part: Partial<Run>): Run => ({
  id: "run-a",
  version: 1,
  state: "queued",
  plate: "plt-a",
  plan: "pln-a",
  order: "ord-a",
  ordinal: 1,
  priority: 5,
  due_at: null,
  queued_at: null,
  pending_decision: "",
  approval: null,
  printer: "",
  decision: "",
  revision: 1,
  gcode: "",
  attempt: 0,
  file: "",
  answer: "pending",
  started_at: null,
  ended_at: null,
  progress_permille: 0,
  layer: 0,
  print_duration_s: 0,
  total_duration_s: 0,
  filament_used_mm: 0,
  why: "ok",
  why_params: {},
  believed: "",
  observed: "",
  attributed_to: "unknown",
  items: [],
  inspection_note: "",
  ...part,
});

const farm = (part: Partial<Farm>): Farm => ({
  printers: [],
  live: () => undefined,
  runs: [],
  orders: [],
  plans: [],
  plates: [],
  decisions: [],
  breakers: [],
  ...part,
});

setCatalogue([
  {
    name: "bed_not_clear",
    code: 207,
    severity: "notice",
    who: "operator",
    retry_safe: true,
    status: 409,
    text: "The bed of {printer} still holds the last print.",
  },
  {
    name: "printer_print_missed",
    code: 237,
    severity: "warning",
    who: "operator",
    retry_safe: true,
    status: 409,
    text: "{printer} printed {file} while nobody watched.",
  },
]);

test("a healthy idle printer needs nobody", () => {
  assert.deepEqual(attention(farm({ printers: [printer({})] }), 0), []);
});

test("a bed matters more when runs wait for it", () => {
  const printers = [printer({ bed: "occupied" })];
  const [idle] = attention(farm({ printers }), 0);
  const [wanted] = attention(farm({ printers, runs: [run({})] }), 0);
  assert.ok(idle && wanted && wanted.score > idle.score);
  assert.match(wanted.sentence, /bed of Ada still holds.*One run waits/);
});

test("a bed that a print from the screen made doubtful says which print", () => {
  const doubtful = printer({
    bed: "unknown",
    bed_evidence: { by: "Ada", how: "print_missed", at: null },
    last_print: { job: "00000A", file: "vase.gcode", job_due: false },
  });
  const [item] = attention(farm({ printers: [doubtful] }), 0);
  assert.match(item?.sentence ?? "", /Ada printed vase.gcode/);
});

test("a run in attention stands before everything else and hides its printer's own item", () => {
  const troubled = run({
    id: "run-b",
    state: "attention",
    printer: "prn-a",
    why: "run_lost_at_printer",
  });
  const ticket = {
    run: "run-b",
    plate: "",
    plan: "",
    order: "",
    phase: "attention",
    attempt: 1,
    file: "",
    wanted: "none",
    phase_since: null,
  } as const;
  const items = attention(
    farm({
      printers: [
        printer({ ticket, attention: "run_lost_at_printer" }),
        printer({ id: "prn-b", bed: "unknown" }),
      ],
      runs: [run({ state: "inspecting" }), troubled],
    }),
    0,
  );
  assert.deepEqual(
    items.map((item) => item.key),
    ["run/run-b", "run/run-a", "printer/prn-b"].sort(
      (a, b) =>
        items.findIndex((item) => item.key === a) - items.findIndex((item) => item.key === b),
    ),
  );
  assert.equal(items[0]?.key, "run/run-b");
});

test("a retired printer is left in peace", () => {
  assert.deepEqual(
    attention(farm({ printers: [printer({ mode: "retired", bed: "unknown" })] }), 0),
    [],
  );
});

test("a due date counts from two days before", () => {
  const now = Date.parse("2026-11-21T00:00:00Z");
  assert.equal(urgency(null, now), 0);
  assert.equal(urgency("2026-11-30T00:00:00Z", now), 0);
  assert.equal(urgency("2026-11-22T00:00:00Z", now), 10);
  assert.equal(urgency("2026-11-20T00:00:00Z", now), 20);
});

test("an inspection asks for every piece of the plate", () => {
  const plates = [
    {
      id: "plt-a",
      version: 1,
      state: "inspecting",
      order: "",
      line: 0,
      plan: "",
      runs: [],
      why: "ok",
      items: ["pending", "pending", "pending"],
    },
  ] as const;
  const [item] = attention(
    farm({
      plates: plates.map((plate) => ({ ...plate, items: [...plate.items], runs: [] })),
      runs: [run({ state: "inspecting" })],
    }),
    0,
  );
  assert.deepEqual(item?.remedy, { kind: "inspect", run: "run-a", pieces: 3 });
});
