// Every printer and why it does not take a run.
import type { RunLive } from "../api/types.ts";

export function WaitingList({ live }: { live: RunLive | undefined }) {
  if (!live || live.waiting.length === 0) return null;
  const { length } = live.waiting;
  return (
    <details className="waiting">
      <summary>
        {length === 1 ? "Which printer it waits for" : `Why none of the ${length} printers takes it`}
      </summary>
      <dl>
        {live.waiting.map((each) => (
          <div key={each.printer}>
            <dt>
              <a href={`#/printers/${each.printer}`}>{each.name}</a>
            </dt>
            <dd>{each.sentence}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
