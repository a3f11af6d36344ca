// Everything that happened, as the log has it.
import { useEffect, useMemo, useRef, useState } from "react";
import { get } from "../api/http.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import type { LogEvent } from "../api/types.ts";
import { EventList } from "../parts/event_list.tsx";
import { Page } from "../parts/page.tsx";
import { Empty, Failed, Skeleton } from "../parts/states.tsx";
import { Choice, TextInput } from "../parts/text_input.tsx";
import { useLoaded, useLog } from "../state/hooks.ts";
import { store } from "../state/store.ts";
import { position } from "../state/stream.ts";

const step = 200;
const areas = [
  "order",
  "plan",
  "plate",
  "run",
  "printer",
  "station",
  "decision",
  "breaker",
  "artifact",
  "profile",
  "material",
  "token",
  "settings",
];

async function readBefore(seq: number): Promise<void> {
  const after = Math.max(0, seq - step - 1);
  const page = await get<LogEvent[] | { items: LogEvent[] }>(
    `/events?after=${after}&limit=${step}`,
  );
  store.addEvents(Array.isArray(page) ? page : page.items);
}

export function ActivityPage() {
  const loaded = useLoaded();
  const events = useLog();
  const [area, setArea] = useState("");
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(true);
  const asked = useRef(false);
  const read = (seq: number) => {
    setBusy(true);
    setProblem(null);
    readBefore(seq)
      .catch((thrown) => setProblem(asProblem(thrown)))
      .finally(() => setBusy(false));
  };
  useEffect(() => {
    if (!loaded || asked.current) return;
    asked.current = true;
    read(position() + 1);
  }, [loaded]);
  const shown = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return events.filter((event) => {
      if (area && !event.subject.startsWith(`${area}/`)) return false;
      const all = [event.type, event.subject, event.gantrysentence, event.gantrywho?.name]
        .join(" ")
        .toLowerCase();
      return words.every((word) => all.includes(word));
    });
  }, [events, area, text]);
  const oldest = events[events.length - 1]?.gantryseq ?? 0;
  return (
    <Page title="Activity">
      <div className="filters">
        <label>
          <span>About</span>
          <Choice
            value={area}
            onValue={setArea}
            options={[["", "everything"], ...areas.map((each) => [each, each] as const)]}
          />
        </label>
        <label>
          <span>With the words</span>
          <TextInput
            type="search"
            value={text}
            onValue={setText}
            placeholder="name, reason, person …"
          />
        </label>
      </div>
      {problem && <Failed problem={problem} retry={() => read(oldest || position() + 1)} />}
      {busy && events.length === 0 ? (
        <Skeleton rows={8} />
      ) : shown.length === 0 && !problem ? (
        <Empty title={events.length === 0 ? "Nothing has happened yet" : "No event fits"}>
          <p>
            {events.length === 0
              ? "Every change of every order, run and printer will be listed here."
              : "Widen the filter, or load earlier events."}
          </p>
        </Empty>
      ) : (
        <EventList events={shown} />
      )}
      {oldest > 1 && (
        <button type="button" className="button" disabled={busy} onClick={() => read(oldest)}>
          {busy ? "Loading …" : "Earlier events"}
        </button>
      )}
    </Page>
  );
}
