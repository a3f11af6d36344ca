// Results of actions, also read out.
import { dismiss, useToasts } from "../state/toasts.ts";
import { Glyph } from "./badge.tsx";
import { Icon } from "./icon.tsx";

export function ToastList() {
  const toasts = useToasts();
  return (
    <div className="toasts" aria-live="polite" role="status">
      {toasts.map((toast) => (
        <div key={toast.id} className={`toast tone-${toast.tone}`}>
          <Glyph tone={toast.tone} />
          <span>{toast.text}</span>
          <button
            type="button"
            className="button bare"
            aria-label="Dismiss"
            onClick={() => dismiss(toast.id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
