// The guide to a first print.
import assert from "node:assert/strict";
import test from "node:test";
import type { Station, StationLive } from "../api/station_types.ts";
import { firstPrintSteps, needsGuide } from "./first_print.ts";

const fill = { name: "a", role: "fill", material: "A", direction_confirmed: false };
const drain = { name: "drain", role: "drain", material: "", direction_confirmed: false };

const stationOf = (part: object) =>
  ({
    setup: { pumps: [], pump_bank: "", dry_run: false },
    levels: [],
    recipe: [],
    job: null,
    past: [],
    ...part,
  }) as unknown as Station;

const liveOf = (stale: boolean, connected: boolean) =>
  ({ stale, pumps: { connected, lines: [] } }) as unknown as StationLive;

const done = (station: Station, live?: StationLive) =>
  firstPrintSteps(station, live)
    .filter((step) => step.done)
    .map((step) => step.id);

test("nothing is done on a new station that nobody has heard from", () => {
  assert.deepEqual(done(stationOf({})), []);
});

test("a silent printer and an absent guard are steps to be done", () => {
  assert.deepEqual(done(stationOf({}), liveOf(true, false)), []);
  assert.deepEqual(done(stationOf({}), liveOf(false, true)), ["printer", "guard"]);
});

test("pumps without a drain or without a place in the guard's file are not named yet", () => {
  assert.deepEqual(done(stationOf({ setup: { pumps: [fill], pump_bank: "one" } })), []);
  assert.deepEqual(done(stationOf({ setup: { pumps: [fill, drain], pump_bank: "" } })), []);
  assert.deepEqual(done(stationOf({ setup: { pumps: [fill, drain], pump_bank: "one" } })), [
    "pumps",
  ]);
});

test("a dry run needs no guard", () => {
  const setup = { pumps: [fill, drain], pump_bank: "", dry_run: true };
  assert.deepEqual(done(stationOf({ setup })), ["pumps", "guard"]);
});

test("one empty reservoir is enough to be asked for levels", () => {
  const setup = { pumps: [fill, { ...fill, name: "b" }], pump_bank: "one", dry_run: false };
  const level = (pump: string, remaining_ul: number) => ({ pump, remaining_ul });
  const with_levels = (...levels: object[]) => done(stationOf({ setup, levels }));
  assert.deepEqual(with_levels(level("a", 10)), []);
  assert.deepEqual(with_levels(level("a", 10), level("b", 0)), []);
  assert.deepEqual(with_levels(level("a", 10), level("b", 10)), ["levels"]);
});

test("what is left at last is the start, and the guide ends with it", () => {
  const confirmed = { ...drain, direction_confirmed: true };
  const station = stationOf({
    setup: { pumps: [fill, confirmed], pump_bank: "one", dry_run: false },
    levels: [{ pump: "a", remaining_ul: 10 }],
    recipe: [{ layer: 5, material: "A" }],
  });
  const left = firstPrintSteps(station, liveOf(false, true)).filter((step) => !step.done);
  assert.deepEqual(
    left.map((step) => step.id),
    ["start"],
  );
  assert.equal(needsGuide(station), true);
  assert.equal(needsGuide(stationOf({ job: { end: "running" } })), false);
  assert.equal(needsGuide(stationOf({ past: [{ end: "completed" }] })), false);
});
