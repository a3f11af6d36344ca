// Uses the pages as an operator would, against the mock, which it starts itself:
//   node dev/walkthrough.mjs --site <folder of the built pages> [--shots folder]
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const site = option("site", here("../dist"));
const shots = option("shots", "");
const models = ["cube.stl", "overhang.stl"].map((name) => here(`../../examples/${name}`));
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function startMock(...more) {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [here("mock-server.mjs"), "--port", String(port), "--site", site, ...more],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", () => reject(new Error("the mock ended")));
  });
  return { child, base: `http://127.0.0.1:${port}` };
}

const field = (label) => `.field:has(> label:has-text("${label}")) :is(input, select)`;
const button = (text) => `button:has-text("${text}")`;

/** What an operator does: name and steps. `go` opens a page by its address. */
const walk = [
  [
    "a wrong token is refused in words",
    async ({ page, base }) => {
      await page.goto(`${base}/#/login?token=wrong`);
      await page.waitForSelector(".error");
    },
  ],
  [
    "a log-in link opens the farm",
    async ({ page, base }) => {
      await page.goto(`${base}/#/login?token=mia`);
      await page.waitForSelector(".tiles");
    },
  ],
  [
    "a bed is confirmed with one touch",
    async ({ page }) => {
      await page.click(`[data-attention^="printer/"] >> ${button("Bed is clear")}`);
      await page.waitForSelector(".toast >> text=confirmed clear");
    },
  ],
  [
    "a start is approved with one touch",
    async ({ page }) => {
      await page.click(button("Approve"));
      await page.waitForSelector(".toast >> text=Approved");
    },
  ],
  [
    "a person says that it printed, and the parts are inspected",
    async ({ page }) => {
      await page.click("text=Say what happened");
      await page.click(button("It printed"));
      await page.click("label:has-text('Not good')");
      await page.waitForSelector("text=What was the cause?");
      await page.click(button("Record the inspection"));
      await page.waitForSelector(".badge >> text=Failed");
    },
  ],
  [
    "a print is paused and resumed, and cancelled after one question",
    async ({ page, go }) => {
      await go("#/farm");
      await page.click(".tile-name >> text=Ada");
      await page.click(button("Pause"));
      await page.click(button("Resume"));
      await page.waitForSelector(button("Pause"));
      await page.click(button("Cancel print"));
      await page.keyboard.press("Escape");
      await page.waitForSelector(".confirm", { state: "detached" });
      await page.click(button("Cancel print"));
      await page.click(button("Stop the print"));
      await page.waitForSelector("text=Nothing is on this printer");
    },
  ],
  [
    "the connection test names each cause",
    async ({ page, go }) => {
      await go("#/printers/new");
      for (const [host, reason] of [
        ["nowhere", "link_dns"],
        ["refused", "link_refused"],
        ["silent", "link_timeout"],
        ["locked", "link_auth"],
        ["web", "link_not_klipper"],
        ["good", "link_ok"],
      ]) {
        await page.fill(field("Address"), host);
        await page.click(button("Test the connection"));
        await page.waitForSelector(`[data-reason=${reason}]`);
      }
    },
  ],
  [
    "a taken name is refused beside its field, then the printer is added",
    async ({ page }) => {
      await page.fill(field("Name"), "Bruno");
      await page.click(button("Add the printer"));
      await page.waitForSelector(".field.wrong .error");
      await page.fill(field("Name"), "Kara");
      await page.click(button("Add the printer"));
      await page.waitForSelector("h1 >> text=Kara");
      await page.waitForSelector("h2 >> text=No report yet");
    },
  ],
  [
    "a printer is edited, taken into maintenance and retired",
    async ({ page }) => {
      await page.click("a:has-text('Edit')");
      await page.fill(field("Seconds between polls"), "60");
      await page.click(button("Save"));
      await page.waitForSelector("text=one poll every 1 min");
      await page.click(button("Into maintenance"));
      await page.waitForSelector(button("Return to service"));
      await page.click(button("Retire"));
      await page.click(button("Retire this printer"));
      await page.waitForSelector(".badge >> text=Retired");
    },
  ],
  [
    "two models become an order after a mistake was shown beside its field",
    async ({ page, go }) => {
      await go("#/orders/new");
      await page.setInputFiles("input[type=file]", models);
      await page.fill(`${field("Pieces per plate")} >> nth=0`, "3");
      await page.click(`${button("Place the order")}:not([disabled])`);
      await page.waitForSelector(".field.wrong .error");
      await page.fill(`${field("Quantity")} >> nth=0`, "6");
      await page.click(button("Place the order"));
      await page.waitForSelector(".path [aria-current]");
      await page.click("summary:has-text('Why none')");
      await page.waitForSelector(".waiting dd");
    },
  ],
  [
    "the palette finds a printer",
    async ({ page }) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("bruno");
      await page.keyboard.press("Enter");
      await page.waitForSelector("h1 >> text=Bruno");
    },
  ],
  [
    "the activity can be filtered",
    async ({ page, go }) => {
      await go("#/activity");
      await page.fill("input[type=search]", "mode changed");
      await page.fill("input[type=search]", "mode_changed");
      await page.waitForFunction(() => document.querySelectorAll(".events li").length === 2);
    },
  ],
  [
    "dispatch is switched off and on",
    async ({ page, go }) => {
      await go("#/settings");
      await page.click(button("Switch dispatch off"));
      await page.click(button("Switch it off"));
      await page.waitForSelector(".banner.person");
      await page.click(button("Switch dispatch on"));
      await page.waitForSelector(".banner.person", { state: "detached" });
    },
  ],
  [
    "a token's secret is shown once",
    async ({ page }) => {
      await page.fill(field("New token for"), "Tablet");
      await page.click(button("Issue a token"));
      await page.waitForSelector(".secret");
    },
  ],
  [
    "a breaker is reset with a note",
    async ({ page, go }) => {
      await go("#/approvals");
      await page.click(button("Reset the breaker"));
      await page.fill(".confirm input", "The wall was too thin.");
      await page.click(button("Reset it"));
      await page.waitForSelector(".toast >> text=is reset");
    },
  ],
  [
    "a server that ends leaves the last state on the page, marked as old",
    async ({ page, go, child }) => {
      child.kill();
      await page.waitForSelector(".banner.stop");
      await go("#/farm");
      await page.waitForSelector(".tile.stale >> text=Bruno");
    },
  ],
];

