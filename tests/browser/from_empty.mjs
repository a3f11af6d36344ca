// From an empty data folder to a fulfilled order, with nothing but the page and one printer.
import {
  ask,
  button,
  emptyFolder,
  expect,
  field,
  here,
  openBrowser,
  openPage,
  refusedPort,
  run,
  startMachines,
  startServer,
  until,
} from "./farm.mjs";

/** Notes every progress that the page shows, so that a short print is not missed. Runs in the page. */
function watchProgress() {
  globalThis.seen = new Set();
  const note = () => {
    for (const each of document.querySelectorAll("progress")) globalThis.seen.add(each.value);
  };
  new MutationObserver(note).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
  });
}

const steps = [
  [
    "the printed link opens an empty farm that says how to begin",
    async ({ page, server }) => {
      await page.goto(server.link);
      await page.waitForSelector("text=No printer yet");
      expect(!page.url().includes(server.token), "the token stays in the address bar");
    },
  ],
  [
    "the connection test names a refused port",
    async ({ page, closed }) => {
      await page.click("main >> text=Add a printer");
      await page.fill(field("Name"), "Ada");
      await page.fill(field("Address"), "127.0.0.1");
      await page.fill(field("Port"), String(closed));
      await page.click(button("Test the connection"));
      await page.waitForSelector("[data-reason=link_refused] >> text=Connection refused");
      await page.waitForSelector(`.notice >> text=127.0.0.1:${closed} refused the connection`);
    },
  ],
  [
    "with the right port the connection test succeeds",
    async ({ page, machine }) => {
      await page.fill(field("Port"), String(machine.port));
      await page.click(button("Test the connection"));
      await page.waitForSelector("[data-reason=link_ok]");
      await page.click(button("Add the printer"));
      await page.waitForSelector("h1 >> text=Ada");
    },
  ],
  [
    "the tile fills by itself",
    async ({ page, go }) => {
      await page.evaluate(() => {
        globalThis.not_reloaded = true;
      });
      await go("#/farm");
      await page.waitForSelector(".tile .readings >> text=/nozzle \\d+/");
      await page.waitForSelector(".tile .badge >> text=Check the bed");
    },
  ],
  [
    "a model becomes an order",
    async ({ page, go }) => {
      await go("#/orders");
      await page.waitForSelector("text=No order yet");
      await go("#/orders/new");
      await page.setInputFiles("input[type=file]", here("../../examples/cube.stl"));
      await page.fill(field("Reference"), "FIRST-1");
      await page.click(`${button("Place the order")}:not([disabled])`);
      await page.waitForSelector(".path [aria-current]");
    },
  ],
  [
    "the order says that it waits for the bed",
    async ({ page, machine }) => {
      await page.waitForSelector(".notice >> text=/bed/i", { timeout: 60_000 });
      expect((await machine.log("print_started")).length === 0, "it started without consent");
    },
  ],
  [
    "the bed is confirmed, and the print is seen live",
    async ({ page, go }) => {
      await go("#/farm");
      await page.evaluate(watchProgress);
      await page.click(button("Bed is clear"));
      await page.waitForSelector(".tile .badge >> text=Printing", { timeout: 60_000 });
      await until("the progress moves", () => page.evaluate(() => globalThis.seen.size >= 2));
    },
  ],
  [
    "the finished print asks for the inspection and for the bed",
    async ({ page, machine }) => {
      await page.waitForSelector("[data-attention^='run/'] >> text=Say whether the parts are good", {
        timeout: 60_000,
      });
      await page.waitForSelector(".tile .badge >> text=Clear the bed");
      await machine.takePartsAway();
      await page.click(`[data-attention^='printer/'] >> ${button("Bed is clear")}`);
      await page.waitForSelector(".tile .badge >> text=Idle");
    },
  ],
  [
    "the inspection passes and the order is fulfilled",
    async ({ page, go }) => {
      await page.click(`[data-attention^='run/'] >> ${button("Good")}`);
      await page.waitForSelector("text=Nothing needs you now");
      const { items } = await ask(page, "/orders");
      await go(`#/orders/${items[0].id}`);
      await page.waitForSelector(".lead-row .badge >> text=Fulfilled");
      expect(
        await page.evaluate(() => globalThis.not_reloaded === true),
        "the page was loaded again",
      );
    },
  ],
  [
    "the printer saw exactly one print, of our file",
    async ({ page, machine }) => {
      const [{ file }] = (await ask(page, "/runs")).items;
      const started = await machine.log("print_started");
      expect(started.length === 1, `${started.length} prints were started`);
      expect(started[0].file === file, `it printed ${started[0].file}, not ${file}`);
      expect(started[0].bed_items === 0, "something lay on the bed");
      await until("the end in the printer's log", async () =>
        (await machine.log("print_finished")).some((each) => each.outcome === "complete"),
      );
    },
  ],
];

const [machine] = await startMachines(1, 600);
const server = await startServer(emptyFolder("data"));
const browser = await openBrowser();
const context = await openPage(browser);
await run(steps, { ...context, browser, server, machine, closed: await refusedPort() });
