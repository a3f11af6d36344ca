// A printer drawn as what matters of it: the crossbar at the height of the print, the part below
// it, and what lies on the bed.
import type { Printer } from "../api/types.ts";

interface BedProps {
  bed: Printer["bed"];
  /** Progress of a running print; null if nothing prints. */
  permille: number | null;
}

const top = 8;
const floor = 40;

export function Bed({ bed, permille }: BedProps) {
  const share = permille === null ? (bed === "occupied" ? 1 : 0) : permille / 1000;
  const height = (floor - top - 6) * share;
  const bar = permille === null ? top : floor - 4 - height;
  return (
    <svg
      className={`bed ${permille === null ? bed : "working"}`}
      viewBox="0 0 48 48"
      aria-hidden="true"
    >
      <path className="frame" d="M5 44V6M43 44V6" />
      <path className="bar" d={`M5 ${bar}h38M24 ${bar}v3`} />
      {height > 0 && (
        <rect className="part" x="15" y={floor - height} width="18" height={height} rx="1" />
      )}
      {permille === null && bed === "unknown" && (
        <path className="question" d="M20 27a4 4 0 1 1 5.5 3.7c-1 .5-1.5 1-1.5 2.3M24 36.5v.5" />
      )}
      <path className="plate" d="M10 42h28" />
    </svg>
  );
}
