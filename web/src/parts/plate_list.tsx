// The plates of a plan with their attempts.
import { word } from "../format/words.ts";
import { useAll } from "../state/hooks.ts";
import { sentence } from "../state/reasons.ts";
import { useCan } from "../state/session.ts";
import { Act } from "./act.tsx";
import { Badge } from "./badge.tsx";

export function PlateList({ plan }: { plan: string }) {
  const plates = useAll("plate").filter((plate) => plate.plan === plan);
  const runs = useAll("run");
  const printers = useAll("printer");
  const operator = useCan("operator");
  if (plates.length === 0) return null;
  return (
    <ul className="plates" aria-label="Plates">
      {plates.map((plate, index) => (
        <li key={plate.id}>
          <span className="plate-name">Plate {index + 1}</span>
          <Badge {...word("plate", plate.state)} />
          <span className="links">
            {plate.runs.map((id, attempt) => {
              const run = runs.find((each) => each.id === id);
              const printer = printers.find((each) => each.id === run?.printer);
              return (
                <a key={id} href={`#/runs/${id}`}>
                  Run {attempt + 1}
                  {run && `: ${word("run", run.state).text.toLowerCase()}`}
                  {printer && ` on ${printer.setup.name}`}
                </a>
              );
            })}
          </span>
          {plate.state === "held" && (
            <>
              <p className="why">{sentence(plate.why)}</p>
              {operator && (
                <Act
                  label="Print it again"
                  path={`/plates/${plate.id}/reprint`}
                  done="Another run is queued."
                />
              )}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
