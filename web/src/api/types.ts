// The shapes that the API serves: one interface per entity of schemas/*.hpp, same field names.
import type { Station, StationLive } from "./station_types.ts";

export type Kind =
  | "order"
  | "plan"
  | "plate"
  | "run"
  | "printer"
  | "station"
  | "breaker"
  | "decision"
  | "artifact"
  | "profile"
  | "material"
  | "token"
  | "settings";

export type Instant = string;
export type Params = Record<string, string>;

/** What every entity has. */
export interface Entity {
  id: string;
  version: number;
}

export interface ColourRule {
  match: "any" | "exact" | "any_of" | "none_of";
  colours: string[];
}

export interface Box {
  x_um: number;
  y_um: number;
  z_um: number;
}

export interface DueDate {
  text: string;
  zone: string;
  at: Instant | null;
}

export interface OrderLine {
  name: string;
  model: string;
  quantity: number;
  pieces_per_plate: number;
  material: string;
  colour: ColourRule;
  profile: string;
}

export type LineState = "preparing" | "producing" | "held" | "complete" | "cancelled";

export interface OrderProgress {
  line: OrderLine;
  plan: string;
  state: LineState;
  why: string;
  why_params: Params;
  pieces_good: number;
  plates: string[];
}

export type OrderState = "accepted" | "producing" | "held" | "fulfilled" | "cancelled";

export interface Order extends Entity {
  state: OrderState;
  reference: string;
  customer: string;
  due: DueDate | null;
  priority: number;
  note: string;
  lines: OrderProgress[];
  accepted_at: Instant | null;
  closed_at: Instant | null;
  customer_record?: { name: string; email: string; note: string } | null;
}

export interface Check {
  id: string;
  version: number;
  verdict: "pass" | "warn" | "fail";
  value: number;
  limit: number;
  unit: string;
  why: string;
}

export interface Estimate {
  duration_s: number;
  filament_mm: number;
  filament_mg: number;
  layers: number;
  height_um: number;
}

export interface PlanRevision {
  number: number;
  profile: string;
  profile_version: number;
  profile_sha256: string;
  slicer: string;
  gcode: string;
  gcode_sha256: string;
  gcode_size_bytes: number;
  estimate: Estimate;
  checks: Check[];
}

export type PlanState =
  "checking" | "slicing" | "ready" | "rejected" | "failed" | "review" | "cancelled" | "done";

export interface Plan extends Entity {
  state: PlanState;
  order: string;
  line: number;
  name: string;
  model: string;
  quantity: number;
  pieces_per_plate: number;
  material: string;
  colour: ColourRule;
  profile: string;
  checks: Check[];
  size: Box;
  revisions: PlanRevision[];
  plates: string[];
  breaker: string;
  why: string;
  why_params: Params;
}

export type ItemOutcome = "pending" | "good" | "failed" | "unknown";

export interface Plate extends Entity {
  state: "waiting" | "printing" | "inspecting" | "passed" | "held" | "cancelled";
  order: string;
  line: number;
  plan: string;
  items: ItemOutcome[];
  runs: string[];
  why: string;
}

export type RunState =
  | "queued"
  | "approval"
  | "reserved"
  | "uploading"
  | "starting"
  | "printing"
  | "paused"
  | "cancelling"
  | "attention"
  | "inspecting"
  | "passed"
  | "failed"
  | "cancelled";

export interface Run extends Entity {
  state: RunState;
  plate: string;
  plan: string;
  order: string;
  ordinal: number;
  priority: number;
  due_at: Instant | null;
  queued_at: Instant | null;
  pending_decision: string;
  approval: { decision: string; printer_class: string; revision: number } | null;
  printer: string;
  decision: string;
  revision: number;
  gcode: string;
  attempt: number;
  file: string;
  answer: "pending" | "acknowledged" | "refused" | "lost";
  started_at: Instant | null;
  ended_at: Instant | null;
  progress_permille: number;
  layer: number;
  print_duration_s: number;
  total_duration_s: number;
  filament_used_mm: number;
  why: string;
  why_params: Params;
  believed: string;
  observed: string;
  attributed_to: Attribution;
  items: ItemOutcome[];
  inspection_note: string;
}

export type Attribution = "unknown" | "plan" | "printer" | "person" | "material";

export interface Slot {
  material: string;
  colour: string;
  nozzle_um: number;
}

export interface PrinterSetup {
  name: string;
  address: { host: string; port: number; has_api_key?: boolean };
  printer_class: string;
  volume: Box;
  slots: Slot[];
  poll_interval_s: number;
}

export interface Ticket {
  run: string;
  plate: string;
  plan: string;
  order: string;
  phase:
    | "reserved"
    | "uploading"
    | "uploaded"
    | "starting"
    | "fencing"
    | "printing"
    | "paused"
    | "attention";
  attempt: number;
  file: string;
  wanted: "none" | "pause" | "resume" | "cancel";
  phase_since: Instant | null;
}

