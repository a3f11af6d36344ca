// Log-in with a token, typed or from a log-in link.
import { type FormEvent, useEffect, useRef, useState } from "react";
import { asProblem } from "../api/problem.ts";
import { Field } from "../parts/field.tsx";
import { TextInput } from "../parts/text_input.tsx";
import { replace, type Route } from "../state/router.ts";
import { logIn } from "../state/session.ts";

export function LoginPage({ route, note }: { route: Route; note: string }) {
  const fromLink = route.parts[0] === "login" ? (route.query.get("token") ?? "") : "";
  const [token, setToken] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const tried = useRef("");

  const enter = async (secret: string) => {
    setBusy(true);
    setError("");
    try {
      await logIn(secret);
      if (location.hash.startsWith("#/login")) replace("#/farm");
    } catch (thrown) {
      const problem = asProblem(thrown);
      setError(
        problem.status === 401
          ? "This token is not known or was revoked. Ask an administrator for a new one."
          : problem.message,
      );
    }
    setBusy(false);
  };

  useEffect(() => {
    document.title = "Log in · Gantry";
    if (!fromLink || tried.current === fromLink) return;
    tried.current = fromLink;
    // The secret leaves the address bar and the history before anything else.
    replace("#/login");
    void enter(fromLink);
  }, [fromLink]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void enter(token.trim());
  };
  return (
    <main className="login" id="main">
      <svg viewBox="0 0 120 60" aria-hidden="true">
        <path d="M10 58V8h100v50M10 22h100M60 22v10" />
        <path className="part" d="M46 58V44h28v14z" />
      </svg>
      <h1>Gantry</h1>
      <p className="soft">
        {note ||
          "Log in with your token. The log-in link that Gantry printed at its start does the same."}
      </p>
      <form className="form" onSubmit={submit}>
        <Field label="Token" error={error}>
          <TextInput
            type="password"
            autoComplete="current-password"
            value={token}
            onValue={setToken}
            required
          />
        </Field>
        <button type="submit" className="button primary" disabled={busy || !token.trim()}>
          {busy ? "Logging in …" : "Log in"}
        </button>
      </form>
    </main>
  );
}
