// The small pure rules: sentences, fields, routes, keys.
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import test from "node:test";
import { newKey } from "../api/key.ts";
import { Problem, problemFrom } from "../api/problem.ts";
import { errorFor, fieldOf } from "./field_errors.ts";
import { fill } from "./reasons.ts";
import { parseHash } from "./router.ts";

// Node 18 keeps it to itself; browsers and later versions do not.
globalThis.crypto ??= webcrypto as Crypto;

test("placeholders are filled and unknown ones left out", () => {
  assert.equal(fill("{printer} says {what}.", { printer: "Ada" }), "Ada says .");
});

test("a refusal finds its field", () => {
  const wrong = new Problem(422, "field_invalid", "It is empty.", {
    field: "setup.slots[0].material",
  });
  assert.equal(errorFor(wrong, "setup.slots"), "It is empty.");
  assert.equal(errorFor(wrong, "setup.name"), "");
  assert.equal(
    fieldOf(new Problem(422, "order_line_not_divisible", "", { line: "2" })),
    "lines[2].pieces_per_plate",
  );
  assert.equal(fieldOf(new Problem(409, "printer_name_taken", "")), "setup.name");
});

test("an answer that is no problem document still gets a sentence", () => {
  assert.match(problemFrom(502, "<html>").message, /status 502/);
  assert.equal(problemFrom(409, '{"detail":"No.","reason":"busy"}').reason, "busy");
});

test("addresses are read with their query", () => {
  const route = parseHash("#/login?token=a%2Bb");
  assert.deepEqual(route.parts, ["login"]);
  assert.equal(route.query.get("token"), "a+b");
  assert.deepEqual(parseHash("").parts, []);
});

test("every key is new and plain", () => {
  assert.match(newKey(), /^[0-9a-f]{32}$/);
  assert.notEqual(newKey(), newKey());
});
