// The pages of one station: what they share is the emergency stop, the marks and the way between.
import { type ReactNode, useEffect, useRef } from "react";
import type { Station, StationLive } from "../api/station_types.ts";
import { Act } from "../parts/act.tsx";
import { Glyph } from "../parts/badge.tsx";
import { EmergencyStop } from "../parts/emergency_stop.tsx";
import { Page } from "../parts/page.tsx";
import { Failed, Skeleton } from "../parts/states.tsx";
import { useFetched, useLive } from "../state/hooks.ts";
import { sentence } from "../state/reasons.ts";
import { useCan } from "../state/session.ts";
import type { Received } from "../state/store.ts";
import { CalibrationPage } from "./station_calibration_page.tsx";
import { StationOverview } from "./station_page.tsx";
import { PumpsPage } from "./station_pumps_page.tsx";
import { RecipePage } from "./station_recipe_page.tsx";
import { RecordPage } from "./station_record_page.tsx";
import { SetupPage } from "./station_setup_page.tsx";
import { StartPage } from "./station_start_page.tsx";

export interface StationProps {
  station: Station;
  live: Received<StationLive> | undefined;
}

type Row = readonly [path: string, label: string, show: (props: StationProps) => ReactNode];

const overview: Row = ["", "Overview", StationOverview];
const pages: readonly Row[] = [
  overview,
  ["start", "Start", StartPage],
  ["recipe", "Recipe", RecipePage],
  ["pumps", "Pumps", PumpsPage],
  ["calibration", "Calibration", CalibrationPage],
  ["record", "Record", RecordPage],
  ["setup", "Settings", SetupPage],
];

export function StationArea({ id, action }: { id: string; action: string }) {
  const { entity: station, problem, reload } = useFetched("station", id);
  const live = useLive("station", id);
  const [here, text, Show] = pages.find(([path]) => path === action) ?? overview;
  const name = station?.setup.name ?? "Station";
  const nav = useRef<HTMLElement>(null);
  // On a phone the row of pages is wider than the screen.
  useEffect(() => {
    const chosen = nav.current?.querySelector("[aria-current]");
    chosen?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [here]);
  return (
    <Page title={here ? `${name}: ${text}` : name} back={{ href: "#/stations", text: "Stations" }}>
      <EmergencyStop id={id} name={name} />
      <nav ref={nav} className="segments station-nav" aria-label={`Pages of ${name}`}>
        {pages.map(([path, label]) => (
          <a
            key={path}
            href={`#/stations/${id}${path && `/${path}`}`}
            className={path === here ? "chosen" : ""}
            aria-current={path === here ? "page" : undefined}
          >
            {label}
          </a>
        ))}
      </nav>
      {station ? (
        <div>
          <Marks station={station} live={live} />
          <Show station={station} live={live} />
        </div>
      ) : problem ? (
        <Failed problem={problem} retry={reload} />
      ) : (
        <Skeleton />
      )}
    </Page>
  );
}

/** What must be seen on every page of the station. */
function Marks({ station, live }: StationProps) {
  const operator = useCan("operator");
  const dry = station.setup.dry_run || (station.job?.end === "running" && station.job.simulation);
  return (
    <>
      {(dry || live?.value.simulation) && (
        <p className="notice simulation">
          <b>SIMULATION</b>
          <span>
            {dry
              ? "A dry run: times pass, but no pump is switched on."
              : "The pumps are simulated; nothing flows."}
          </span>
        </p>
      )}
      {station.latched && (
        <div className="notice stop">
          <Glyph tone="stop" />
          <span>
            {sentence("emergency_stopped", { station: station.setup.name })}
            {station.safety_lock && " The safety lock lasts 3 s."}
          </span>
          {operator &&
            (station.safety_lock ? (
              <button type="button" className="button" disabled>
                Safety lock …
              </button>
            ) : (
              <Act
                label="I have looked: acknowledge"
                look="primary"
                path={`/stations/${station.id}/acknowledge`}
                done="Acknowledged. Nothing resumes by itself."
              />
            ))}
        </div>
      )}
    </>
  );
}
