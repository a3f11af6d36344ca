// What an operator does on a working day, against the real server and four simulated printers.
import { readFileSync } from "node:fs";
import {
  button,
  callerOf,
  emptyFolder,
  expect,
  field,
  here,
  openBrowser,
  openPage,
  run,
  startMachines,
  startServer,
  until,
} from "./farm.mjs";

/** Speeds of the printers' clocks: a cube takes 17 of their minutes. */
const slow = 20;
const fast = 1200;
// Short dwells: a cancel waits for the command that runs.
const long_print = "G28\n" + "G4 P10000\n".repeat(6000);
const attention = (kind) => `[data-attention^="${kind}/"]`;
const badge = (text) => `.badge:has-text("${text}")`;

/** An order for one cube; answers its id. */
async function order(call, model, reference) {
  const line = { name: reference, model, quantity: 1, material: "PLA" };
  return (await call("POST", "/orders", { reference, lines: [line] })).id;
}

async function confirmBed({ page, go, ids, machines }, name) {
  await machines[name].takePartsAway();
  await go(`#/printers/${ids[name]}`);
  await page.click(button("Bed is clear"));
  await page.waitForSelector(`.toast >> text=The bed of ${name} is confirmed clear`);
}

/** Waits on the printer's page until it prints what Gantry sent. */
async function seePrinting({ page, go, ids }, name) {
  await go(`#/printers/${ids[name]}`);
  await page.waitForSelector(`.lead-row ${badge("Printing")}`, { timeout: 40_000 });
}

