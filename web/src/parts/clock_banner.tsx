// Says so if this computer's clock and the farm's differ by more than a minute.
import { useEffect, useState } from "react";
import type { ClockReport } from "../api/report_types.ts";
import { get } from "../api/http.ts";
import { Glyph } from "./badge.tsx";

const offset_max_ms = 60_000;
const again_ms = 10 * 60_000;

async function ask(): Promise<ClockReport> {
  return get<ClockReport>(`/clock?client_time=${encodeURIComponent(new Date().toISOString())}`);
}

export function ClockBanner() {
  const [clock, setClock] = useState<ClockReport | null>(null);
  useEffect(() => {
    const look = () => void ask().then(setClock, () => setClock(null));
    look();
    const timer = setInterval(look, again_ms);
    return () => clearInterval(timer);
  }, []);
  if (!clock || Math.abs(clock.offset_ms ?? 0) <= offset_max_ms) return null;
  return (
    <div className="banner person">
      <Glyph tone="person" />
      <span>{clock.offset_verdict?.sentence}</span>
    </div>
  );
}
