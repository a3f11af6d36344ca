// Recipes, and what the station's pages derive.
import assert from "node:assert/strict";
import test from "node:test";
import type { Station, StationLive } from "../api/station_types.ts";
import type { LogEvent } from "../api/types.ts";
import { differences, faultOfStep, recipeText, sorted } from "./recipe.ts";
import {
  asksForVat,
  categoryOf,
  exactPercent,
  isSimulation,
  manualObjection,
} from "./station_rules.ts";

const ab = [
  { layer: 50, material: "A" },
  { layer: 120, material: "B" },
];

test("a recipe is written as its file is", () => {
  assert.equal(recipeText(ab), "A,50:B,120");
});

test("layer 0, halves and duplicates are refused beside the field", () => {
  assert.match(faultOfStep({ layer: 0, material: "A" }, []), /begin at 1/);
  assert.match(faultOfStep({ layer: 1.5, material: "A" }, []), /whole/);
  assert.match(faultOfStep({ layer: Number.NaN, material: "A" }, []), /whole/);
  assert.match(faultOfStep({ layer: 50, material: "C" }, ab), /already/);
  assert.equal(faultOfStep({ layer: 51, material: "C" }, ab), "");
});

test("steps are sorted by layer, not by text", () => {
  const layers = sorted([100, 9, 20].map((layer) => ({ layer, material: "A" })));
  assert.deepEqual(
    layers.map((each) => each.layer),
    [9, 20, 100],
  );
});

test("an import says what it would change", () => {
  const after = [
    { layer: 50, material: "C" },
    { layer: 70, material: "B" },
  ];
  assert.deepEqual(differences(ab, after), { added: 1, removed: 1, changed: 1 });
});

test("progress has one decimal", () => {
  assert.equal(exactPercent(333), "33.3 %");
  assert.equal(exactPercent(1_000), "100.0 %");
});

const eventOf = (type: string, data: Record<string, unknown> = {}, kind = "device") =>
  ({ type: `gantry.station.${type}`, data, gantrywho: { kind } }) as unknown as LogEvent;

test("each event of a station falls under one filter", () => {
  assert.equal(categoryOf(eventOf("step_began")), "MATERIAL_CHANGE");
  assert.equal(categoryOf(eventOf("step_ended", { succeeded: false })), "ERROR");
  assert.equal(categoryOf(eventOf("error_raised")), "ERROR");
  assert.equal(categoryOf(eventOf("pump_began", { run: { purpose: "fill" } })), "MATERIAL_CHANGE");
  const manual = eventOf("pump_began", { run: { purpose: "manual", simulation: true } }, "user");
  assert.equal(categoryOf(manual), "USER_ACTION");
  assert.equal(isSimulation(manual), true);
  assert.equal(categoryOf(eventOf("progressed")), "SYSTEM");
  assert.equal(isSimulation(eventOf("progressed")), false);
});

const stationOf = (part: object = {}) =>
  ({
    setup: { dry_run: false },
    state: "idle",
    latched: false,
    job: null,
    error: null,
    ...part,
  }) as unknown as Station;
const liveOf = (state: string, part: object = {}) =>
  ({ report: { state }, stale: false, pumps: { connected: true }, ...part }) as unknown as StationLive;

test("hands are kept off pumps while the printer prints, is lost, or a stop is in force", () => {
  assert.equal(manualObjection(stationOf(), liveOf("stopped")), "");
  assert.match(manualObjection(stationOf(), liveOf("printing")), /is printing/);
  assert.match(manualObjection(stationOf({ latched: true }), liveOf("stopped")), /emergency stop/i);
  const change = stationOf({ state: "material_change" });
  assert.match(manualObjection(change, liveOf("paused")), /changed/);
  assert.match(manualObjection(stationOf(), undefined), /not reported/);
  const unguarded = liveOf("stopped", { pumps: { connected: false } });
  assert.match(manualObjection(stationOf(), unguarded), /guard/);
  const open = stationOf({ job: { end: "running" } });
  assert.match(manualObjection(open, liveOf("paused", { stale: true })), /does not answer/);
});

test("only an interruption in mid-change, or a drained vat, asks what is in it", () => {
  const error = { cause: "step_interrupted" };
  assert.equal(asksForVat(stationOf({ error, job: { change: { steps: [] } } })), true);
  assert.equal(asksForVat(stationOf({ error, job: { change: null } })), false);
  const late = { cause: "change_late" };
  assert.equal(asksForVat(stationOf({ error: late, job: { change: { steps: [] } } })), false);
  // A fill that waits for its reservoir comes after a drain, also one that is made again.
  const short = { cause: "reservoir_short" };
  const paused = [{ step: "request_pause" }, { step: "wait_plate_clear" }];
  const again = [...paused, { step: "draining" }, { step: "wait_plate_clear" }];
  const asks = (steps: object[], active_material: string) =>
    asksForVat(stationOf({ error: short, job: { active_material, change: { steps } } }));
  assert.equal(asks(again, ""), true);
  assert.equal(asks(again, "A"), false);
  assert.equal(asks(paused, ""), false);
});
