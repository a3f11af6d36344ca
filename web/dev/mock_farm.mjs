// A believable farm in memory: what the mock server serves.
import { createHash, randomBytes } from "node:crypto";
import { render } from "./mock_catalogue.mjs";

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
export const makeId = (prefix, seed = randomBytes(16).toString("hex")) =>
  `${prefix}-${[
    ...createHash("sha256")
      .update(prefix + seed)
      .digest()
      .subarray(0, 13),
  ]
    .map((byte) => alphabet[byte % 32])
    .join("")}`;

const kinds = [
  "order",
  "plan",
  "plate",
  "run",
  "printer",
  "station",
  "breaker",
  "decision",
  "artifact",
  "profile",
  "material",
  "token",
  "settings",
];
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
const ahead = (seconds) => ago(-seconds);

export class Farm {
  constructor() {
    this.tables = Object.fromEntries(kinds.map((kind) => [kind, new Map()]));
    this.log = [];
    this.epoch = randomBytes(4).toString("hex");
    this.reports = new Map();
    this.resin = new Map();
    this.listeners = new Set();
    this.table("settings").set("set-farm", {
      id: "set-farm",
      dispatch_enabled: true,
      gated_classes: ["gated"],
      approval_from_risk: "high",
      breaker_limit: 2,
      reprint_ceiling: 3,
      decision_ttl_s: 600,
      upload_deadline_s: 900,
      start_deadline_s: 60,
      start_lag_s: 30,
      settle_after_ready_s: 2,
      version: 1,
    });
    for (const [name, density] of [
      ["PLA", 1240],
      ["PETG", 1270],
      ["ABS", 1040],
    ])
      this.table("material").set(makeId("mat", name), {
        id: makeId("mat", name),
        name,
        density_mg_per_cm3: density,
        version: 1,
      });
  }

  table(kind) {
    return this.tables[kind];
  }

  /** Writes an entity with one event, and tells everybody who listens. */
  commit(
    kind,
    entity,
    type,
    reason = "ok",
    params = {},
    who = { id: "tok-mia", name: "Mia", kind: "user" },
  ) {
    entity.version = (this.table(kind).get(entity.id)?.version ?? 0) + 1;
    this.table(kind).set(entity.id, structuredClone(entity));
    const event = {
      specversion: "1.0",
      id: `${this.epoch}.${this.log.length + 1}`,
      source: "urn:gantry:site:workshop",
      type: `gantry.${type}`,
      subject: `${kind}/${entity.id}`,
      time: new Date().toISOString(),
      datacontenttype: "application/json",
      gantryseq: this.log.length + 1,
      gantryversion: entity.version,
      gantryreason: reason,
      gantrysentence: render(reason, params),
      gantrywho: who,
      data: {},
    };
    this.log.push(event);
    for (const listener of this.listeners) listener(event, kind, this.table(kind).get(entity.id));
    return this.table(kind).get(entity.id);
  }

  liveOfPrinter(id) {
    const printer = this.table("printer").get(id);
    const seen = this.reports.get(id);
    if (!seen) return { report: null, age_ms: null, stale: true, desync: null, attention: [] };
    const age_ms = Date.now() - seen.at;
    const attention = [];
    const params = { printer: printer.setup.name, detail: seen.report.link_detail };
    if (seen.report.link === "offline")
      attention.push({
        reason: "printer_unreachable",
        sentence: render("printer_unreachable", params),
      });
    if (!printer.ticket && !printer.foreign && printer.bed === "occupied")
      attention.push({ reason: "bed_not_clear", sentence: render("bed_not_clear", params) });
    return {
      report: seen.report,
      age_ms,
      stale: age_ms > 20_000,
      desync: seen.desync ?? null,
      attention,
    };
  }

