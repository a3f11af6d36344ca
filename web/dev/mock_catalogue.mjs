// The reason catalogue, read from the C++ source, so that the mock speaks the same sentences.
import { readFileSync } from "node:fs";

const source = readFileSync(new URL("../../schemas/reason.cpp", import.meta.url), "utf8");
const entry =
  /\{reason::(\w+),\s*"(\w+)",\s*(\w+),\s*(\w+),\s*(true|false),\s*(\d+),\s*((?:"[^"]*"\s*)+)\}/g;

export const reasons = [...source.matchAll(entry)].map(
  ([, , name, severity, who, safe, status, text], index) => ({
    name,
    code: index,
    severity,
    who: who.replace(/_$/, ""),
    retry_safe: safe === "true",
    status: Number(status),
    text: [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((part) => part[1]).join(""),
  }),
);

const byName = new Map(reasons.map((each) => [each.name, each]));

export const entryOf = (name) => byName.get(name) ?? byName.get("internal_error");

export const render = (name, params = {}) =>
  entryOf(name).text.replace(/\{(\w+)\}/g, (_, key) => params[key] ?? "");
