// An action that asks for a note, in place.
import { useState } from "react";
import { Act } from "./act.tsx";
import { Field } from "./field.tsx";
import { TextInput } from "./text_input.tsx";

interface NoteActProps {
  label: string;
  hint: string;
  carryOut: string;
  path: string;
  done: string;
}

export function NoteAct({ label, hint, carryOut, path, done }: NoteActProps) {
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState("");
  if (!open)
    return (
      <button type="button" className="button" onClick={() => setOpen(true)}>
        {label}
      </button>
    );
  return (
    <div
      className="confirm"
      role="group"
      aria-label={carryOut}
      onKeyDown={(event) => event.key === "Escape" && setOpen(false)}
    >
      <Field label={hint}>
        <TextInput value={note} onValue={setNote} maxLength={2000} />
      </Field>
      <div className="actions">
        <Act
          label={carryOut}
          look="danger"
          path={path}
          body={note ? { note } : {}}
          done={done}
          after={() => setOpen(false)}
        />
        <button type="button" className="button" onClick={() => setOpen(false)}>
          No, leave it
        </button>
      </div>
    </div>
  );
}
