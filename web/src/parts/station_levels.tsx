// What is in the reservoirs and in the waste container, and a way to say so.
import { useState } from "react";
import type { Station } from "../api/station_types.ts";
import { useCan } from "../state/session.ts";
import { millilitres } from "../state/station_rules.ts";
import { Act } from "./act.tsx";
import { Field } from "./field.tsx";
import { Facts, Panel } from "./page.tsx";
import { Choice, NumberInput } from "./text_input.tsx";

export function StationLevels({ station }: { station: Station }) {
  const operator = useCan("operator");
  const fills = station.setup.pumps.filter((pump) => pump.role === "fill");
  const level = (pump: string) =>
    station.levels.find((each) => each.pump === pump)?.remaining_ul ?? 0;
  const waste = station.setup.waste_capacity_ul;
  return (
    <Panel title="Reservoirs and waste">
      <Facts
        items={[
          ...fills.map(
            (pump) =>
              [
                `${pump.material} (pump ${pump.name})`,
                `${millilitres(level(pump.name))} of ${millilitres(pump.reservoir_ul)}`,
              ] as const,
          ),
          ["Waste", `${millilitres(station.waste_used_ul)} of ${millilitres(waste)}`],
        ]}
      />
      {operator && <LevelForm station={station} />}
    </Panel>
  );
}

function LevelForm({ station }: { station: Station }) {
  const fills = station.setup.pumps.filter((pump) => pump.role === "fill");
  const [pump, setPump] = useState(fills[0]?.name ?? "waste");
  const [volume_ml, setVolume] = useState(0);
  return (
    <div className="inline-form">
      <Field label="Container">
        <Choice
          value={pump}
          onValue={setPump}
          options={[
            ...fills.map((each) => [each.name, `Reservoir ${each.material}`] as const),
            ["waste", "Waste container"],
          ]}
        />
      </Field>
      <Field label="Holds now, ml">
        <NumberInput value={volume_ml} onValue={setVolume} min={0} max={50_000} step="any" />
      </Field>
      {volume_ml >= 0 ? (
        <Act
          label="Say so"
          path={`/stations/${station.id}/levels`}
          body={{ pump, volume_ul: Math.round(volume_ml * 1000) }}
          done="Noted."
        />
      ) : (
        <button type="button" className="button" disabled>
          Say so
        </button>
      )}
    </div>
  );
}