const empty = [
  [
    "an empty farm says how to begin",
    async ({ page, base }) => {
      await page.goto(`${base}/#/login?token=mia`);
      await page.waitForSelector("text=No printer yet");
    },
  ],
  [
    "empty lists say what they are for",
    async ({ page, go }) => {
      for (const [hash, text] of [
        ["#/orders", "No order yet"],
        ["#/approvals", "Nothing waits for consent"],
        ["#/activity", "Nothing has happened yet"],
      ]) {
        await go(hash);
        await page.waitForSelector(`text=${text}`);
      }
    },
  ],
];

const stations = [
  [
    "a new station says what comes next, and a recipe refuses layer 0 and a second change of one layer beside the field",
    async ({ page, base, go }) => {
      await page.goto(`${base}/#/login?token=mock`);
      await page.waitForSelector(".tiles");
      await go("#/stations");
      await page.click("text=Teaching bench");
      await page.waitForSelector("[data-step=direction][aria-current=step]");
      await page.click(".station-nav >> text=Recipe");
      const add = async (layer, material) => {
        await page.fill(".inline-form input", layer);
        await page.selectOption(".inline-form select", material);
        await page.click('button:text-is("Add the change")');
      };
      await add("0", "A");
      await page.waitForSelector(".error >> text=Layers begin at 1");
      await add("120", "A");
      await add("50", "B");
      await add("50", "A");
      await page.waitForSelector(".error >> text=Layer 50 has a change already");
      const first = await page.innerText(".steps li:first-child");
      if (!first.includes("50")) throw new Error(`the first step is ${first}`);
    },
  ],
  [
    "an import is shown before it replaces anything",
    async ({ page }) => {
      const text = page.locator(".panel:has-text('As text') textarea");
      await text.fill("A,50:B");
      await page.waitForSelector(".error >> text=is not a material and a layer");
      await text.fill("B,60:A,90");
      await page.waitForSelector(".import-preview >> text=2 changes");
      await page.click('button:text-is("Replace the changes")');
      await page.click('button:text-is("Save the recipe")');
      await page.waitForSelector("text=revision 1");
    },
  ],
  [
    "a start lists its checks and is refused before the drain's direction is confirmed",
    async ({ page }) => {
      await page.click(".station-nav >> text=Start");
      await page.getByLabel("File on the printer").selectOption("3.pwmb");
      await page.waitForSelector("[data-check=drain_direction][data-verdict=fail]");
      if (await page.isEnabled('.actions button:text-is("Start")')) throw new Error("it can start");
      await page.click(".station-nav >> text=Calibration");
      await page.getByLabel("Pump to calibrate").selectOption("drain");
      await page.check("input[type=checkbox]");
      await page.click('button:text-is("Record")');
      await page.waitForSelector("text=forward, confirmed");
    },
  ],
  [
    "a pump runs by hand, its lamp lights, and the emergency stop needs no question",
    async ({ page }) => {
      await page.click(".station-nav >> text=Pumps");
      await page.click('button:text-is("Run")');
      await page.waitForSelector("[data-pump=a].on");
      await page.click(".estop");
      await page.waitForSelector(".estop-outcome >> text=All pumps are off");
      await page.waitForSelector("[data-pump=a]:not(.on)");
      await page.click('button:text-is("I have looked: acknowledge")');
      await page.waitForSelector(".notice.stop", { state: "detached" });
    },
  ],
  [
    "the record shows every change of a print and can be taken away",
    async ({ page, go }) => {
      await page.click(".station-nav >> text=Record");
      await page.waitForSelector("text=No print yet");
      await go("#/stations");
      await page.click("text=Resin 1");
      await page.click(".station-nav >> text=Record");
      await page.waitForSelector("text=95 % is wanted");
      await page.waitForSelector("td >> text=45.2 of 44.0 s");
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.click("text=Download the record"),
      ]);
      if (!/Resin 1/.test(download.suggestedFilename())) throw new Error("no name");
      await page.click(".station-nav >> text=Settings");
      await page.waitForSelector(".facts >> text=revision 3");
      await go("#/stations");
      await page.click("text=Teaching bench");
    },
  ],
  [
    "with the direction confirmed one press starts the print",
    async ({ page }) => {
      await page.click(".station-nav >> text=Start");
      await page.getByLabel("File on the printer").selectOption("3.pwmb");
      await page.click('.actions button:text-is("Start"):not([disabled])');
      await page.waitForSelector(".progress-figure");
      await page.waitForSelector(".facts >> text=INITIAL");
    },
  ],
];

