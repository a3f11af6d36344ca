import assert from "node:assert/strict";
import test from "node:test";
import type { LogEvent, Plate } from "../api/types.ts";
import { Store } from "./store.ts";

const plate = (id: string, version: number, state: Plate["state"] = "waiting") =>
  ({ id, version, state }) as Plate;
const event = (gantryseq: number) => ({ gantryseq }) as LogEvent;

test("an older version never replaces a newer one", () => {
  const store = new Store();
  store.put("plate", plate("plt-a", 3, "printing"));
  store.put("plate", plate("plt-a", 2));
  assert.equal(store.get("plate", "plt-a")?.state, "printing");
});

test("only those who look at an entity hear of it", () => {
  const store = new Store();
  let a = 0;
  let b = 0;
  store.subscribe("plate/plt-a", () => ++a);
  const stop = store.subscribe("plate/plt-b", () => ++b);
  store.put("plate", plate("plt-a", 1));
  stop();
  store.put("plate", plate("plt-b", 1));
  assert.deepEqual([a, b], [1, 0]);
});

test("a list is the same array until one of its kind changes", () => {
  const store = new Store();
  store.put("plate", plate("plt-a", 1));
  const before = store.all("plate");
  assert.equal(store.all("plate"), before);
  store.put("plate", plate("plt-a", 2));
  assert.notEqual(store.all("plate"), before);
});

test("events are kept once, newest first", () => {
  const store = new Store();
  store.addEvents([event(2), event(3)]);
  store.addEvents([event(1), event(3)]);
  assert.deepEqual(
    store.log().map((each) => each.gantryseq),
    [3, 2, 1],
  );
});
