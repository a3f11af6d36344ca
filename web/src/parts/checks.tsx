// Automatic checks with their figures.
import type { Check } from "../api/types.ts";
import { word } from "../format/words.ts";
import { sentence } from "../state/reasons.ts";
import { Badge } from "./badge.tsx";

export function CheckTable({ checks, title }: { checks: readonly Check[]; title: string }) {
  if (checks.length === 0) return null;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th>Check</th>
            <th className="number">Found</th>
            <th className="number">Limit</th>
            <th>Verdict</th>
          </tr>
        </thead>
        <tbody>
          {checks.map((check) => (
            <tr key={check.id}>
              <th scope="row">{check.id.replaceAll("_", " ")}</th>
              <td className="number">
                {check.value.toLocaleString()} {check.unit}
              </td>
              <td className="number">
                {check.limit.toLocaleString()} {check.unit}
              </td>
              <td>
                <Badge {...word("check", check.verdict)} />
                {check.verdict !== "pass" && check.why !== "ok" && (
                  <p className="hint">
                    {sentence(check.why, {
                      value: String(check.value),
                      limit: String(check.limit),
                      unit: check.unit,
                    })}
                  </p>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
