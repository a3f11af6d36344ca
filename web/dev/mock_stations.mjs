// Believable resin stations for the mock server: one in mid-print, one that asks, one in a dry run.
import { render } from "./mock_catalogue.mjs";
import { makeId } from "./mock_farm.mjs";

const pump = (name, material, confirmed = true) => ({
  name,
  role: material ? "fill" : "drain",
  material,
  flow_ul_per_s: 5000,
  direction: "forward",
  direction_confirmed: confirmed,
  max_volume_ul: 200_000,
  reservoir_ul: 200_000,
});

export const files = [
  { file: "vase.pwmb", internal_file: "3.pwmb", layers: 200 },
  { file: "lattice_three_materials.pwmb", internal_file: "4.pwmb", layers: 0 },
];

const now = () => new Date().toISOString();

export function stationOf(setup) {
  return {
    id: makeId("stn"),
    setup: {
      port: 6000,
      poll_interval_ms: 3000,
      reply_timeout_ms: 10_000,
      offline_grace_s: 30,
      pump_bank: "",
      pumps: [],
      valve_during_drain: false,
      waste_capacity_ul: 1_000_000,
      change: {
        quiescence_s: 10,
        plate_clear_delay_s: 20,
        drain_volume_ul: 50_000,
        fill_volume_ul: 45_000,
        settle_delay_s: 5,
      },
      initial_material: "A",
      dry_run: false,
      ...setup,
    },
    retired: false,
    state: "idle",
    error: null,
    recipe: [],
    recipe_revision: 0,
    levels: (setup.pumps ?? [])
      .filter((each) => each.role === "fill")
      .map((each) => ({ pump: each.name, remaining_ul: 0 })),
    waste_used_ul: 0,
    run: null,
    job: null,
    past: [],
    latched: false,
    safety_lock: false,
  };
}

const jobOf = (station, file, part = {}) => ({
  file,
  plan: station.recipe,
  recipe_revision: station.recipe_revision,
  simulation: station.setup.dry_run,
  next: 0,
  asked: "none",
  asked_accepted: false,
  change: null,
  changes: [],
  end: "running",
  why: "ok",
  began_at: now(),
  ...part,
});

const reportOf = (part) => ({
  state: "stopped",
  file: "",
  layer: 0,
  layers: 0,
  remaining_s: 0,
  model: "Photon Mono X 6K",
  round_trip_ms: 24,
  ...part,
});

function add(farm, station, report, event, reason, params) {
  farm.resin.set(station.id, { at: Date.now(), report: reportOf(report) });
  farm.commit("station", station, "station.added", "requested", { principal: "Mia" });
  const who = { id: station.id, name: station.setup.name, kind: "device" };
  if (event) farm.commit("station", station, event, reason, params, who);
}

export function populateStations(farm) {
  const pumps = [pump("a", "A"), pump("b", "B"), pump("c", "C"), pump("drain", "")];
  const common = {
    recipe: [
      { layer: 50, material: "B" },
      { layer: 120, material: "C" },
      { layer: 170, material: "A" },
    ],
    recipe_revision: 4,
    levels: ["a", "b", "c"].map((name) => ({ pump: name, remaining_ul: 155_000 })),
    waste_used_ul: 350_000,
    past: [{ file: "vase.pwmb", end: "completed" }],
  };
  const first = { ...stationOf({ name: "Resin 1", host: "resin-1.lan", pump_bank: "one", pumps }) };
  const record = {
    index: 0,
    material: "B",
    at_layer: 50,
    outcome: "done",
    actual_ms: 45_210,
    drain_actual_ul: 50_020,
    fill_actual_ul: 45_010,
  };
  Object.assign(first, common, { state: "monitoring" });
  first.job = jobOf(first, "vase.pwmb", { next: 1, changes: [record] });
  add(
    farm,
    first,
    { state: "printing", file: "vase.pwmb", layer: 84, layers: 200, remaining_s: 4100 },
    "station.change_completed",
    "change_completed",
    { material: "B", layer: "50" },
  );
  const second = stationOf({ name: "Resin 2", host: "resin-2.lan", pump_bank: "two", pumps });
  const why_params = { step: "Draining", detail: "the kernel ended in mid-step" };
  Object.assign(second, common, {
    state: "error",
    error: {
      cause: "step_interrupted",
      why: "step_interrupted",
      why_params,
      question: 3,
      choices: ["continue", "redo", "skip", "abort"],
      since: now(),
    },
  });
  const change = { index: 0, layer: 50, material: "B", step: "draining", held: "ok" };
  second.job = jobOf(second, files[1].file, { change });
  add(
    farm,
    second,
    { state: "paused", file: files[1].file, layer: 50, layers: 200, remaining_s: 6000 },
    "station.error_raised",
    "step_interrupted",
    why_params,
  );
  const third = stationOf({
    name: "Teaching bench",
    host: "resin-3.lan",
    pump_bank: "three",
    dry_run: true,
    pumps: [pump("a", "A"), pump("b", "B", false), pump("drain", "", false)],
  });
  add(farm, third, {});
}

