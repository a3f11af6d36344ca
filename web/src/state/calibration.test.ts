// The flow that fits timed runs.
import assert from "node:assert/strict";
import test from "node:test";
import { fitOf } from "./calibration.ts";

test("the flow fits the runs, and the spread is that of the worst run", () => {
  const even = fitOf([
    { duration_ms: 5_000, volume_ul: 25_000 },
    { duration_ms: 10_000, volume_ul: 50_000 },
  ]);
  assert.deepEqual(even, { flow_ul_per_s: 5_000, spread_permille: 0 });
  const uneven = fitOf([
    { duration_ms: 10_000, volume_ul: 50_000 },
    { duration_ms: 10_000, volume_ul: 30_000 },
  ]);
  assert.deepEqual(uneven, { flow_ul_per_s: 4_000, spread_permille: 250 });
  assert.equal(fitOf([]), null);
});
