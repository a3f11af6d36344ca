// What is loaded in a printer's slots.
import type { Slot } from "../api/types.ts";

export function SlotList({ slots }: { slots: readonly Slot[] }) {
  if (slots.length === 0) return <span className="soft">no slots</span>;
  return (
    <span className="slots">
      {slots.slice(0, 4).map((slot, index) => (
        <span key={index} title={`${slot.material || "empty"} ${slot.colour}`.trim()}>
          {slot.colour && (
            <i className="swatch" style={{ background: slot.colour }} aria-hidden="true" />
          )}
          {slot.material || "empty"}
          <span className="hidden"> {slot.colour}</span>
        </span>
      ))}
      {slots.length > 4 && <span>+{slots.length - 4}</span>}
    </span>
  );
}
