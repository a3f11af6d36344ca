// The way from a new station to its first print, one step after the other.
import type { Station, StationLive } from "../api/station_types.ts";
import { hasOpenJob } from "./station_rules.ts";

export interface GuideStep {
  id: "pumps" | "printer" | "guard" | "direction" | "levels" | "recipe" | "start";
  done: boolean;
  title: string;
  /** What to do, in one sentence. */
  how: string;
  /** Page of the station where it is done; empty for the overview. */
  page: string;
}

/** True until the station's first print is under way. */
export function needsGuide(station: Station): boolean {
  return station.past.length === 0 && !hasOpenJob(station);
}

/** Every step, in the order in which a person does them at the machine. */
export function firstPrintSteps(station: Station, live: StationLive | undefined): GuideStep[] {
  const { setup } = station;
  const fills = setup.pumps.filter((pump) => pump.role === "fill");
  const drain = setup.pumps.find((pump) => pump.role === "drain");
  const filled = fills.filter((pump) =>
    station.levels.some((level) => level.pump === pump.name && level.remaining_ul > 0),
  );
  return [
    {
      id: "pumps",
      done: fills.length > 0 && drain !== undefined && (setup.pump_bank !== "" || setup.dry_run),
      title: "Name the pumps",
      how: "One pump for each material and one that drains the vat.",
      page: "setup",
    },
    {
      id: "printer",
      done: live !== undefined && !live.stale,
      title: "Reach the printer",
      how: "Switch it on, and test its address.",
      page: "setup",
    },
    {
      id: "guard",
      done: setup.dry_run || live?.pumps.connected === true,
      title: "Connect the pumps",
      how: "The guard's file has to name this station's lines.",
      page: "setup",
    },
    {
      id: "direction",
      done: drain?.direction_confirmed === true,
      title: "See which way the drain turns",
      how: "Let it run for a moment, with a vessel below, and confirm what you saw.",
      page: "calibration",
    },
    {
      id: "levels",
      done: fills.length > 0 && filled.length === fills.length,
      title: "Fill the reservoirs",
      how: "Say how much each of them holds, so that none runs empty in mid-print.",
      page: "",
    },
    {
      id: "recipe",
      done: station.recipe.length > 0,
      title: "Write the recipe",
      how: "Which material begins at which layer.",
      page: "recipe",
    },
    {
      id: "start",
      done: false,
      title: "Start the print",
      how: "Choose a file of the printer; every check is listed before anything moves.",
      page: "start",
    },
  ];
}
