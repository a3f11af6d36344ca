// The ranked list of what needs a person, kept current.
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { type AttentionItem, attention } from "./attention.ts";
import { useAll } from "./hooks.ts";
import { store } from "./store.ts";
import { useNow } from "./ticker.ts";

/** What the list shows of the live records, as one text: it moves only when the list may. */
function liveDigest(): string {
  return store
    .all("printer")
    .map((printer) => {
      const live = store.getLive("printer", printer.id)?.value;
      const reasons = live?.attention.map((each) => each.reason).join() ?? "";
      return `${live?.report?.link ?? ""}${reasons}`;
    })
    .join("|");
}

export function useAttention(): AttentionItem[] {
  const printers = useAll("printer");
  const runs = useAll("run");
  const orders = useAll("order");
  const plans = useAll("plan");
  const plates = useAll("plate");
  const decisions = useAll("decision");
  const breakers = useAll("breaker");
  const subscribe = useCallback(
    (listener: () => void) => store.subscribe("lives/printer", listener),
    [],
  );
  const digest = useSyncExternalStore(subscribe, liveDigest);
  const now = useNow(60);
  return useMemo(
    () =>
      attention(
        {
          printers,
          runs,
          orders,
          plans,
          plates,
          decisions,
          breakers,
          live: (id) => store.getLive("printer", id)?.value,
        },
        now,
      ),
    [printers, runs, orders, plans, plates, decisions, breakers, digest, now],
  );
}
