// The shapes of resin stations. Volumes are microlitres, times milliseconds unless named otherwise.
import type { Entity, Instant, Params } from "./types.ts";

export type Direction = "forward" | "reverse";

export interface StationPump {
  name: string;
  role: "fill" | "drain";
  material: string;
  flow_ul_per_s: number;
  direction: Direction;
  direction_confirmed: boolean;
  max_volume_ul: number;
  reservoir_ul: number;
}

export interface ChangeParameters {
  quiescence_s: number;
  plate_clear_delay_s: number;
  drain_volume_ul: number;
  fill_volume_ul: number;
  settle_delay_s: number;
}

export interface StationSetup {
  name: string;
  host: string;
  port: number;
  poll_interval_ms: number;
  reply_timeout_ms: number;
  offline_grace_s: number;
  pump_bank: string;
  pumps: StationPump[];
  valve_during_drain: boolean;
  waste_capacity_ul: number;
  change: ChangeParameters;
  initial_material: string;
  dry_run: boolean;
}

export interface RecipeStep {
  layer: number;
  material: string;
}

export interface PumpRun {
  pump: string;
  purpose: "manual" | "drain" | "fill";
  direction: Direction;
  planned_ms: number;
  simulation: boolean;
  began_at: Instant | null;
}

export interface MaterialChange {
  index: number;
  layer: number;
  material: string;
  step: string;
  steps: { step: string }[];
  held: string;
  held_params: Params;
}

export interface ChangeRecord {
  index: number;
  at_layer: number;
  material: string;
  outcome: "done" | "skipped";
  actual_ms: number;
  drain_actual_ul: number;
  fill_actual_ul: number;
}

export interface StationJob {
  file: string;
  plan: RecipeStep[];
  recipe_revision: number;
  simulation: boolean;
  /** Empty while nobody knows what the vat holds. */
  active_material: string;
  /** What a person wants and the printer does not show yet. */
  asked: "none" | "pause" | "stop";
  asked_accepted: boolean;
  change: MaterialChange | null;
  changes: ChangeRecord[];
  /** `running` while the job is open. */
  end: string;
  why: string;
  began_at: Instant | null;
}

export type StationAnswer = "continue" | "redo" | "skip" | "abort";

export interface StationError {
  cause: string;
  why: string;
  why_params: Params;
  /** 0 if it goes on alone. */
  question: number;
  choices: StationAnswer[];
  since: Instant | null;
}

export interface Station extends Entity {
  setup: StationSetup;
  retired: boolean;
  state: string;
  error: StationError | null;
  recipe: RecipeStep[];
  recipe_revision: number;
  levels: { pump: string; remaining_ul: number }[];
  waste_used_ul: number;
  run: PumpRun | null;
  job: StationJob | null;
  /** Its last jobs, oldest first. */
  past: { file: string; end: string }[];
  latched: boolean;
  safety_lock: boolean;
}

export interface ResinReport {
  state: "unknown" | "stopped" | "printing" | "paused" | "finished" | "stopping";
  file: string;
  layer: number;
  layers: number;
  remaining_s: number;
  model: string;
  round_trip_ms: number;
}

export interface StationLive {
  report: ResinReport;
  stale: boolean;
  age_ms: number | null;
  pumps: {
    connected: boolean;
    lines: {
      pump: string;
      is_on: boolean;
      window_used_ms: number;
      window_limit_ms: number;
      window_ms: number;
    }[];
  };
  progress_permille: number;
  /** `INITIAL` before the first change, empty if it is unknown. */
  active_material: string;
  next_change: RecipeStep | null;
  simulation: boolean;
  attention: { reason: string; sentence: string }[];
}

export interface StationCheck {
  id: string;
  verdict: "pass" | "warn" | "fail";
  sentence: string;
}

export interface PrinterFile {
  file: string;
  internal_file: string;
  /** 0 if it is not known. */
  layers: number;
}