export interface Printer extends Entity {
  setup: PrinterSetup;
  mode: "active" | "maintenance" | "quarantined" | "retired";
  bed: "unknown" | "clear" | "occupied";
  bed_evidence: { by: string; how: string; at: Instant | null };
  ticket: Ticket | null;
  foreign: {
    file: string;
    verdict: "pending" | "ignored" | "adopted";
    seen_at: Instant | null;
  } | null;
  /** The newest print of the machine that was taken into account. */
  last_print: { job: string; file: string; job_due: boolean };
  unreconciled: boolean;
  attention: string;
  attention_params: Params;
}

export interface DeviceReport {
  link: "idle" | "connecting" | "online" | "offline";
  link_reason: string;
  link_detail: string;
  firmware: "unknown" | "disconnected" | "startup" | "ready" | "error" | "shutdown";
  firmware_detail: string;
  print: "unknown" | "standby" | "printing" | "paused" | "complete" | "cancelled" | "error";
  file: string;
  progress_permille: number;
  print_duration_s: number;
  total_duration_s: number;
  filament_used_mm: number;
  layer: number;
  layers: number;
  message: string;
  temperatures: { name: string; actual_mc: number; target_mc: number }[];
  other_queue: string;
  observed_at: Instant | null;
  requests_total: number;
  requests_last_minute: number;
}

export interface Desync {
  since: Instant | null;
  believed: string;
  observed: string;
  for_ms: number;
}

export interface PrinterLive {
  report: DeviceReport | null;
  age_ms: number | null;
  stale: boolean;
  desync: Desync | null;
  attention: { reason: string; sentence: string }[];
}

export interface Waiting {
  printer: string;
  name: string;
  reason: string;
  sentence: string;
  params: Params;
}

export interface RunLive {
  report: DeviceReport | null;
  age_ms: number | null;
  waiting: Waiting[];
  waiting_summary: string;
}

export type Verdict = "allow" | "needs_approval" | "deny";

export interface Decision extends Entity {
  gate: string;
  run: string;
  plan: string;
  revision: number;
  printer: string;
  printer_class: string;
  answer: Verdict;
  risk: "low" | "medium" | "high";
  risk_factors: string[];
  rules: { rule: string; says: Verdict; why: string; why_params: Params }[];
  relied_on: { entity: string; version: number }[];
  made_at: Instant | null;
  expires_at: Instant | null;
  approval: "not_needed" | "pending" | "approved" | "rejected" | "lapsed";
  settled_by: string;
  settled_note: string;
  settled_at: Instant | null;
}

export interface Breaker extends Entity {
  plan: string;
  state: "closed" | "open";
  failures: { run: string; why: string; at: Instant | null }[];
  resets: number;
  opened_at: Instant | null;
}

export interface Artifact extends Entity {
  kind: "model" | "gcode" | "photo";
  name: string;
  sha256: string;
  size_bytes: number;
  stored_at: Instant | null;
}

export interface Profile extends Entity {
  name: string;
  material: string;
  nozzle_um: number;
  bed: Box;
  versions: { number: number; sha256: string }[];
}

export interface Material extends Entity {
  name: string;
  density_mg_per_cm3: number;
}

export type Role = "viewer" | "operator" | "planner" | "admin" | "integration";

export interface Token extends Entity {
  name: string;
  roles: Role[];
  revoked: boolean;
  issued_at: Instant | null;
  /** Present once, in the answer to the request that issued it. */
  secret?: string;
}

export interface Settings extends Entity {
  dispatch_enabled: boolean;
  gated_classes: string[];
  approval_from_risk: "low" | "medium" | "high";
  breaker_limit: number;
  reprint_ceiling: number;
  decision_ttl_s: number;
  upload_deadline_s: number;
  start_deadline_s: number;
  start_lag_s: number;
  settle_after_ready_s: number;
}

/** Which interface belongs to which kind. */
export interface EntityOf {
  order: Order;
  plan: Plan;
  plate: Plate;
  run: Run;
  printer: Printer;
  station: Station;
  breaker: Breaker;
  decision: Decision;
  artifact: Artifact;
  profile: Profile;
  material: Material;
  token: Token;
  settings: Settings;
}

/** Which live record belongs to which kind. */
export interface LiveOf {
  printer: PrinterLive;
  run: RunLive;
  station: StationLive;
}

export interface Session {
  principal: { id: string; name: string; kind: string; roles: Role[] };
  site: string;
  version: string;
  demo: { speed: number } | null;
  now: Instant;
}

export interface ReasonEntry {
  name: string;
  code: number;
  severity: "info" | "notice" | "warning" | "critical";
  who: "nobody" | "caller" | "operator" | "planner" | "admin";
  retry_safe: boolean;
  status: number;
  text: string;
}

/** One event of the log, as CloudEvents 1.0. */
export interface LogEvent {
  id: string;
  type: string;
  subject: string;
  time: Instant;
  gantryseq: number;
  gantryversion: number;
  gantryreason: string;
  gantrysentence: string;
  gantrywho: { id: string; name: string; kind: string };
  data: Record<string, unknown>;
}

export interface Page<T> {
  items: T[];
  next: string | null;
  as_of_seq?: number;
  epoch?: string;
}

/** A problem document of RFC 9457 as the API sends it. */
export interface ProblemDocument {
  title: string;
  status: number;
  detail: string;
  reason: string;
  params: Params;
  retry_safe: boolean;
}
