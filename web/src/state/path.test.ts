import assert from "node:assert/strict";
import test from "node:test";
import type { OrderProgress, Plan, Plate, Printer, Run } from "../api/types.ts";
import { leadingRun, pathOfLine } from "./path.ts";

const progress = {
  plan: "pln-a",
  state: "producing",
  plates: ["plt-a"],
} as unknown as OrderProgress;
const plan = { id: "pln-a", state: "ready", revisions: [{}] } as unknown as Plan;
const plate = { id: "plt-a", plan: "pln-a" } as unknown as Plate;
const run = (state: Run["state"], id = "run-a") =>
  ({
    id,
    state,
    plate: "plt-a",
    printer: "prn-a",
    started_at: "2026-11-21T00:00:00Z",
  }) as unknown as Run;
const at = (...runs: Run[]) => {
  const { steps } = pathOfLine(progress, plan, [plate], runs, []);
  const step = steps.find((each) => each.state !== "done");
  return step ? `${step.name} ${step.state}` : "end";
};

test("a line stands where its run stands", () => {
  assert.equal(at(run("queued")), "Decision current");
  assert.equal(at(run("approval")), "Decision person");
  assert.equal(at(run("uploading")), "Uploaded current");
  assert.equal(at(run("starting")), "Started current");
  assert.equal(at(run("printing")), "Printing current");
  assert.equal(at(run("attention")), "Printing person");
  assert.equal(at(run("inspecting")), "Inspected person");
  assert.equal(at(run("passed")), "Fulfilled current");
});

test("a rejected model stops the path at its first station", () => {
  const { steps } = pathOfLine(progress, { ...plan, state: "rejected" }, [], [], []);
  assert.deepEqual(steps.map((step) => step.state).slice(0, 2), ["stopped", "todo"]);
});

test("finished parts on the bed wait for the bed first", () => {
  const bed = { id: "prn-a", bed: "occupied", ticket: null } as unknown as Printer;
  const { steps } = pathOfLine(progress, plan, [plate], [run("inspecting")], [bed]);
  assert.equal(steps.find((step) => step.state === "person")?.name, "Bed clear");
});

test("a complete line has every station behind it", () => {
  const { steps } = pathOfLine(
    { ...progress, state: "complete" },
    plan,
    [plate],
    [run("passed")],
    [],
  );
  assert.ok(steps.every((step) => step.state === "done"));
});

test("the run in trouble leads, then the one that has come furthest", () => {
  assert.equal(
    leadingRun([run("queued", "run-1"), run("printing", "run-2"), run("passed", "run-3")])?.id,
    "run-2",
  );
  assert.equal(leadingRun([run("printing", "run-1"), run("attention", "run-2")])?.id, "run-2");
  assert.equal(leadingRun([]), null);
});
