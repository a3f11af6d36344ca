// Every machine at a glance, and above them what needs a person now.
import { useState } from "react";
import { count } from "../format/measure.ts";
import { printerWord } from "../format/printer_word.ts";
import { AttentionList } from "../parts/attention_list.tsx";
import { Icon } from "../parts/icon.tsx";
import { Page } from "../parts/page.tsx";
import { PrinterTile } from "../parts/printer_tile.tsx";
import { Empty, Skeleton } from "../parts/states.tsx";
import { TextInput } from "../parts/text_input.tsx";
import { useAll, useLoaded } from "../state/hooks.ts";
import { useCan } from "../state/session.ts";
import { store } from "../state/store.ts";
import { useAttention } from "../state/use_attention.ts";
import type { Printer } from "../api/types.ts";

/** Machines beyond this many get a field to find one by name. */
const searchable_from = 9;

/** What is said of several machines where a badge speaks to the reader. */
const in_a_list: Record<string, string> = {
  "Clear the bed": "with a bed to clear",
  "Check the bed": "with a bed to check",
};

function summary(printers: readonly Printer[]): string {
  const tally = new Map<string, number>();
  for (const printer of printers) {
    const { text } = printerWord(printer, store.getLive("printer", printer.id)?.value);
    tally.set(text, (tally.get(text) ?? 0) + 1);
  }
  return [...tally]
    .sort((a, b) => b[1] - a[1])
    .map(([text, number]) => `${number} ${in_a_list[text] ?? text.toLowerCase()}`)
    .join(" · ");
}

export function FarmPage() {
  const printers = useAll("printer").filter((printer) => printer.mode !== "retired");
  const loaded = useLoaded();
  const items = useAttention();
  const admin = useCan("admin");
  const [filter, setFilter] = useState("");
  const shown = [...printers]
    .filter((printer) => printer.setup.name.toLowerCase().includes(filter.toLowerCase()))
    .sort((a, b) => a.setup.name.localeCompare(b.setup.name, undefined, { numeric: true }));
  const add = admin && (
    <a className="button" href="#/printers/new">
      <Icon name="plus" />
      Add a printer
    </a>
  );
  if (!loaded)
    return (
      <Page title="Farm">
        <Skeleton rows={6} />
      </Page>
    );
  if (printers.length === 0)
    return (
      <Page title="Farm">
        <Empty title="No printer yet">
          <p>
            Add your first Klipper printer with its name and address. Gantry tests the connection,
            follows the machine, and starts nothing before you confirm that its bed is clear.
          </p>
          {admin ? (
            <a className="button primary" href="#/printers/new">
              <Icon name="plus" />
              Add a printer
            </a>
          ) : (
            <p>An administrator can add one.</p>
          )}
        </Empty>
        <AttentionList items={items} />
      </Page>
    );
  return (
    <Page title="Farm" beside={add}>
      <p className="soft lead">
        {count(printers.length, "printer")}: {summary(printers)}
      </p>
      <div className="farm">
        <AttentionList items={items} />
        <section aria-labelledby="machines-title">
          <div className="section-head">
            <h2 id="machines-title">Machines</h2>
            {printers.length >= searchable_from && (
              <label className="find">
                <span className="hidden">Find a printer</span>
                <TextInput
                  type="search"
                  value={filter}
                  onValue={setFilter}
                  placeholder="Find a printer"
                />
              </label>
            )}
          </div>
          <ul className="tiles">
            {shown.map((printer) => (
              <PrinterTile key={printer.id} id={printer.id} />
            ))}
          </ul>
        </section>
      </div>
    </Page>
  );
}
