// Every check before a start, one line each, with the sentence of what it found.
import type { StationCheck } from "../api/station_types.ts";
import { word } from "../format/words.ts";
import { Badge } from "./badge.tsx";

const names: Record<string, string> = {
  station: "The station is free",
  printer: "The printer is ready",
  recipe: "The recipe fits the pumps",
  layers: "The recipe fits the file",
  guard: "The pump guard is there",
  drain_direction: "The drain's direction is confirmed",
  waste: "The waste container has room",
  dry_run: "Dry run",
  passed: "Layers that are passed",
  pump_valve: "The air valve may be open that long",
};

function nameOf(id: string): string {
  if (names[id]) return names[id];
  const [area, ...rest] = id.split("_");
  if (area === "pump") return `Pump ${rest.join("_")} may run that long`;
  if (area === "windows") return `Changes lie far enough apart for ${rest.join("_")}`;
  if (area === "reservoir") return `Reservoir of pump ${rest.join("_")} holds enough`;
  return id.replaceAll("_", " ");
}

export function StationChecks({ checks }: { checks: readonly StationCheck[] }) {
  return (
    <ul className="station-checks" aria-label="Checks before the start">
      {checks.map((each) => (
        <li key={each.id} data-check={each.id} data-verdict={each.verdict}>
          <Badge {...word("check", each.verdict)} />
          <div>
            <b>{nameOf(each.id)}</b>
            {each.verdict !== "pass" && <p>{each.sentence}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}
