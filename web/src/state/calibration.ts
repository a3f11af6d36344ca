// What timed runs of a pump say about its flow. The API fits them again; this shows it beforehand.

export interface CalibrationRun {
  duration_ms: number;
  volume_ul: number;
}

/** Deviation beyond which air in the line is likely. */
export const spread_permille_max = 100;

/** The line through the origin with the least squares, and the worst run; null without a run. */
export function fitOf(runs: readonly CalibrationRun[]) {
  let above = 0;
  let below = 0;
  for (const run of runs) {
    const seconds = run.duration_ms / 1000;
    above += seconds * run.volume_ul;
    below += seconds * seconds;
  }
  if (below <= 0) return null;
  const flow_ul_per_s = Math.round(above / below);
  const spread = runs.map(({ duration_ms, volume_ul }) => {
    const fitted = Math.max(1, Math.floor((duration_ms * flow_ul_per_s) / 1000));
    return Math.floor((Math.abs(volume_ul - fitted) * 1000) / fitted);
  });
  return { flow_ul_per_s, spread_permille: Math.max(...spread) };
}
