// "What needs me now", the costliest to leave waiting first.
import { useState } from "react";
import type { AttentionItem } from "../state/attention.ts";
import { Glyph } from "./badge.tsx";
import { RemedyButtons } from "./remedy.tsx";
import { Since } from "./when.tsx";

const first_shown = 5;

export function AttentionList({ items }: { items: readonly AttentionItem[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? items : items.slice(0, first_shown);
  return (
    <section className="attention" aria-labelledby="attention-title">
      <h2 id="attention-title">
        {items.length === 0 ? "Nothing needs you now" : `Needs you now (${items.length})`}
      </h2>
      {items.length === 0 && (
        <p className="soft">Beds, approvals, inspections and machines in trouble appear here.</p>
      )}
      <ol>
        {shown.map((item) => (
          <li key={item.key} className={`tone-${item.tone}`} data-attention={item.key}>
            <Glyph tone={item.tone} />
            <div className="attention-text">
              <h3>
                <a href={item.link}>{item.title}</a>
              </h3>
              <p>
                {item.sentence}
                {item.since && (
                  <small>
                    {" "}
                    (<Since at={item.since} />)
                  </small>
                )}
              </p>
            </div>
            <div className="actions">
              <RemedyButtons remedy={item.remedy} link={item.link} />
            </div>
          </li>
        ))}
      </ol>
      {items.length > first_shown && (
        <button
          type="button"
          className="button bare"
          onClick={() => setAll(!all)}
          aria-expanded={all}
        >
          {all ? "Show the first ones only" : `Show ${items.length - first_shown} more`}
        </button>
      )}
    </section>
  );
}
