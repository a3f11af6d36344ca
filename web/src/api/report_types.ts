// The shapes of what the log says about a station's prints, of its files, and of the clock.
import type { RecipeStep, StationError } from "./station_types.ts";
import type { Instant } from "./types.ts";

export interface ReportedChange {
  record: {
    layer: number;
    at_layer: number;
    material: string;
    outcome: "done" | "skipped";
    planned_ms: number;
    actual_ms: number;
    drain_planned_ul: number;
    drain_actual_ul: number;
    fill_planned_ul: number;
    fill_actual_ul: number;
    began_at: Instant | null;
  };
  settled: boolean;
}

export interface PrintReport {
  number: number;
  file: string;
  layers: number;
  plan: RecipeStep[];
  simulation: boolean;
  end: string;
  began_at: Instant | null;
  ended_at: Instant | null;
  changes: ReportedChange[];
  errors: { error: StationError; answer: string; automatic: boolean; outage_ms: number }[];
}

export interface StationReport {
  /** Oldest first. */
  prints: PrintReport[];
  statistics: {
    prints: number;
    succeeded: number;
    success_permille: number;
    changes: number;
    mean_deviation_permille: number;
    largest_deviation_permille: number;
    changes_within_bounds: number;
    recoveries: number;
    mean_recovery_ms: number;
    longest_recovery_ms: number;
  };
}

/** What was noticed while a file or a text was read. */
export interface FileNote {
  reason: string;
  sentence: string;
  /** True if something of it would be lost. */
  loses: boolean;
}

/** A file of a station: which revision it is, and what was noticed in it. */
export interface StationFile {
  revision: number;
  standing: string;
  notes: FileNote[];
}

/** What a text would become as a recipe. */
export interface RecipePreview {
  /** False if a part of the text could not be read. */
  ok: boolean;
  steps: RecipeStep[];
  notes: FileNote[];
}

export interface ClockReport {
  offset_ms: number | null;
  offset_verdict: { reason: string; sentence: string } | null;
  verdict: { reason: string; sentence: string };
}
