// From an empty data folder to a finished print of three materials, by the page's own guide: one
// simulated resin printer over TCP, simulated pumps behind the real guard.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  ask,
  button,
  emptyFolder,
  expect,
  field,
  openBrowser,
  openPage,
  pumpRecord,
  run,
  startResinMachine,
  startServer,
  until,
} from "./farm.mjs";

/** The printer's clock is so fast that a layer lasts as long as a poll. */
const speed = 12;
const flow_ul_per_s = 50_000;
const print_ms = 120_000;
const first_file = "Three colours.pwmb";

/** A data folder whose guard knows four simulated pumps. */
function folderWithPumps() {
  const data = emptyFolder("data");
  const lines = ["a", "b", "c", "drain"].map((name) => ({
    name,
    driver: { kind: "simulated", flow_ul_per_s },
  }));
  const file = { version: 1, stations: [{ name: "bench", lines }] };
  writeFileSync(join(data, "guard.json"), JSON.stringify(file));
  return data;
}

const pumpField = (number, label) =>
  `fieldset.pump-fields:has(> legend:text-is("Pump ${number}")) ${field(label)}`;
const next = (step) => `[data-step=${step}][aria-current=step]`;
const stationPage = (name) => `.station-nav >> text="${name}"`;
const fact = (name) => `.facts > div:has(> dt:text-is('${name}')) > dd`;
const theStation = async (page) => (await ask(page, "/stations")).items[0];

async function follow(page, step) {
  await page.waitForSelector(next(step));
  await page.click(`${next(step)} >> a.button`);
  // The next field may have the overview's name, which shows until the other page has been drawn.
  await page.waitForSelector('.station-nav a:not(:text-is("Overview"))[aria-current=page]');
}