  liveOfRun(id) {
    const run = this.table("run").get(id);
    const on = run.printer && this.table("printer").get(run.printer)?.ticket?.run === id;
    const live = on ? this.liveOfPrinter(run.printer) : null;
    const waiting =
      run.state !== "queued"
        ? []
        : [...this.table("printer").values()].map((printer) => {
            const params = {
              printer: printer.setup.name,
              run: printer.ticket?.run ?? "",
              wanted: "PETG",
              loaded: "PLA",
              material: "PETG",
              file: printer.foreign?.file ?? "",
              detail: "no route to host",
            };
            const report = this.reports.get(printer.id)?.report;
            const reason =
              printer.mode === "maintenance"
                ? "printer_in_maintenance"
                : printer.ticket
                  ? "printer_busy"
                  : printer.foreign
                    ? "printer_foreign_print"
                    : !report
                      ? "printer_no_report_yet"
                      : report.link === "offline"
                        ? "printer_unreachable"
                        : printer.bed !== "clear"
                          ? "bed_not_clear"
                          : "material_mismatch";
            return {
              printer: printer.id,
              name: printer.setup.name,
              reason,
              sentence: render(reason, params),
              params,
            };
          });
    const busy = waiting.filter((each) => each.reason === "printer_busy").length;
    return {
      report: live?.report ?? null,
      age_ms: live?.age_ms ?? null,
      waiting,
      waiting_summary:
        run.state === "queued"
          ? `No printer takes it yet: ${busy} are busy, ${waiting.length - busy} want a hand or ` +
            "other material."
          : run.state === "approval"
            ? "A person must approve the start."
            : "",
    };
  }
}

export function report(part = {}) {
  return {
    link: "online",
    link_reason: "link_ok",
    link_detail: "",
    firmware: "ready",
    firmware_detail: "",
    print: "standby",
    file: "",
    is_active: false,
    is_paused: false,
    busy_gcode: false,
    progress_permille: 0,
    print_duration_s: 0,
    total_duration_s: 0,
    filament_used_mm: 0,
    layer: 0,
    layers: 0,
    message: "",
    temperatures: [
      { name: "extruder", actual_mc: 24_300, target_mc: 0 },
      { name: "heater_bed", actual_mc: 23_900, target_mc: 0 },
    ],
    other_queue: "",
    observed_at: new Date().toISOString(),
    ready_for_ms: 900_000,
    generation: 1,
    requests_total: 1840,
    requests_last_minute: 4,
    ...part,
  };
}

function addPrinter(farm, name, part = {}, seen = {}) {
  const id = makeId("prn", name);
  farm.commit(
    "printer",
    {
      id,
      mode: "active",
      bed: "clear",
      bed_evidence: { by: "Mia", how: "seen", at: ago(1800) },
      ticket: null,
      foreign: null,
      last_print: { job: "", file: "", job_due: false },
      unreconciled: false,
      attention: "ok",
      attention_params: {},
      ...part,
      setup: {
        name,
        address: { host: `${name.toLowerCase()}.workshop.lan`, port: 7125, has_api_key: false },
        printer_class: "open",
        volume: { x_um: 220_000, y_um: 220_000, z_um: 250_000 },
        slots: [{ material: "PLA", colour: "black", nozzle_um: 400 }],
        poll_interval_s: 30,
        ...part.setup,
      },
    },
    "printer.added",
    "requested",
    { principal: "Mia" },
  );
  if (seen)
    farm.reports.set(id, {
      at: Date.now() - (seen.age_s ?? 0) * 1000,
      report: report(seen.report),
      desync: seen.desync,
    });
  return id;
}

