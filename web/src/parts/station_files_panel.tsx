// The files that a station's settings and recipe stand in: revisions, notes, and reading them again.
import type { Station } from "../api/station_types.ts";
import type { StationFile } from "../api/report_types.ts";
import { useCan } from "../state/session.ts";
import { type Read, useRead } from "../state/use_read.ts";
import { Act } from "./act.tsx";
import { Glyph } from "./badge.tsx";
import { Facts, Panel } from "./page.tsx";

const files = [
  ["network_settings.ini", "settings/network"],
  ["pump_profiles.json", "settings/pumps"],
  ["recipe.txt", "recipe"],
] as const;

function told({ value, problem }: Read<StationFile>): string {
  if (problem) return problem.message;
  return value ? `revision ${value.revision}` : "…";
}

export function StationFiles({ station }: { station: Station }) {
  const operator = useCan("operator");
  const path = `/stations/${station.id}`;
  const content = `${station.recipe_revision} ${JSON.stringify(station.setup)}`;
  const network = useRead<StationFile>(`${path}/${files[0][1]}`, content);
  const pumps = useRead<StationFile>(`${path}/${files[1][1]}`, content);
  const recipe = useRead<StationFile>(`${path}/${files[2][1]}`, content);
  const all = [network, pumps, recipe];
  const notes = all.flatMap((each) => each.value?.notes ?? []);
  return (
    <Panel title="Files">
      <Facts items={files.map(([name], at) => [name, told(all[at]!)] as const)} />
      {notes.map((note) => (
        <p className={note.loses ? "notice risk" : "notice"} key={note.sentence}>
          <Glyph tone={note.loses ? "risk" : "quiet"} />
          <span>{note.sentence}</span>
        </p>
      ))}
      {operator && (
        <div className="actions">
          <Act
            label="Read the files again"
            path={`${path}/reload`}
            done="The files were read. What was edited by hand counts now."
            after={() => all.forEach((each) => each.read())}
          />
        </div>
      )}
    </Panel>
  );
}