const steps = [
  [
    "an empty farm says what a station is",
    async ({ page, server, go }) => {
      await page.goto(server.link);
      await page.waitForSelector("text=No printer yet");
      await go("#/stations");
      await page.waitForSelector("text=No station yet");
      await page.click("main >> text=Add a station");
    },
  ],
  [
    "a form with a port that cannot be is not sent",
    async ({ page }) => {
      await page.fill(field("Name"), "Bench");
      await page.fill(field("Address"), "127.0.0.1");
      await page.fill(field("Port"), "70000");
      await page.click(button("Add the station"));
      await page.waitForSelector(`${field("Port")}:invalid`);
      expect((await ask(page, "/stations")).items.length === 0, "it was saved");
    },
  ],
  [
    "the connection test reaches the printer, and the station is added",
    async ({ page, machine }) => {
      await page.fill(field("Port"), String(machine.port));
      await page.fill(field("Seconds between polls"), "1");
      await page.click(button("Test the connection"));
      await page.waitForSelector("[data-reason=link_ok]");
      for (const [label, seconds] of [
        ["Silence after a pause, s", "1"],
        ["Until the plate is clear, s", "1"],
        ["Rest after filling, s", "1"],
      ])
        await page.fill(field(label), seconds);
      await page.click(button("Add the station"));
      await page.waitForSelector("h1 >> text=Bench");
    },
  ],
  [
    "the guide asks for the pumps first",
    async ({ page }) => {
      await follow(page, "pumps");
      await page.fill(field("Station in the guard's file"), "bench");
      for (let i = 0; i < 4; ++i) await page.click(button("Add a pump"));
      for (const [number, name, use] of [
        [1, "a", "A"],
        [2, "b", "B"],
        [3, "drain", "drain"],
        [4, "c", "C"],
      ]) {
        await page.fill(pumpField(number, "Name of its line"), name);
        await page.selectOption(pumpField(number, "Use"), use);
        await page.fill(pumpField(number, "Flow, ml/s"), String(flow_ul_per_s / 1000));
      }
      await page.click(button("Save"));
      await page.waitForSelector("text=/Saved as revision/");
      await page.click(stationPage("Overview"));
    },
  ],
  [
    "the drain is run for a moment, and its direction confirmed",
    async ({ page, data }) => {
      await follow(page, "direction");
      await page.getByLabel("Pump to calibrate").selectOption("drain");
      await page.fill(field("Run for, s"), "0.5");
      await page.click(button("Run"));
      await until("the drain in the pumps' record", () => /drain +1 /.test(pumpRecord(data)));
      await page.check("input[type=checkbox]");
      await page.click('button:text-is("Record"):not([disabled])');
      await page.waitForSelector("text=forward, confirmed");
      await page.click(stationPage("Overview"));
    },
  ],
  [
    "the reservoirs are filled",
    async ({ page }) => {
      await page.waitForSelector(next("levels"));
      for (const pump of ["a", "b", "c"]) {
        await page.selectOption(field("Container"), pump);
        await page.fill(field("Holds now, ml"), "200");
        await page.click(button("Say so"));
        await until("the level", async () =>
          (await theStation(page)).levels.some(
            (each) => each.pump === pump && each.remaining_ul === 200_000,
          ),
        );
      }
    },
  ],
  [
    "the recipe is written",
    async ({ page }) => {
      await follow(page, "recipe");
      for (const [layer, material] of [
        ["36", "C"],
        ["20", "B"],
        ["5", "A"],
      ]) {
        await page.fill(".inline-form input", layer);
        await page.selectOption(".inline-form select", material);
        await page.click('button:text-is("Add the change")');
        await page.waitForSelector(`[aria-label='Changes by layer'] >> text=from layer ${layer}`);
      }
      // The first one is taken out again.
      await page.click(".steps li:first-child >> text=Remove");
      await page.waitForSelector("[aria-label='Changes by layer'] >> text=from layer 5", {
        state: "detached",
      });
      await page.click('button:text-is("Save the recipe")');
      await page.waitForSelector("text=revision 1");
      await page.click(stationPage("Overview"));
    },
  ],
  [
    "every check passes and one press starts the print",
    async ({ page, machine }) => {
      await follow(page, "start");
      const files = page.getByLabel("File on the printer");
      await files.selectOption({ label: first_file });
      await page.waitForSelector("[data-check=drain_direction][data-verdict=pass]");
      await page.click('.actions button:text-is("Start"):not([disabled])');
      await page.waitForSelector(".progress-figure");
      await page.waitForSelector(".facts >> text=INITIAL");
      await until("the start in the printer's log", async () =>
        (await machine.log("print_started")).length === 1,
      );
    },
  ],
  [
    "a layer of the printer comes to the page by itself",
    async ({ page, machine }) => {
      const { layer } = await until("a second layer in the printer's log", async () =>
        (await machine.log("layer")).find((each) => each.layer >= 2),
      );
      const shown = page.locator(fact("Layer"));
      await until(
        `layer ${layer} on the page`,
        async () => Number.parseInt(await shown.innerText(), 10) >= layer,
      );
    },
  ],
  [
    "while it prints the recipe says that it counts for the next print",
    async ({ page }) => {
      await page.click(stationPage("Recipe"));
      await page.waitForSelector(".notice >> text=/keeps the recipe with which it began/");
      await page.click(stationPage("Overview"));
    },
  ],
  [
    "stops ask first, and taking the question back changes nothing",
    async ({ page, machine }) => {
      for (const label of ["Stop the print", "Stop monitoring"]) {
        await page.click(`button:text-is("${label}")`);
        await page.waitForSelector(`.confirm[aria-label="${label}"]`);
        await page.click(".confirm >> button:text-is('No, leave it')");
        await page.waitForSelector(".confirm", { state: "detached" });
      }
      expect((await machine.log("gostop_accepted")).length === 0, "the print was stopped");
      expect((await theStation(page)).job.end === "running", "the monitoring was stopped");
    },
  ],
  [
    "the first change is seen step by step, and a resume in it is refused in words",
    async ({ page, machine }) => {
      await page.waitForSelector(".facts .badge >> text=/plate|Drain|Fill|Settl/i", {
        timeout: 60_000,
      });
      await page.click('button:text-is("Resume")');
      await page.waitForSelector(".toasts >> text=/cannot be resumed now/");
      await page.waitForSelector(".facts >> b:text-is('B')", { timeout: 60_000 });
      expect((await machine.log("print_paused")).length === 1, "it was not paused once");
    },
  ],
  [
    "a print that is paused on the page rests until it is resumed there",
    async ({ page, machine }) => {
      const state = (text) => page.waitForSelector(`${fact("State")} >> text=/^${text}$/`);
      await state("Printing");
      await page.click('button:text-is("Pause")');
      await state("Paused");
      expect((await machine.log("print_paused")).length === 2, "the printer was not paused once");
      expect((await machine.log("print_resumed")).length === 1, "it went on by itself");
      await page.click('button:text-is("Resume")');
      await state("Printing");
      expect((await machine.log("print_resumed")).length === 2, "it was not resumed once");
      expect((await theStation(page)).job.end === "running", "the monitoring ended");
    },
  ],
  [
    "the print is finished, and the page says what was drained and filled",
    async ({ page }) => {
      await page.waitForSelector(".badge >> text=/^Completed$/i", { timeout: print_ms });
      const rows = await page.locator("[aria-label='Changes of material'] tbody tr").allInnerTexts();
      expect(rows.length === 2, `${rows.length} changes are listed`);
      for (const row of rows) expect(/done/.test(row), `a change is not done: ${row}`);
    },
  ],
  [
    "every page of the station fits a phone and keeps the emergency stop in reach",
    async ({ page, go }) => {
      await page.setViewportSize({ width: 390, height: 844 });
      const { id } = await theStation(page);
      for (const part of ["", "/start", "/recipe", "/pumps", "/calibration", "/record", "/setup"]) {
        await go(`#/stations/${id}${part}`);
        await page.waitForSelector(".station-nav [aria-current=page]");
        const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
        expect(width <= 390, `"${part}" is ${width} pixels wide`);
        const stop = await page.locator(".estop").boundingBox();
        expect(stop.y >= 0 && stop.y + stop.height <= 844, `"${part}" hides the emergency stop`);
        expect(stop.height >= 48 && stop.width >= 200, "the emergency stop is small");
      }
    },
  ],
  [
    "the printer's log and the pumps' record tell the same story",
    async ({ machine, data }) => {
      const of = async (event) => (await machine.log(event)).length;
      expect((await of("print_started")) === 1, "it was not started once");
      // By each change, and by the person.
      expect((await of("print_paused")) === 3, "it was not paused three times");
      expect((await of("print_resumed")) === 3, "it was not resumed three times");
      expect((await of("print_finished")) === 1, "it did not finish");
      const pumped = pumpRecord(data);
      for (const [pump, runs] of [
        ["a", 0],
        ["b", 1],
        ["c", 1],
        ["drain", 3],
      ])
        expect(new RegExp(`\\b${pump} +${runs} `).test(pumped), `${pump}: not ${runs}\n${pumped}`);
    },
  ],
];

const machine = await startResinMachine(speed);
await machine.fault("place_file", { file: "9.pwmb", display: first_file, layers: 50 });
const data = folderWithPumps();
const server = await startServer(data);
const browser = await openBrowser();
const context = await openPage(browser);
await run(steps, { ...context, browser, server, machine, data });
