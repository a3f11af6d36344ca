// Tries an address before anything is saved, and names what is wrong.
import { useState } from "react";
import { send } from "../api/http.ts";
import { asProblem } from "../api/problem.ts";
import { Glyph } from "./badge.tsx";

interface TestResult {
  ok: boolean;
  reason: string;
  detail: string;
  elapsed_ms: number;
}

/** The cause in a word or two, before the sentence. */
const causes: Record<string, string> = {
  link_ok: "Connected",
  link_dns: "Name not found",
  link_refused: "Connection refused",
  link_timeout: "No answer",
  link_auth: "API key wanted",
  link_not_klipper: "Not a Klipper printer",
};

interface Address {
  host: string;
  port: number;
}

export function ConnectionTest({ host, port, apiKey }: Address & { apiKey: string }) {
  return (
    <Test path="/printers/test" body={{ host, port, ...(apiKey ? { api_key: apiKey } : {}) }} />
  );
}

export function StationConnectionTest({ host, port }: Address) {
  return <Test path="/stations/test" body={{ host, port }} />;
}

function Test({ path, body }: { path: string; body: Address & { api_key?: string } }) {
  const { host } = body;
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<TestResult | null>(null);
  const test = async () => {
    setBusy(true);
    setResult(null);
    try {
      setResult(await send<TestResult>("POST", path, body));
    } catch (thrown) {
      setResult({ ok: false, reason: "", detail: asProblem(thrown).message, elapsed_ms: 0 });
    }
    setBusy(false);
  };
  return (
    <div className="connection-test">
      <button
        type="button"
        className="button"
        disabled={busy || !host}
        aria-busy={busy}
        onClick={() => void test()}
      >
        {busy ? "Testing …" : "Test the connection"}
      </button>
      <div aria-live="polite">
        {result && (
          <p className={`notice ${result.ok ? "good" : "risk"}`} data-reason={result.reason}>
            <Glyph tone={result.ok ? "good" : "risk"} />
            <span>
              <b>{causes[result.reason] ?? (result.ok ? "Connected" : "Not connected")}.</b>{" "}
              {result.detail}
              {result.elapsed_ms > 0 && <span className="soft"> ({result.elapsed_ms} ms)</span>}
            </span>
          </p>
        )}
      </div>
    </div>
  );
}