/** An order with one line and a run in `state`; returns its ids. */
export function addOrder(
  farm,
  name,
  {
    state,
    printer = "",
    quantity = 1,
    per_plate = 1,
    reference = "",
    due_s = 0,
    run = {},
    plan: planState = "ready",
    order: orderState = "producing",
    why = "ok",
    why_params = {},
  },
) {
  const seed = name + reference;
  const ids = {
    order: makeId("ord", seed),
    plan: makeId("pln", seed),
    plate: makeId("plt", seed),
    run: makeId("run", seed),
    breaker: makeId("brk", seed),
    gcode: makeId("art", seed),
  };
  const sliced = planState !== "rejected" && planState !== "checking" && planState !== "slicing";
  const line = {
    name,
    model: makeId("art", `model${seed}`),
    quantity,
    pieces_per_plate: per_plate,
    material: "PLA",
    colour: { match: "any_of", colours: ["black", "grey"] },
    profile: makeId("prf", "PLA"),
  };
  const estimate = {
    duration_s: 8040,
    filament_mm: 14_210,
    filament_mg: 42_380,
    layers: 212,
    height_um: 42_400,
  };
  const check = (id, value, limit, unit, verdict = "pass", reason = "ok") => ({
    id,
    version: 1,
    verdict,
    value,
    limit,
    unit,
    why: reason,
  });
  farm.commit(
    "order",
    {
      id: ids.order,
      state: orderState,
      reference,
      customer: "",
      due: due_s
        ? { text: ahead(due_s).slice(0, 10), zone: "Europe/Berlin", at: ahead(due_s) }
        : null,
      priority: 5,
      note: "",
      accepted_at: ago(5400),
      closed_at: orderState === "fulfilled" ? ago(600) : null,
      lines: [
        {
          line,
          plan: ids.plan,
          state:
            orderState === "fulfilled"
              ? "complete"
              : planState === "ready"
                ? "producing"
                : planState === "rejected" || planState === "review"
                  ? "held"
                  : "preparing",
          why,
          why_params,
          pieces_good: orderState === "fulfilled" ? quantity : 0,
          plates: sliced ? [ids.plate] : [],
        },
      ],
    },
    "order.accepted",
    "requested",
    { principal: "Jonas" },
    { id: "tok-jonas", name: "Jonas", kind: "user" },
  );
  farm.commit(
    "plan",
    {
      id: ids.plan,
      state: planState,
      order: ids.order,
      line: 0,
      name,
      model: line.model,
      quantity,
      pieces_per_plate: per_plate,
      material: "PLA",
      colour: line.colour,
      profile: line.profile,
      checks:
        planState === "rejected"
          ? [check("edges closed", 18, 0, "edges", "fail", "mesh_open")]
          : [
              check("edges closed", 0, 0, "edges"),
              check("fits the bed", 84, 220, "mm"),
              check("triangles", 18_432, 5_000_000, "triangles"),
            ],
      size: { x_um: 84_000, y_um: 52_000, z_um: 42_400 },
      breaker: ids.breaker,
      plates: sliced ? [ids.plate] : [],
      why,
      why_params,
      revisions: sliced
        ? [
            {
              number: 1,
              profile: line.profile,
              profile_version: 2,
              profile_sha256: "",
              slicer: "PrusaSlicer 2.5.0",
              gcode: ids.gcode,
              gcode_sha256: "",
              gcode_size_bytes: 2_412_876,
              estimate,
              checks: [check("inside the bed", 100, 100, "%"), check("volume agrees", 98, 90, "%")],
            },
          ]
        : [],
    },
    sliced ? "plan.revised" : "plan.created",
    sliced ? "sliced" : "ok",
    { slicer: "PrusaSlicer 2.5.0" },
    { id: "slicer", name: "slicer", kind: "policy" },
  );
  farm.commit(
    "breaker",
    { id: ids.breaker, plan: ids.plan, state: "closed", failures: [], resets: 0, opened_at: null },
    "breaker.installed",
    "ok",
    {},
    { id: "kernel", name: "kernel", kind: "policy" },
  );
  if (!sliced || !state) return ids;
  farm.commit(
    "plate",
    {
      id: ids.plate,
      state:
        state === "inspecting"
          ? "inspecting"
          : state === "passed"
            ? "passed"
            : state === "queued" || state === "approval"
              ? "waiting"
              : "printing",
      order: ids.order,
      line: 0,
      plan: ids.plan,
      items: Array.from({ length: per_plate }, () => (state === "passed" ? "good" : "pending")),
      runs: [ids.run],
      why: "ok",
    },
    "plate.composed",
    "ok",
    {},
    { id: "kernel", name: "kernel", kind: "policy" },
  );
  const started = !["queued", "approval"].includes(state);
  farm.commit(
    "run",
    {
      id: ids.run,
      state,
      plate: ids.plate,
      plan: ids.plan,
      order: ids.order,
      ordinal: 1,
      priority: 5,
      due_at: due_s ? ahead(due_s) : null,
      queued_at: ago(5000),
      pending_decision: "",
      approval: null,
      printer,
      decision: started ? makeId("dec", ids.run) : "",
      revision: 1,
      gcode: ids.gcode,
      attempt: started ? 1 : 0,
      file: started ? `gantry/${ids.run}-1.gcode` : "",
      answer: started ? "acknowledged" : "pending",
      started_at: started ? ago(4200) : null,
      ended_at: state === "inspecting" || state === "passed" ? ago(900) : null,
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
      ...run,
    },
    `run.${state === "attention" ? "attention_raised" : "queued"}`,
    run.why ?? "run_waiting_for_printer",
    run.why_params ?? {},
    { id: "scheduler", name: "scheduler", kind: "policy" },
  );
  if (started)
    farm.commit(
      "decision",
      decision(ids, printer, makeId("dec", ids.run), "allow", "not_needed"),
      "decision.made",
      "gate_allowed",
      {},
      { id: "policy", name: "policy", kind: "policy" },
    );
  if (started && state !== "inspecting" && state !== "passed") {
    const machine = structuredClone(farm.table("printer").get(printer));
    machine.bed = "occupied";
    machine.ticket = {
      run: ids.run,
      plate: ids.plate,
      plan: ids.plan,
      order: ids.order,
      decision: "",
      revision: 1,
      gcode: ids.gcode,
      gcode_sha256: "",
      gcode_size_bytes: 1,
      phase: state,
      attempt: 1,
      file: `gantry/${ids.run}-1.gcode`,
      answer: "acknowledged",
      wanted: "none",
      phase_since: ago(4200),
    };
    farm.commit(
      "printer",
      machine,
      "printer.reserved",
      "ok",
      {},
      { id: "scheduler", name: "scheduler", kind: "policy" },
    );
  }
  return ids;
}

