// Access tokens: who may do what.
import { type FormEvent, useRef, useState } from "react";
import { send } from "../api/http.ts";
import { newKey } from "../api/key.ts";
import { asProblem } from "../api/problem.ts";
import type { Role, Token } from "../api/types.ts";
import { store } from "../state/store.ts";
import { useCollection } from "../state/use_collection.ts";
import { Act } from "./act.tsx";
import { Field } from "./field.tsx";
import { Panel } from "./page.tsx";
import { TextInput } from "./text_input.tsx";
import { When } from "./when.tsx";

const roles: readonly (readonly [Role, string])[] = [
  ["viewer", "look"],
  ["operator", "work at machines"],
  ["planner", "orders and plans"],
  ["admin", "everything"],
  ["integration", "shop or script"],
];

export function TokenPanel() {
  const { items, problem } = useCollection("token");
  const valid = items.filter((token) => !token.revoked);
  return (
    <Panel title="Access">
      {problem && <p className="error">{problem.message}</p>}
      <ul className="rows plain">
        {valid.map((token) => (
          <li key={token.id}>
            <div className="row-main">
              <b>{token.name}</b>
              <p className="soft">
                {token.roles.join(", ")} · issued <When at={token.issued_at} />
              </p>
            </div>
            <div className="actions">
              <Act
                label="Revoke"
                look="danger"
                path={`/tokens/${token.id}/revoke`}
                done={`${token.name} is revoked.`}
                confirm={`${token.name} can no longer log in or call the API.`}
                confirmLabel="Revoke this token"
              />
            </div>
          </li>
        ))}
      </ul>
      <IssueForm />
    </Panel>
  );
}

function IssueForm() {
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<Role[]>(["viewer", "operator"]);
  const [error, setError] = useState("");
  const [secret, setSecret] = useState("");
  const key = useRef<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    key.current ??= newKey();
    setError("");
    try {
      const { secret: once, ...token } = await send<Token>(
        "POST",
        "/tokens",
        { name, roles: chosen },
        key.current,
      );
      store.put("token", token);
      key.current = null;
      setSecret(once ?? "");
      setName("");
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (!problem.unanswered) key.current = null;
      setError(problem.message);
    }
  };
  const toggle = (role: Role) => {
    key.current = null;
    setChosen(chosen.includes(role) ? chosen.filter((each) => each !== role) : [...chosen, role]);
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <Field label="New token for" error={error}>
        <TextInput
          value={name}
          onValue={(value) => {
            key.current = null;
            setName(value);
          }}
          maxLength={80}
          required
          placeholder="person, tablet or script"
        />
      </Field>
      <fieldset className="choices">
        <legend>It may</legend>
        {roles.map(([role, text]) => (
          <label key={role}>
            <input type="checkbox" checked={chosen.includes(role)} onChange={() => toggle(role)} />
            {role} <span className="soft">({text})</span>
          </label>
        ))}
      </fieldset>
      <div className="actions">
        <button type="submit" className="button" disabled={!name.trim() || chosen.length === 0}>
          Issue a token
        </button>
      </div>
      <div aria-live="polite">
        {secret && (
          <p className="notice person">
            <span>
              Copy it now; it is shown this once: <code className="secret">{secret}</code>
            </span>
          </p>
        )}
      </div>
    </form>
  );
}
