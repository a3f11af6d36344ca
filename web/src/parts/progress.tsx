// A print's progress: bar, share, time left.
import { duration, exactMoment, moment } from "../format/duration.ts";
import { percent } from "../format/measure.ts";
import { useSession } from "../state/session.ts";
import { useNow } from "../state/ticker.ts";

interface ProgressProps {
  permille: number;
  left_s: number | null;
  label: string;
  paused?: boolean;
}

export function Progress({ permille, left_s, label, paused = false }: ProgressProps) {
  const now = useNow(30);
  const session = useSession();
  const demo = session.phase === "in" && session.session.demo !== null;
  const end = new Date(now + (left_s ?? 0) * 1000);
  return (
    <div className={paused ? "progress paused" : "progress"}>
      <progress max={1000} value={permille} aria-label={label} />
      <div>
        <span>{percent(permille)}</span>
        {left_s !== null && (
          <span title={demo ? "In the printer's own time" : exactMoment(end)}>
            {duration(left_s)} left{demo || paused ? "" : `, done ${moment(end, new Date(now))}`}
          </span>
        )}
      </div>
    </div>
  );
}
