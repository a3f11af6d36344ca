// Calibration: timed runs, what came out of each, the flow that fits them, and the right direction.
import { useState } from "react";
import type { Direction, StationPump } from "../api/station_types.ts";
import { Act } from "../parts/act.tsx";
import { Glyph } from "../parts/badge.tsx";
import { Field } from "../parts/field.tsx";
import { Facts, Panel } from "../parts/page.tsx";
import { Empty } from "../parts/states.tsx";
import { Choice, NumberInput } from "../parts/text_input.tsx";
import { type CalibrationRun, fitOf, spread_permille_max } from "../state/calibration.ts";
import { sentence } from "../state/reasons.ts";
import { useCan } from "../state/session.ts";
import { exactPercent, manualObjection, millilitres, needsWord } from "../state/station_rules.ts";
import type { StationProps } from "./station_area.tsx";

const runs_max = 20;

export function CalibrationPage({ station, live }: StationProps) {
  const { pumps } = station.setup;
  const operator = useCan("operator");
  const [name, setName] = useState(pumps[0]?.name ?? "");
  const pump = pumps.find((each) => each.name === name);
  if (!pump) return <Empty title="No pump yet">Name the pumps in the settings first.</Empty>;
  const objection =
    manualObjection(station, live?.value) ||
    (needsWord(live?.value) ? "The printer does not answer." : "");
  const confirmed = pump.direction_confirmed ? "confirmed" : "not confirmed yet";
  return (
    <>
      {objection && (
        <p className="notice person">
          <Glyph tone="person" />
          <span>No pump can be run now. {objection}</span>
        </p>
      )}
      <Panel title="Pump">
        <div className="form">
          <Field label="Pump to calibrate">
            <Choice
              value={name}
              onValue={setName}
              options={pumps.map((each) => [each.name, each.name] as const)}
            />
          </Field>
        </div>
        <Facts
          items={[
            ["Flow in use", `${(pump.flow_ul_per_s / 1000).toFixed(2)} ml/s`],
            ["Direction", `${pump.direction}, ${confirmed}`],
          ]}
        />
      </Panel>
      {operator && (
        <Wizard
          key={name}
          path={`/stations/${station.id}/pumps/${name}`}
          pump={pump}
          running={station.run !== null}
          blocked={objection !== "" || station.run !== null}
        />
      )}
    </>
  );
}

interface WizardProps {
  path: string;
  pump: StationPump;
  /** A pump runs: what came out is not known yet. */
  running: boolean;
  blocked: boolean;
}

function Wizard({ path, pump, running, blocked }: WizardProps) {
  const [runs, setRuns] = useState<CalibrationRun[]>([]);
  const [direction, setDirection] = useState<Direction>(pump.direction);
  const [seen, setSeen] = useState(false);
  const fit = fitOf(runs);
  const turn = (value: string) => {
    setDirection(value as Direction);
    setSeen(false);
  };
  const clear = () => {
    setRuns([]);
    setSeen(false);
  };
  return (
    <div className="columns">
      <Panel title="1. Run and measure">
        <TimedRun
          {...{ path, pump, blocked, direction, turn }}
          add={(run) => setRuns([...runs, run].slice(-runs_max))}
        />
      </Panel>
      <Panel title="2. Confirm and record">
        <ul className="steps" aria-label="Measurements">
          {runs.map((run, index) => (
            <li key={index}>
              <span>{(run.duration_ms / 1000).toFixed(1)} s</span>
              <span>{millilitres(run.volume_ul)}</span>
            </li>
          ))}
        </ul>
        {fit ? (
          <Facts
            items={[
              ["Fitted flow", <b>{(fit.flow_ul_per_s / 1000).toFixed(2)} ml/s</b>],
              ["Spread", exactPercent(fit.spread_permille)],
            ]}
          />
        ) : (
          <p className="soft">Without a measurement the direction alone is recorded.</p>
        )}
        {fit && fit.spread_permille > spread_permille_max && (
          <p className="notice risk">
            <Glyph tone="risk" />
            <span>
              {sentence("calibration_spread", {
                pump: pump.name,
                percent: String(Math.floor(fit.spread_permille / 10)),
              })}
            </span>
          </p>
        )}
        <div className="choices">
          <label>
            <input
              type="checkbox"
              checked={seen}
              onChange={(event) => setSeen(event.target.checked)}
            />
            {pump.role === "drain"
              ? `I have seen that ${direction} empties the vat into the waste`
              : `I have seen that ${direction} fills the vat from the reservoir`}
          </label>
        </div>
        <div className="actions">
          {seen && !running ? (
            <Act
              label="Record"
              look="primary"
              path={`${path}/calibration`}
              body={{ runs, direction }}
              done={`Pump ${pump.name} is calibrated.`}
              after={clear}
            />
          ) : (
            <button type="button" className="button" disabled>
              Record
            </button>
          )}
          {runs.length > 0 && (
            <button type="button" className="button" onClick={clear}>
              Begin anew
            </button>
          )}
        </div>
      </Panel>
    </div>
  );
}

interface TimedRunProps extends Omit<WizardProps, "running"> {
  direction: Direction;
  turn: (direction: string) => void;
  add: (run: CalibrationRun) => void;
}

function TimedRun({ path, pump, blocked, direction, turn, add }: TimedRunProps) {
  const [seconds, setSeconds] = useState(10);
  const [volume_ml, setVolume] = useState(Number.NaN);
  const wrong = !(seconds >= 0.5 && seconds <= 120);
  const duration_ms = Math.round(seconds * 1000);
  return (
    <div className="form">
      <p>
        Lead the {pump.role === "drain" ? "waste line" : "outlet"} into a measuring cylinder, run
        the pump, and enter what came out. Three runs of different length are good.
      </p>
      <Field label="Direction">
        <Choice
          value={direction}
          onValue={turn}
          options={[
            ["forward", "Forward"],
            ["reverse", "Reverse"],
          ]}
        />
      </Field>
      <Field label="Run for, s" error={wrong ? "Between 0.5 and 120 seconds." : ""}>
        <NumberInput value={seconds} onValue={setSeconds} min={0.5} max={120} step={0.5} />
      </Field>
      <div className="actions">
        {blocked || wrong ? (
          <button type="button" className="button" disabled>
            Run
          </button>
        ) : (
          <Act
            label="Run"
            look="primary"
            path={`${path}/run`}
            body={{ direction, duration_ms }}
            done={`Pump ${pump.name} runs for ${seconds} s.`}
          />
        )}
      </div>
      <Field label="Measured, ml">
        <NumberInput value={volume_ml} onValue={setVolume} min={0.1} max={5000} step="any" />
      </Field>
      <div className="actions">
        <button
          type="button"
          className="button"
          disabled={wrong || !(volume_ml > 0)}
          onClick={() => {
            add({ duration_ms, volume_ul: Math.round(volume_ml * 1000) });
            setVolume(Number.NaN);
          }}
        >
          Add the measurement
        </button>
      </div>
    </div>
  );
}