const guest = [
  [
    "a viewer sees the farm but gets no buttons that the server would refuse",
    async ({ page, base }) => {
      await page.goto(`${base}/#/login?token=viewer`);
      await page.waitForSelector(".tiles");
      for (const text of ["Bed is clear", "Approve", "Add a printer"])
        if (await page.locator(`main >> text="${text}"`).count())
          throw new Error(`there is "${text}"`);
    },
  ],
];

let failures = 0;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: flags,
});

async function run(steps, ...flagsOfMock) {
  const { child, base } = await startMock(...flagsOfMock);
  const page = await (
    await browser.newContext({ viewport: { width: 1280, height: 860 }, reducedMotion: "reduce" })
  ).newPage();
  page.setDefaultTimeout(8000);
  page.on("pageerror", (error) => {
    ++failures;
    console.log(`not ok - the page threw: ${error.message}`);
  });
  const go = (hash) =>
    page.evaluate((next) => {
      location.hash = next;
    }, hash);
  for (const [name, step] of steps) {
    try {
      await step({ page, base, go, child });
      console.log(`ok - ${name}`);
    } catch (thrown) {
      ++failures;
      console.log(`not ok - ${name}: ${thrown.message.split("\n")[0]}`);
      if (shots) await page.screenshot({ path: join(shots, `${name.replace(/\W+/g, "-")}.png`) });
    }
  }
  await page.context().close();
  child.kill();
}

if (shots) mkdirSync(shots, { recursive: true });
try {
  await run(walk);
  await run(stations);
  await run(empty, "--empty");
  await run(guest);
} finally {
  await browser.close();
}
process.exitCode = failures === 0 ? 0 : 1;
