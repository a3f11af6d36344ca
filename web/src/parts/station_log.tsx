// The station's activity, newest first, by category.
import { useEffect, useRef, useState } from "react";
import { get } from "../api/http.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { Station } from "../api/station_types.ts";
import type { LogEvent, Page } from "../api/types.ts";
import { useLoaded, useLog } from "../state/hooks.ts";
import { categories, categoryOf, type Category, isSimulation } from "../state/station_rules.ts";
import { store } from "../state/store.ts";
import { position } from "../state/stream.ts";
import { EventList } from "./event_list.tsx";
import { Panel } from "./page.tsx";
import { Empty, Failed } from "./states.tsx";
import { Choice } from "./text_input.tsx";

/** As many events of the whole log as one page of the API can hold, so that none is cut off. */
const span = 500;

async function readBefore(id: string, seq: number): Promise<void> {
  const after = Math.max(0, seq - span - 1);
  const page = await get<Page<LogEvent>>(`/stations/${id}/history?after=${after}&limit=${span}`);
  store.addEvents(page.items);
}

export function StationLog({ station }: { station: Station }) {
  const loaded = useLoaded();
  const all = useLog();
  const [category, setCategory] = useState<Category | "">("");
  const [from, setFrom] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = useRef(false);
  const read = (seq: number) => {
    setProblem(null);
    readBefore(station.id, seq)
      .then(() => setFrom(Math.max(0, seq - span)))
      .catch((thrown) => setProblem(asProblem(thrown)));
  };
  useEffect(() => {
    if (!loaded || asked.current) return;
    asked.current = true;
    read(position() + 1);
  }, [loaded]);
  const events = all.filter((each) => each.subject === `station/${station.id}`);
  const shown = events.filter((each) => !category || categoryOf(each) === category);
  return (
    <Panel
      title="Activity"
      beside={
        <label className="log-filter">
          <span className="hidden">Category</span>
          <Choice
            value={category}
            onValue={(value) => setCategory(value as Category | "")}
            options={[["", "Every category"], ...categories.map((each) => [each, each] as const)]}
          />
        </label>
      }
    >
      {problem && <Failed problem={problem} retry={() => read(position() + 1)} />}
      {shown.length === 0 ? (
        <Empty title={events.length === 0 ? "Nothing has happened yet" : "No event fits"} />
      ) : (
        <EventList
          events={shown}
          mark={(each) => categoryOf(each) + (isSimulation(each) ? " · SIMULATION" : "")}
        />
      )}
      {from > 1 && (
        <button type="button" className="button" onClick={() => read(from)}>
          Earlier events
        </button>
      )}
    </Panel>
  );
}
