// The rules of a decision and what each of them said.
import type { Decision } from "../api/types.ts";
import { word } from "../format/words.ts";
import { sentence } from "../state/reasons.ts";
import { Badge } from "./badge.tsx";

const order: Record<string, number> = { deny: 0, needs_approval: 1, allow: 2 };

export function RuleList({ decision, printer }: { decision: Decision; printer: string }) {
  const rules = [...decision.rules].sort((a, b) => (order[a.says] ?? 3) - (order[b.says] ?? 3));
  const fired = rules.filter((rule) => rule.says !== "allow");
  const passed = rules.filter((rule) => rule.says === "allow");
  return (
    <>
      <ul className="rules">
        {fired.map((rule) => (
          <li key={rule.rule}>
            <Badge {...word("verdict", rule.says)} />
            <span>
              <b>{rule.rule.replaceAll("_", " ")}</b>:{" "}
              {sentence(rule.why, { printer, ...rule.why_params })}
            </span>
          </li>
        ))}
      </ul>
      {passed.length > 0 && (
        <details>
          <summary>{passed.length} rules allow it</summary>
          <ul className="rules">
            {passed.map((rule) => (
              <li key={rule.rule}>
                <Badge {...word("verdict", rule.says)} />
                <span>{rule.rule.replaceAll("_", " ")}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
