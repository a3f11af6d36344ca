// All resin stations.
import { word } from "../format/words.ts";
import { Badge } from "../parts/badge.tsx";
import { Icon } from "../parts/icon.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Skeleton } from "../parts/states.tsx";
import { Age } from "../parts/when.tsx";
import { useAll, useEntity, useLive, useLoaded } from "../state/hooks.ts";
import { useCan } from "../state/session.ts";
import { exactPercent, hasOpenJob } from "../state/station_rules.ts";

export function StationsPage() {
  const loaded = useLoaded();
  const admin = useCan("admin");
  const stations = useAll("station")
    .filter((each) => !each.retired)
    .sort((a, b) => a.setup.name.localeCompare(b.setup.name));
  const add = admin && (
    <a className="button primary" href="#/stations/new">
      <Icon name="plus" />
      Add a station
    </a>
  );
  return (
    <Page title="Stations" beside={stations.length > 0 && add}>
      {!loaded ? (
        <Skeleton />
      ) : stations.length === 0 ? (
        <Empty title="No station yet">
          <p>
            A station is a resin printer whose vat is drained and refilled by pumps, so that one
            print is made of several materials.
          </p>
          {add}
        </Empty>
      ) : (
        <ul className="tiles">
          {stations.map((each) => (
            <StationTile key={each.id} id={each.id} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function StationTile({ id }: { id: string }) {
  const station = useEntity("station", id);
  const live = useLive("station", id);
  if (!station) return null;
  const seen = live?.value;
  const state = word("station", station.state);
  const trouble = seen?.attention[0];
  const open = hasOpenJob(station);
  return (
    <li className={`tile tone-${trouble ? "stop" : state.tone} ${seen?.stale ? "stale" : ""}`}>
      <div className="tile-head">
        <div>
          <a className="tile-name" href={`#/stations/${id}`}>
            {station.setup.name}
          </a>
          <Badge {...state} />
        </div>
        <Age live={live} />
      </div>
      {open && <p className="tile-work">{station.job?.file}</p>}
      {open && seen && (
        <div className="progress">
          <progress
            max={1000}
            value={seen.progress_permille}
            aria-label={`Progress of ${station.setup.name}`}
          />
          <div>
            <span>{exactPercent(seen.progress_permille)}</span>
            <span>
              layer {seen.report.layer} of {seen.report.layers || "?"}
            </span>
          </div>
        </div>
      )}
      {trouble && <p className="why">{trouble.sentence}</p>}
      <div className="tile-foot">
        {seen?.simulation && <b>SIMULATION</b>}
        <span>vat: {seen?.active_material || "not known"}</span>
        {seen?.next_change && (
          <span>
            next: {seen.next_change.material} at layer {seen.next_change.layer}
          </span>
        )}
      </div>
    </li>
  );
}