const steps = [
  [
    "the farm shows its printers",
    async ({ page, server }) => {
      await page.goto(server.link);
      for (const name of ["Ada", "Bea", "Cleo"])
        await page.waitForSelector(`.tile:has-text("${name}") ${badge("Check the bed")}`);
    },
  ],
  [
    "light and dark are switched, and stay",
    async ({ page }) => {
      const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
      await page.click("[aria-label='Switch to dark']");
      expect((await theme()) === "dark", "it is not dark");
      await page.reload();
      await page.waitForSelector(".tiles");
      expect((await theme()) === "dark", "the choice was forgotten");
      await page.click("[aria-label='Switch to light']");
      expect((await theme()) === "light", "it is not light");
    },
  ],
  [
    "Ctrl-K finds a printer",
    async ({ page }) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("bea");
      await page.keyboard.press("Enter");
      await page.waitForSelector("h1 >> text=Bea");
    },
  ],
  [
    "nothing starts while dispatch is off",
    async (context) => {
      const { page, go, call, model, machines } = context;
      await go("#/settings");
      await page.click(button("Switch dispatch off"));
      await page.click(button("Switch it off"));
      await page.waitForSelector(".banner.person");
      await confirmBed(context, "Ada");
      context.first = await order(call, model, "OPS-1");
      await go(`#/orders/${context.first}`);
      await page.waitForSelector(".notice >> text=/dispatch/i", { timeout: 40_000 });
      expect((await machines.Ada.log("print_started")).length === 0, "it started");
      await go("#/settings");
      await page.click(button("Switch dispatch on"));
      await page.waitForSelector(".banner.person", { state: "detached" });
      await seePrinting(context, "Ada");
    },
  ],
  [
    "a print is paused and resumed",
    async ({ page, machines }) => {
      await page.click(button("Pause"));
      await page.waitForSelector(`.lead-row ${badge("Paused")}`);
      await page.click(button("Resume"));
      await page.waitForSelector(`.lead-row ${badge("Printing")}`);
      const paused = await machines.Ada.log("print_paused");
      const resumed = await machines.Ada.log("print_resumed");
      expect(paused.length === 1 && resumed.length === 1, "the machine saw something else");
    },
  ],
  [
    "a cancel asks once, and leaves the print alone if the answer is no",
    async ({ page, machines }) => {
      await page.click(button("Cancel print"));
      await page.keyboard.press("Escape");
      await page.waitForSelector(".confirm", { state: "detached" });
      expect((await machines.Ada.log("print_finished")).length === 0, "it was cancelled");
      await page.click(button("Cancel print"));
      await page.click(button("Stop the print"));
      await page.waitForSelector("text=Nothing is on this printer");
      const [end] = await machines.Ada.log("print_finished");
      expect(end.outcome === "cancelled", `it ended as ${end.outcome}`);
    },
  ],
  [
    "a printer in maintenance takes no work, and takes it again in service",
    async (context) => {
      const { page, go, first, machines } = context;
      await page.click(button("Into maintenance"));
      await page.waitForSelector(`.lead-row ${badge("In maintenance")}`);
      await confirmBed(context, "Ada");
      await go(`#/orders/${first}`);
      await page.click(button("Print it again"));
      await page.waitForSelector(".notice >> text=1 is in maintenance");
      await go(`#/printers/${context.ids.Ada}`);
      await page.click(button("Return to service"));
      await seePrinting(context, "Ada");
      expect((await machines.Ada.log("print_started")).length === 2, "not two starts");
    },
  ],
  [
    "a machine that names another file needs a person, who keeps watching",
    async ({ page, machines }) => {
      await machines.Ada.fault("report_file", { file: "other.gcode" });
      await page.waitForSelector(`.lead-row ${badge("Needs attention")}`, { timeout: 40_000 });
      await machines.Ada.fault("report_file", { file: "" });
      await page.click(button("Keep watching"));
      await page.waitForSelector(`.lead-row ${badge("Printing")}`, { timeout: 40_000 });
    },
  ],
  [
    "a print that a power cut ended has failed",
    async ({ page, go, machines }) => {
      await machines.Ada.fault("power_cycle", { for_ms: 500 });
      await go("#/farm");
      await page.waitForSelector(attention("run"), { timeout: 40_000 });
      await page.click(`${attention("run")} >> text=Say what happened`);
      await page.selectOption(field("what was the cause"), "printer");
      await page.click(button("It failed"));
      await page.waitForSelector(`.lead-row ${badge("Failed")}`);
    },
  ],
  [
    "the pieces that are still owed are printed, and pass",
    async (context) => {
      const { page, go, first, machines } = context;
      await confirmBed(context, "Ada");
      await seePrinting(context, "Ada");
      await machines.Ada.fault("speed", { factor: fast });
      await go("#/farm");
      await page.click(`${attention("run")} >> ${button("Good")}`, { timeout: 40_000 });
      await go(`#/orders/${first}`);
      await page.waitForSelector(`.lead-row ${badge("Fulfilled")}`);
    },
  ],
  [
    "a print that was started at the machine is adopted",
    async (context) => {
      const { page, go, machines } = context;
      await machines.Cleo.fault("screen_start", { file: "vase.gcode", gcode: long_print });
      await go("#/farm");
      await page.click(`${attention("printer")}:has-text("vase.gcode") >> ${button("Adopt")}`);
      await page.waitForSelector(".toast >> text=Adopted");
      await machines.Cleo.fault("screen_cancel");
      await page.waitForSelector(`.tile:has-text("Cleo") ${badge(" the bed")}`);
    },
  ],
  [
    "another one is ignored",
    async ({ page, go, ids, machines }) => {
      await machines.Cleo.takePartsAway();
      await machines.Cleo.fault("screen_start", { file: "bowl.gcode", gcode: long_print });
      await go(`#/printers/${ids.Cleo}`);
      await page.click(button("Ignore"));
      await page.waitForSelector("text=It was ignored");
      expect((await machines.Cleo.log("print_finished")).length === 1, "it was touched");
      await machines.Cleo.fault("screen_cancel");
      await page.waitForSelector("text=It was ignored", { state: "detached" });
    },
  ],
  [
    "a gated printer starts only after consent",
    async (context) => {
      const { page, go, call, model, machines } = context;
      await confirmBed(context, "Bea");
      await order(call, model, "OPS-2");
      await page.waitForSelector(".rail .count", { timeout: 40_000 });
      await go("#/approvals");
      await page.waitForSelector("h2 >> text=OPS-2 on Bea");
      expect((await machines.Bea.log("print_started")).length === 0, "it started");
      await page.click(button("Approve"));
      await seePrinting(context, "Bea");
      await until("the start in the machine's log", async () =>
        (await machines.Bea.log("print_started")).length === 1,
      );
    },
  ],
  [
    "a printer is edited, and its secret key is stored and removed",
    async ({ page, go, ids }) => {
      await go(`#/printers/${ids.Cleo}/edit`);
      await page.fill(field("Name"), "Clara");
      await page.fill(field("Seconds between polls"), "15");
      await page.fill(field("API key"), "secret-1");
      await page.click(button("Save"));
      await page.waitForSelector("h1 >> text=Clara");
      await page.waitForSelector("text=one poll every 15 s");
      await go(`#/printers/${ids.Cleo}/edit`);
      await page.click("label:has-text('Forget the stored key')");
      await page.click(button("Save"));
      await page.waitForSelector("h1 >> text=/^Clara$/");
      await go(`#/printers/${ids.Cleo}/edit`);
      await page.waitForSelector("text=Only if Moonraker asks for one");
    },
  ],
  [
    "a printer is retired after one question",
    async ({ page, go, ids }) => {
      await go(`#/printers/${ids.Cleo}`);
      await page.click(button("Retire"));
      await page.click(button("Retire this printer"));
      await page.waitForSelector(`.lead-row ${badge("Retired")}`);
      await go("#/farm");
      await page.waitForSelector(".tile");
      expect((await page.locator(".tile:has-text('Clara')").count()) === 0, "it is still shown");
    },
  ],
  [
    "a material and a profile are added",
    async ({ page, go }) => {
      await go("#/settings");
      await page.click("summary:has-text('Add a material')");
      await page.fill(`${field("Material")} >> nth=-1`, "PVB");
      await page.click(button("Add the material"));
      await page.waitForSelector("text=/Materials:.*PVB/");
      await page.click("summary:has-text('Add a profile')");
      await page.setInputFiles("input[type=file]", {
        name: "Fine.ini",
        mimeType: "text/plain",
        buffer: Buffer.from("layer_height = 0.15\n"),
      });
      await page.selectOption(field("For material"), "PVB");
      await page.click(button("Store the profile"));
      await page.waitForSelector("tr:has-text('Fine') >> text=PVB");
    },
  ],
  [
    "a token works until it is revoked",
    async ({ page, go, server }) => {
      await go("#/settings");
      await page.fill(field("New token for"), "Tablet");
      await page.click(button("Issue a token"));
      const secret = await page.innerText(".secret");
      const status = async () =>
        (
          await fetch(`${server.base}/api/v1/printers`, {
            headers: { Authorization: `Bearer ${secret}` },
          })
        ).status;
      expect((await status()) === 200, "the token does not work");
      await page.click(`li:has-text("Tablet") >> ${button("Revoke")}`);
      await page.click(button("Revoke this token"));
      await page.waitForSelector(".toast >> text=Tablet is revoked");
      expect((await status()) === 401, "the revoked token still works");
    },
  ],
];

const server = await startServer(emptyFolder("data"));
const call = callerOf(server);
const machines = {};
const ids = {};
const classes = { Ada: "open", Bea: "gated", Cleo: "open" };
const simulated = await startMachines(3, slow);
for (const [index, [name, printer_class]] of Object.entries(classes).entries()) {
  machines[name] = simulated[index];
  const address = { host: "127.0.0.1", port: simulated[index].port };
  const slots = [{ material: "PLA", colour: "black", nozzle_um: 400 }];
  const setup = { name, printer_class, address, slots, poll_interval_s: 5 };
  ids[name] = (await call("POST", "/printers", { setup })).id;
}
const cube = readFileSync(here("../../examples/cube.stl"));
const model = (await call("POST", "/artifacts?kind=model&name=cube.stl", cube)).id;
const browser = await openBrowser();
const context = await openPage(browser);
await run(steps, { ...context, browser, server, call, machines, ids, model });
