// Pumps by hand: one at a time, never while the printer prints.
import { useState } from "react";
import type { Direction, Station, StationPump } from "../api/station_types.ts";
import { Act } from "../parts/act.tsx";
import { Glyph } from "../parts/badge.tsx";
import { Field } from "../parts/field.tsx";
import { Panel } from "../parts/page.tsx";
import { Empty } from "../parts/states.tsx";
import { Choice, NumberInput } from "../parts/text_input.tsx";
import { Since } from "../parts/when.tsx";
import { useCan } from "../state/session.ts";
import { manualObjection, millilitres, needsWord } from "../state/station_rules.ts";
import type { StationProps } from "./station_area.tsx";

const seconds_min = 0.5;
const seconds_max = 120;

export function PumpsPage({ station, live }: StationProps) {
  const operator = useCan("operator");
  const [idle, setIdle] = useState(false);
  const objection = manualObjection(station, live?.value);
  const vouch = needsWord(live?.value) && !objection;
  if (station.setup.pumps.length === 0)
    return (
      <Empty title="No pump yet">
        <p>Name the pumps of this station in its settings, as the guard's file calls them.</p>
        <a className="button primary" href={`#/stations/${station.id}/setup`}>
          Settings
        </a>
      </Empty>
    );
  return (
    <>
      {objection && (
        <p className="notice person" id="objection">
          <Glyph tone="person" />
          <span>Pumps cannot be run by hand now. {objection}</span>
        </p>
      )}
      {vouch && (
        <div className="notice person">
          <Glyph tone="person" />
          <span>The printer does not answer, so nobody knows whether it moves.</span>
          <div className="choices">
            <label>
              <input
                type="checkbox"
                checked={idle}
                onChange={(event) => setIdle(event.target.checked)}
              />
              I have looked: the printer stands still
            </label>
          </div>
        </div>
      )}
      <div className="columns">
        <PumpLamps station={station} live={live} />
        {operator && (
          <RunForm
            station={station}
            off={objection !== "" || (vouch && !idle)}
            idle={vouch && idle}
          />
        )}
      </div>
    </>
  );
}

function titleOf(pump: StationPump): string {
  return pump.role === "drain" ? `Drain (${pump.name})` : `${pump.material} (${pump.name})`;
}

function PumpLamps({ station, live }: StationProps) {
  const operator = useCan("operator");
  const lines = live?.value.pumps.lines ?? [];
  return (
    <Panel title="Pumps">
      <ul className="lamps">
        {station.setup.pumps.map((pump) => {
          const line = lines.find((each) => each.pump === pump.name);
          const run = station.run?.pump === pump.name ? station.run : null;
          const on = line?.is_on || run !== null;
          return (
            <li key={pump.name} className={on ? "on" : ""} data-pump={pump.name}>
              <i className="lamp" aria-hidden="true" />
              <div>
                <b>{titleOf(pump)}</b>
                <p className="soft">
                  {on ? "runs" : "off"}
                  {run && (
                    <>
                      {" "}
                      since <Since at={run.began_at} />, {run.direction},{" "}
                      {(run.planned_ms / 1000).toFixed(1)} s planned
                      {run.simulation && " · SIMULATION"}
                    </>
                  )}
                  {line &&
                    ` · ${Math.round(line.window_used_ms / 1000)} of ` +
                      `${Math.round(line.window_limit_ms / 1000)} s of on-time used`}
                </p>
              </div>
              {operator && run && (
                <Act
                  label="Stop"
                  look="danger"
                  path={`/stations/${station.id}/pumps/${pump.name}/stop`}
                  done={`Pump ${pump.name} is asked to stop.`}
                />
              )}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function RunForm({ station, off, idle }: { station: Station; off: boolean; idle: boolean }) {
  const pumps = station.setup.pumps;
  const [name, setName] = useState(pumps[0]?.name ?? "");
  const [direction, setDirection] = useState<Direction>("forward");
  const [seconds, setSeconds] = useState(5);
  const pump = pumps.find((each) => each.name === name) ?? pumps[0];
  if (!pump) return null;
  const wrong = !(seconds >= seconds_min && seconds <= seconds_max);
  const back = pump.direction === "forward" ? "reverse" : "forward";
  const runs = [
    ["Run", wrong, { direction, duration_ms: Math.round(seconds * 1000) }],
    [`Prime: 10 s ${pump.direction}`, false, { preset: "prime" }],
    [`Clean: 30 s ${back}`, false, { preset: "clean" }],
  ] as const;
  return (
    <Panel title="Run a pump">
      <div className="form">
        <Field label="Pump">
          <Choice
            value={pump.name}
            onValue={setName}
            options={pumps.map((each) => [each.name, titleOf(each)] as const)}
          />
        </Field>
        <Field label="Direction">
          <Choice
            value={direction}
            onValue={(value) => setDirection(value as Direction)}
            options={[
              ["forward", "Forward"],
              ["reverse", "Reverse"],
            ]}
          />
        </Field>
        <Field
          label="Duration, s"
          hint={wrong ? "" : `about ${millilitres(seconds * pump.flow_ul_per_s)} at its flow`}
          error={wrong ? "Between 0.5 and 120 seconds." : ""}
        >
          <NumberInput
            value={seconds}
            onValue={setSeconds}
            min={seconds_min}
            max={seconds_max}
            step={0.5}
          />
        </Field>
        <div className="actions">
          {runs.map(([label, refused, body]) =>
            off || refused || station.run ? (
              <button key={label} type="button" className="button" disabled>
                {label}
              </button>
            ) : (
              <Act
                key={label}
                label={label}
                look={label === "Run" ? "primary" : "plain"}
                path={`/stations/${station.id}/pumps/${pump.name}/run`}
                body={idle ? { ...body, printer_is_idle: true } : body}
                done={`Pump ${pump.name} runs.`}
              />
            ),
          )}
        </div>
        {station.run && <p className="hint">Only one pump runs at a time.</p>}
      </div>
    </Panel>
  );
}