export function liveOfStation(farm, id) {
  const station = farm.table("station").get(id);
  const seen = farm.resin.get(id);
  const report = seen?.report ?? reportOf({ state: "unknown" });
  const { job } = station;
  const total = Math.max(report.layers, job?.plan.at(-1)?.layer ?? 0);
  const attention = [];
  const tell = (reason, params) =>
    attention.push({
      reason,
      sentence: render(reason, { station: station.setup.name, ...params }),
    });
  if (station.latched) tell("emergency_stopped");
  if (station.error) tell(station.error.why, station.error.why_params);
  if (!seen) tell("resin_printer_silent", { detail: "no route to host" });
  return {
    report,
    stale: !seen,
    age_ms: seen ? Date.now() - seen.at : null,
    pumps: {
      connected: station.setup.pump_bank !== "",
      lines: station.setup.pumps.map((each) => ({
        pump: each.name,
        is_on: station.run?.pump === each.name && !station.run.simulation,
        window_used_ms: 12_000,
        window_limit_ms: 180_000,
      })),
    },
    progress_permille: total ? Math.min(1000, Math.round((report.layer * 1000) / total)) : 0,
    active_material: job?.changes.at(-1)?.material ?? (job?.change ? "" : "INITIAL"),
    next_change: job?.end === "running" ? (job.plan[job.next] ?? null) : null,
    simulation: station.setup.dry_run,
    attention,
  };
}

/** What the log says about the prints of a station. */
export function recordOf(station) {
  const change = (layer, material, actual_ms) => ({
    record: {
      layer,
      at_layer: layer,
      material,
      outcome: "done",
      planned_ms: 44_000,
      actual_ms,
      drain_planned_ul: 50_000,
      drain_actual_ul: 50_020,
      fill_planned_ul: 45_000,
      fill_actual_ul: 45_010,
      began_at: now(),
    },
    settled: true,
  });
  const prints = station.past.map((each, at) => ({
    number: at + 1,
    file: each.file,
    layers: 200,
    plan: station.recipe,
    simulation: station.setup.dry_run,
    end: each.end,
    began_at: now(),
    ended_at: now(),
    changes: [change(50, "B", 45_210), change(120, "C", 44_100)],
    errors: [],
  }));
  const statistics = {
    prints: prints.length,
    succeeded: prints.length,
    success_permille: 1000,
    changes: 2 * prints.length,
    mean_deviation_permille: 15,
    largest_deviation_permille: 27,
    changes_within_bounds: 2 * prints.length,
    recoveries: 1,
    mean_recovery_ms: 41_000,
    longest_recovery_ms: 41_000,
  };
  return { prints, statistics };
}

/** What the checks before a start find, as far as the mock plays it. */
export function checksOf(farm, station) {
  const check = (id, good, reason, params = {}) => ({
    id,
    verdict: good ? "pass" : "fail",
    reason: good ? "check_passed" : reason,
    sentence: render(good ? "check_passed" : reason, { station: station.setup.name, ...params }),
  });
  const drain = station.setup.pumps.find((each) => each.role === "drain");
  const checks = [
    check("station", station.state === "idle", "station_not_in_state", {
      state: station.state,
      action: "start",
    }),
    check("printer", farm.resin.has(station.id), "resin_printer_silent", {
      detail: "no route to host",
    }),
    check("guard", station.setup.pump_bank, "pumps_unavailable", { detail: "no pumps are set up" }),
    check("drain_direction", drain?.direction_confirmed, "drain_direction_unconfirmed", {
      pump: drain?.name ?? "",
    }),
    check("waste", true),
  ];
  return { ok: checks.every((each) => each.verdict === "pass"), checks };
}

