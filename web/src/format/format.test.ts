import assert from "node:assert/strict";
import test from "node:test";
import type { DeviceReport } from "../api/types.ts";
import { ago, duration } from "./duration.ts";
import { bytes, celsius, colourText, percent } from "./measure.ts";
import { remainingSeconds } from "./remaining.ts";

test("durations are human", () => {
  assert.equal(duration(45), "45 s");
  assert.equal(duration(8_040), "2 h 14 min");
  assert.equal(duration(7_200), "2 h");
  assert.equal(duration(274_000), "3 d 4 h");
  assert.equal(ago(500), "just now");
  assert.equal(ago(61_000), "1 min ago");
});

test("values carry their units", () => {
  assert.equal(celsius(204_600), "205 °C");
  assert.equal(percent(999), "99 %");
  assert.equal(bytes(1_234_567), "1.2 MB");
  assert.equal(colourText({ match: "any_of", colours: ["black", "grey"] }), "black or grey");
});

test("time left trusts the estimate at first and the machine's pace later", () => {
  const report = (progress_permille: number, print_duration_s: number) =>
    ({ progress_permille, print_duration_s }) as DeviceReport;
  assert.equal(remainingSeconds(report(10, 60), 3_600), 3_540);
  assert.equal(remainingSeconds(report(500, 3_600), null), 3_600);
  assert.equal(remainingSeconds(report(10, 60), null), null);
});