export function decision(ids, printer, id, answer, approval) {
  const asks = answer === "needs_approval";
  return {
    id,
    gate: "start",
    run: ids.run,
    plan: ids.plan,
    revision: 1,
    printer,
    printer_class: asks ? "gated" : "open",
    answer,
    risk: asks ? "medium" : "low",
    risk_factors: asks ? ["first print of this model"] : [],
    approval,
    settled_by: "",
    settled_note: "",
    settled_at: null,
    made_at: ago(300),
    expires_at: ahead(300),
    relied_on: [],
    rules: [
      ...(asks
        ? [
            {
              rule: "class_needs_approval",
              says: "needs_approval",
              why: "approval_required_class",
              why_params: { class: "gated" },
            },
          ]
        : []),
      ...[
        "bed_is_clear",
        "material_matches",
        "breaker_is_closed",
        "printer_is_ready",
        "volume_is_enough",
      ].map((rule) => ({ rule, says: "allow", why: "gate_allowed", why_params: {} })),
    ],
  };
}

/** Fills the farm with one of each situation that the pages have to show. */
export function populate(farm) {
  const printing = (permille, more = {}) => ({
    report: {
      print: "printing",
      is_active: true,
      progress_permille: permille,
      print_duration_s: Math.round((8040 * permille) / 1000),
      total_duration_s: Math.round((8200 * permille) / 1000),
      filament_used_mm: ((14_210 * permille) / 1000) | 0,
      layer: Math.round((212 * permille) / 1000),
      layers: 212,
      temperatures: [
        { name: "extruder", actual_mc: 214_800, target_mc: 215_000 },
        { name: "heater_bed", actual_mc: 60_100, target_mc: 60_000 },
      ],
      ...more.report,
    },
    ...more,
  });
  const slots = (...each) => ({
    slots: each.map(([material, colour]) => ({ material, colour, nozzle_um: 400 })),
  });
  const ada = addPrinter(farm, "Ada", {}, printing(431));
  const bruno = addPrinter(
    farm,
    "Bruno",
    { setup: slots(["PLA", "white"], ["PLA", "#d05a2a"]) },
    printing(872),
  );
  const carla = addPrinter(
    farm,
    "Carla",
    { bed: "occupied", bed_evidence: { by: "Carla", how: "print_finished", at: ago(900) } },
    {},
  );
  addPrinter(
    farm,
    "Dora",
    { setup: slots(["PETG", "grey"]) },
    {
      age_s: 420,
      report: {
        link: "offline",
        link_reason: "link_timeout",
        link_detail: "no answer within 5 s",
        observed_at: ago(420),
        requests_last_minute: 1,
      },
    },
  );
  const emil = addPrinter(
    farm,
    "Emil",
    { attention: "run_lost_at_printer", attention_params: { detail: "it reports standby" } },
    {
      desync: { since: ago(95), believed: "printing", observed: "standby", for_ms: 95_000 },
      report: {},
    },
  );
  const frida = addPrinter(
    farm,
    "Frida",
    { setup: { printer_class: "gated", ...slots(["PLA", "black"]) } },
    {},
  );
  addPrinter(
    farm,
    "Gero",
    { foreign: { file: "benchy_final_v3.gcode", verdict: "pending", seen_at: ago(240) } },
    printing(120, { report: { file: "benchy_final_v3.gcode" } }),
  );
  addPrinter(farm, "Hanna", { bed: "unknown", bed_evidence: { by: "", how: "", at: null } }, null);
  addPrinter(farm, "Ivo", { mode: "maintenance", setup: slots(["ABS", "natural"]) }, {});
  const profile = makeId("prf", "PLA");
  farm.commit(
    "profile",
    {
      id: profile,
      name: "PLA 0.2 mm, open 220",
      material: "PLA",
      nozzle_um: 400,
      bed: { x_um: 220_000, y_um: 220_000, z_um: 250_000 },
      versions: [
        { number: 1, sha256: "a" },
        { number: 2, sha256: "b" },
      ],
    },
    "profile.versioned",
  );
  for (const [name, roles] of [
    ["Mia", ["admin"]],
    ["Jonas", ["viewer", "planner"]],
    ["Workshop tablet", ["viewer", "operator"]],
  ])
    farm.commit(
      "token",
      { id: makeId("tok", name), name, roles, revoked: false, issued_at: ago(86_400 * 9) },
      "token.issued",
    );
  addOrder(farm, "Lamp shade", {
    state: "passed",
    reference: "Shop 1038",
    order: "fulfilled",
    printer: carla,
  });
  addOrder(farm, "Drone arm, left", {
    state: "printing",
    printer: ada,
    quantity: 8,
    per_plate: 4,
    reference: "Shop 1042",
    due_s: 90_000,
  });
  addOrder(farm, "Cable clip 6 mm", {
    state: "printing",
    printer: bruno,
    quantity: 40,
    per_plate: 20,
    reference: "Shop 1043",
  });
  addOrder(farm, "Bearing housing", {
    state: "inspecting",
    printer: carla,
    quantity: 3,
    per_plate: 3,
    reference: "Lab 77",
    due_s: 20_000,
  });
  addOrder(farm, "Camera bracket", {
    state: "attention",
    printer: emil,
    reference: "Shop 1044",
    run: {
      why: "run_lost_at_printer",
      why_params: { detail: "it reports standby" },
      believed: "printing",
      observed: "standby",
    },
  });
  const gear = addOrder(farm, "Gear rack with twenty-four teeth", {
    state: "approval",
    reference: "Lab 78",
    due_s: 40_000,
  });
  const id = makeId("dec", "gear");
  farm.commit(
    "decision",
    decision(gear, frida, id, "needs_approval", "pending"),
    "decision.made",
    "approval_required_class",
    { class: "gated" },
    { id: "policy", name: "policy", kind: "policy" },
  );
  farm.commit(
    "run",
    { ...farm.table("run").get(gear.run), pending_decision: id },
    "run.approval_requested",
    "approval_required_class",
    { class: "gated" },
  );
  addOrder(farm, "Phone stand", {
    state: "queued",
    quantity: 2,
    reference: "Shop 1045",
    due_s: 170_000,
  });
  addOrder(farm, "Skull with holes", {
    plan: "rejected",
    order: "held",
    why: "mesh_open",
    why_params: { value: "18" },
    reference: "Shop 1046",
  });
  const knob = addOrder(farm, "Thin knob", {
    state: "failed",
    plan: "review",
    order: "held",
    why: "plan_review_required",
    reference: "Lab 79",
    printer: carla,
    run: { why: "run_inspection_failed", ended_at: ago(1200), attributed_to: "plan" },
  });
  const carlaNow = farm.table("printer").get(carla);
  farm.table("printer").set(carla, { ...carlaNow, ticket: null });
  farm.commit(
    "breaker",
    {
      ...farm.table("breaker").get(knob.breaker),
      state: "open",
      opened_at: ago(1200),
      failures: [
        { run: knob.run, why: "run_inspection_failed", at: ago(4800) },
        { run: knob.run, why: "run_inspection_failed", at: ago(1200) },
      ],
    },
    "breaker.opened",
    "breaker_open",
    { count: "2" },
    { id: "kernel", name: "kernel", kind: "policy" },
  );
}

/** One second of the farm's life. */
export function tick(farm) {
  const printers = {};
  const runs = {};
  for (const [id, seen] of farm.reports) {
    const report = seen.report;
    if (report.link === "offline") continue;
    seen.at = Date.now();
    report.observed_at = new Date().toISOString();
    if (report.print === "printing") {
      report.print_duration_s += 6;
      report.progress_permille = Math.min(995, Math.round(report.print_duration_s / 8.04));
      report.layer = Math.round(report.progress_permille * 0.212);
    }
    for (const each of report.temperatures)
      each.actual_mc += Math.round((Math.random() - 0.5) * 300);
    printers[id] = farm.liveOfPrinter(id);
    const run = farm.table("printer").get(id)?.ticket?.run;
    if (run) runs[run] = farm.liveOfRun(run);
  }
  return { printers, runs };
}
