// Controlled inputs that speak values, not events.
interface TextInputProps {
  value: string;
  onValue: (value: string) => void;
  type?: "text" | "password" | "email" | "date" | "search";
  placeholder?: string;
  required?: boolean;
  autoComplete?: string;
  list?: string;
  disabled?: boolean;
  maxLength?: number;
}

export function TextInput({
  onValue,
  type = "text",
  autoComplete = "off",
  ...rest
}: TextInputProps) {
  return (
    <input
      {...rest}
      type={type}
      autoComplete={autoComplete}
      onChange={(event) => onValue(event.target.value)}
    />
  );
}

interface TextAreaProps {
  value: string;
  onValue: (value: string) => void;
  rows: number;
  maxLength: number;
}

/** For text of several lines. */
export function TextArea({ onValue, ...rest }: TextAreaProps) {
  return (
    <textarea
      {...rest}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => onValue(event.target.value)}
    />
  );
}

interface NumberInputProps {
  value: number;
  onValue: (value: number) => void;
  min: number;
  max: number;
  step?: number | "any";
}

export function NumberInput({ value, onValue, step = 1, ...rest }: NumberInputProps) {
  return (
    <input
      {...rest}
      type="number"
      inputMode="decimal"
      step={step}
      required
      value={Number.isNaN(value) ? "" : value}
      onChange={(event) => onValue(event.target.valueAsNumber)}
    />
  );
}

interface ChoiceProps {
  value: string;
  onValue: (value: string) => void;
  options: readonly (readonly [value: string, text: string])[];
}

export function Choice({ value, onValue, options, ...rest }: ChoiceProps) {
  return (
    <select {...rest} value={value} onChange={(event) => onValue(event.target.value)}>
      {options.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </select>
  );
}
