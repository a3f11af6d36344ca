// Belief and observation differ: what each of them is, and for how long.
import { duration } from "../format/duration.ts";
import type { Desync } from "../api/types.ts";
import { Glyph } from "./badge.tsx";

export function DesyncBadge({ desync, received_ms }: { desync: Desync; received_ms: number }) {
  const for_s = (desync.for_ms + performance.now() - received_ms) / 1000;
  return (
    <p className="desync">
      <Glyph tone="risk" />
      <span>
        Gantry believes <b>{desync.believed}</b>, the machine says <b>{desync.observed}</b> (for
        {duration(for_s)}).
      </span>
    </p>
  );
}