/** What stations are asked, by the last parts of the address. */
export function stationActions(farm, Refusal) {
  const put = (station, part, type, who) =>
    farm.commit(
      "station",
      { ...structuredClone(station), ...part },
      `station.${type}`,
      "requested",
      { principal: who.name },
      who,
    );
  const later = (id, ms, part, type) =>
    setTimeout(() => put(farm.table("station").get(id), part, type, { id, name: id }), ms);
  const print = (station, state) => {
    const seen = farm.resin.get(station.id);
    if (seen) seen.report.state = state;
  };
  const over = (station, end) => station.job && { ...station.job, end, change: null };
  const asked = (state) => (station, _, who) => {
    if (state === "printing" && station.error)
      throw new Refusal("resume_refused", { station: station.setup.name, detail: "it asks" });
    print(station, state);
    return put(station, {}, "control_wanted", who);
  };
  return {
    pause: asked("paused"),
    resume: asked("printing"),
    recipe: (station, { steps }, who) =>
      put(
        station,
        { recipe: steps, recipe_revision: station.recipe_revision + 1 },
        "recipe_changed",
        who,
      ),
    "recipe/preview": (station, { text }) => {
      const found = [...text.matchAll(/([A-D]),(\d+)(?=:|$)/g)];
      const steps = found.map(([, material, layer]) => ({ layer: Number(layer), material }));
      const ok = steps.length === text.split(":").length;
      const sentence = "A part of the text is not a material and a layer.";
      const notes = ok ? [] : [{ reason: "recipe_step_malformed", sentence, loses: true }];
      return { ok, steps, text, notes, replaces: station.recipe };
    },
    levels: (station, { pump: name, volume_ul }, who) => {
      const levels = station.levels.map((each) =>
        each.pump === name ? { ...each, remaining_ul: volume_ul } : each,
      );
      return put(
        station,
        name === "waste" ? { waste_used_ul: volume_ul } : { levels },
        "level_set",
        who,
      );
    },
    start: (station, body, who) => {
      const bad = checksOf(farm, station).checks.find((each) => each.verdict === "fail");
      if (bad) throw new Refusal(bad.reason, { station: station.setup.name });
      const report = reportOf({ state: "printing", file: body.file, layer: 1, layers: 200 });
      farm.resin.set(station.id, { at: Date.now(), report });
      return put(station, { state: "monitoring", job: jobOf(station, body.file) }, "job_began", who);
    },
    stop: (station, _, who) =>
      put(
        station,
        { state: "idle", error: null, job: over(station, "monitoring_stopped") },
        "job_ended",
        who,
      ),
    "stop-print": (station, _, who) => {
      print(station, "stopped");
      const part = { state: "idle", error: null, job: over(station, "stopped") };
      return put(station, part, "job_ended", who);
    },
    answer: (station, body, who) => {
      if (body.answer !== "abort" && !body.vat)
        throw new Refusal("answer_not_fitting", { detail: "say what is in the vat" });
      return put(station, { error: null, state: "material_change" }, "error_settled", who);
    },
    acknowledge: (station, _, who) => {
      if (station.safety_lock) throw new Refusal("safety_lock", { station: station.setup.name });
      return put(station, { state: "idle", latched: false }, "acknowledged", who);
    },
    "emergency-stop": (station, _, who) => {
      const part = { state: "aborted", latched: true, safety_lock: true, run: null, error: null };
      later(station.id, 3000, { safety_lock: false }, "lock_released");
      const job = over(station, "emergency_stopped");
      const entity = put(station, { ...part, job }, "emergency_stopped", who);
      return { ...entity, lines_off: station.setup.pump_bank ? true : null, recorded: true };
    },
    "pumps/run": (station, body, who, name) => {
      const preset = { prime: 10_000, clean: 30_000 }[body.preset];
      const run = {
        purpose: "manual",
        pump: name,
        direction: body.direction ?? "forward",
        planned_ms: preset ?? body.duration_ms ?? 5000,
        simulation: station.setup.dry_run,
        began_at: now(),
      };
      later(station.id, run.planned_ms, { run: null }, "pump_ended");
      return put(station, { run }, "pump_began", who);
    },
    "pumps/calibration": (station, { direction }, who, name) => {
      const pumps = station.setup.pumps.map((each) =>
        each.name === name ? { ...each, direction, direction_confirmed: true } : each,
      );
      return put(station, { setup: { ...station.setup, pumps } }, "calibrated", who);
    },
    "pumps/stop": (station, _, who) => put(station, { run: null }, "pump_ended", who),
  };
}

/** One second of the stations' life. */
export function tickStations(farm) {
  const stations = {};
  for (const [id, seen] of farm.resin) {
    const { report } = seen;
    seen.at = Date.now();
    if (report.state === "printing" && report.layer < report.layers) report.layer += 1;
    stations[id] = liveOfStation(farm, id);
  }
  return stations;
}
