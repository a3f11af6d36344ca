// Which field of a form a refusal belongs to.
import type { Problem } from "../api/problem.ts";

const by_reason: Record<string, string> = {
  printer_name_taken: "setup.name",
  printer_address_taken: "setup.address.host",
  link_dns: "setup.address.host",
  link_refused: "setup.address.port",
  link_timeout: "setup.address.host",
  link_auth: "api_key",
  link_not_klipper: "setup.address.port",
  station_name_taken: "setup.name",
  station_address_taken: "setup.host",
  due_in_the_past: "due",
  zone_unknown: "due",
};

/** The path of the field that `problem` is about, e.g. `lines[0].quantity`, or nothing. */
export function fieldOf(problem: Problem): string {
  const { reason, params } = problem;
  if (params.field && params.field !== "the body") return params.field;
  const line = params.line !== undefined ? `lines[${params.line}]` : "lines[0]";
  if (reason === "order_line_not_divisible") return `${line}.pieces_per_plate`;
  if (reason === "material_unknown") return `${line}.material`;
  if (reason === "profile_unknown") return `${line}.profile`;
  if (reason === "artifact_unknown" || reason === "artifact_not_a_model") return `${line}.model`;
  return by_reason[reason] ?? "";
}

/** The sentence for `field` if `problem` belongs to it or to something inside it. */
export function errorFor(problem: Problem | null, field: string): string {
  if (!problem) return "";
  const about = fieldOf(problem);
  const inside = about.startsWith(`${field}.`) || about.startsWith(`${field}[`);
  return about === field || inside ? problem.message : "";
}
