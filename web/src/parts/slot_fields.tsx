// The filament slots of a printer: what is loaded where.
import type { Slot } from "../api/types.ts";
import { Field } from "./field.tsx";
import { Icon } from "./icon.tsx";
import { TextInput } from "./text_input.tsx";

const most_slots = 16;

export function SlotFields({
  slots,
  onSlots,
  error,
}: {
  slots: readonly Slot[];
  onSlots: (slots: Slot[]) => void;
  error: string;
}) {
  const set = (index: number, part: Partial<Slot>) =>
    onSlots(slots.map((slot, each) => (each === index ? { ...slot, ...part } : slot)));
  return (
    <div className="slot-fields">
      {slots.map((slot, index) => (
        <div className="slot-row" key={index}>
          <Field label={`Slot ${index + 1}: material`}>
            <TextInput
              value={slot.material}
              onValue={(material) => set(index, { material })}
              maxLength={40}
              placeholder="empty"
            />
          </Field>
          <Field label={`Slot ${index + 1}: colour`}>
            <TextInput
              value={slot.colour}
              onValue={(colour) => set(index, { colour: colour.toLowerCase() })}
              maxLength={40}
              placeholder="name or #rrggbb"
            />
          </Field>
          <button
            type="button"
            className="button bare"
            aria-label={`Remove slot ${index + 1}`}
            onClick={() => onSlots(slots.filter((_, each) => each !== index))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      {error && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      {slots.length < most_slots && (
        <button
          type="button"
          className="button"
          onClick={() =>
            onSlots([...slots, { material: "", colour: "", nozzle_um: slots[0]?.nozzle_um ?? 400 }])
          }
        >
          <Icon name="plus" />
          Add a slot
        </button>
      )}
    </div>
  );
}
