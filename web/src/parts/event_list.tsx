// Events of the log, newest first.
import type { LogEvent } from "../api/types.ts";
import { entryOf } from "../state/reasons.ts";
import { Glyph } from "./badge.tsx";
import { When } from "./when.tsx";

const pages: Record<string, string> = { run: "runs", order: "orders", printer: "printers", station: "stations" };

/** The address of the page of an event's subject; empty if there is none. */
function linkOf(subject: string): string {
  const [kind = "", id = ""] = subject.split("/");
  return pages[kind] ? `#/${pages[kind]}/${id}` : "";
}

function toneOf(event: LogEvent) {
  const severity = entryOf(event.gantryreason)?.severity;
  return severity === "critical" ? "stop" : severity === "warning" ? "risk" : "quiet";
}

/** `Run upload began` from `gantry.run.upload_began`. */
function titleOf(type: string): string {
  const words = type.replace(/^gantry\./, "").replace(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

interface EventListProps {
  events: readonly LogEvent[];
  /** A word or two before who and when. */
  mark?: (event: LogEvent) => string;
}

export function EventList({ events, mark }: EventListProps) {
  return (
    <ol className="events">
      {events.map((event) => {
        const link = linkOf(event.subject);
        const title = titleOf(event.type);
        return (
          <li key={event.gantryseq} data-seq={event.gantryseq}>
            <Glyph tone={toneOf(event)} />
            <div>
              <p>{link ? <a href={link}>{title}</a> : <b>{title}</b>}</p>
              <p>
                {event.gantryreason !== "ok" && `${event.gantrysentence} `}
                <small>
                  {mark && `${mark(event)} · `}
                  {event.gantrywho?.name || event.gantrywho?.id}, <When at={event.time} />
                </small>
              </p>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
