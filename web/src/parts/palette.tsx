// The command palette: every page, printer and order within a few keys.
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useAll } from "../state/hooks.ts";
import { go } from "../state/router.ts";
import { applyTheme } from "../state/theme.ts";

interface Command {
  id: string;
  text: string;
  kind: string;
  run: () => void;
}

const pages: readonly (readonly [string, string])[] = [
  ["Farm", "#/farm"],
  ["Orders", "#/orders"],
  ["New order", "#/orders/new"],
  ["Approvals", "#/approvals"],
  ["Stations", "#/stations"],
  ["Activity", "#/activity"],
  ["Settings", "#/settings"],
  ["Add a printer", "#/printers/new"],
  ["Add a station", "#/stations/new"],
];

const most_shown = 12;

export function Palette({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const printers = useAll("printer");
  const stations = useAll("station");
  const orders = useAll("order");
  const plans = useAll("plan");
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const commands = useMemo<Command[]>(
    () => [
      ...pages.map(([name, hash]) => ({ id: hash, text: name, kind: "Page", run: () => go(hash) })),
      ...printers.map((printer) => ({
        id: printer.id,
        text: printer.setup.name,
        kind: "Printer",
        run: () => go(`#/printers/${printer.id}`),
      })),
      ...stations.map((station) => ({
        id: station.id,
        text: station.setup.name,
        kind: "Station",
        run: () => go(`#/stations/${station.id}`),
      })),
      ...orders.map((order) => ({
        id: order.id,
        kind: "Order",
        run: () => go(`#/orders/${order.id}`),
        text: `${order.reference || order.id} ${plans
          .filter((plan) => plan.order === order.id)
          .map((plan) => plan.name)
          .join(", ")}`,
      })),
      { id: "light", text: "Light colours", kind: "Action", run: () => applyTheme("light") },
      { id: "dark", text: "Dark colours", kind: "Action", run: () => applyTheme("dark") },
    ],
    [printers, stations, orders, plans],
  );
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = commands
    .filter((each) =>
      words.every((word) => `${each.kind} ${each.text} ${each.id}`.toLowerCase().includes(word)),
    )
    .slice(0, most_shown);
  const carryOut = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.run();
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      event.preventDefault();
      setChosen((chosen + step + found.length) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      carryOut(found[chosen]);
    }
  };
  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Find anything"
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-label="Page, printer or order"
        aria-activedescendant={found[chosen] ? `palette-${chosen}` : undefined}
        autoFocus
        autoComplete="off"
        placeholder="Page, printer, order …"
        value={text}
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
      />
      <ul id="palette-list" role="listbox" aria-label="Results">
        {found.map((each, index) => (
          <li
            key={each.id}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === chosen}
            onClick={() => carryOut(each)}
            onPointerMove={() => setChosen(index)}
          >
            <span>{each.text}</span>
            <small>{each.kind}</small>
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p className="soft">Nothing of that name. Try a printer, a reference or a page.</p>
      )}
    </dialog>
  );
}
