// How a printer is reached, with a test.
import { ConnectionTest } from "./connection_test.tsx";
import type { SetupFieldsProps } from "./ability_fields.tsx";
import { Field } from "./field.tsx";
import { NumberInput, TextInput } from "./text_input.tsx";

interface ConnectionFieldsProps extends SetupFieldsProps {
  apiKey: string;
  onApiKey: (value: string) => void;
  /** True if the stored key is to be removed. */
  forget: boolean;
  onForget: (value: boolean) => void;
  keyError: string;
}

export function ConnectionFields({
  setup,
  change,
  error,
  apiKey,
  onApiKey,
  forget,
  onForget,
  keyError,
}: ConnectionFieldsProps) {
  const address = (part: Partial<typeof setup.address>) =>
    change({ address: { ...setup.address, ...part } });
  return (
    <fieldset>
      <legend>Connection</legend>
      <div className="grid">
        <Field label="Name" error={error("name")}>
          <TextInput
            value={setup.name}
            onValue={(name) => change({ name })}
            maxLength={60}
            required
          />
        </Field>
        <Field label="Address" hint="Host name or IP address" error={error("address.host")}>
          <TextInput
            value={setup.address.host}
            onValue={(host) => address({ host })}
            maxLength={253}
            required
          />
        </Field>
        <Field label="Port" hint="Moonraker usually listens on 7125" error={error("address.port")}>
          <NumberInput
            value={setup.address.port}
            onValue={(port) => address({ port })}
            min={1}
            max={65535}
          />
        </Field>
        <Field
          label="API key"
          error={keyError}
          hint={
            setup.address.has_api_key
              ? "One is stored; leave this empty to keep it"
              : "Only if Moonraker asks for one"
          }
        >
          <TextInput
            type="password"
            value={apiKey}
            onValue={onApiKey}
            maxLength={128}
            autoComplete="new-password"
            disabled={forget}
          />
        </Field>
      </div>
      {setup.address.has_api_key && (
        <div className="choices">
          <label>
            <input
              type="checkbox"
              checked={forget}
              onChange={(event) => onForget(event.target.checked)}
            />
            Forget the stored key
          </label>
        </div>
      )}
      <ConnectionTest host={setup.address.host.trim()} port={setup.address.port} apiKey={apiKey} />
    </fieldset>
  );
}
