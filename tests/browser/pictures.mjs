// Takes the README's pictures of the running demonstrations; `--only farm` or `--only station` takes
// some of them. Not a test.
import { join } from "node:path";
import {
  ask,
  emptyFolder,
  folder,
  here,
  openBrowser,
  openPage,
  startServer,
  until,
  end,
} from "./farm.mjs";

const images = here("../../docs/images");
const desk = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

const browser = await openBrowser();

async function shoot(server, name, look, hash) {
  const { page, go } = await openPage(browser, look);
  await page.goto(server.link);
  await page.waitForSelector(".shell");
  await go(await hash(page));
  await page.waitForSelector(".page-head h1");
  await page.waitForSelector(".skeleton", { state: "detached" });
  await page.waitForTimeout(700);
  await page.screenshot({ path: join(images, name) });
  console.log(`${name}: ${folder}`);
  await page.context().close();
}

/** Asks until `test` holds for what the API answers at `path`. */
async function waitFor(server, what, path, test) {
  const { page } = await openPage(browser);
  await page.goto(server.link);
  await page.waitForSelector(".shell");
  await until(what, async () => test((await ask(page, path)).items), 240_000);
  await page.context().close();
}

async function takeFarm() {
  const server = await startServer(emptyFolder("farm"), "demo", "--speed", "30", "--orders", "2");
  // One print is done and waits for its inspection, another one is under way.
  await waitFor(server, "a farm at work", "/runs?open=true", (runs) => {
    const states = new Set(runs.map((each) => each.state));
    return states.has("inspecting") && states.has("printing");
  });
  const farm = async () => "#/farm";
  const order = async (page) => {
    const { items } = await ask(page, "/orders");
    return `#/orders/${items[items.length - 1].id}`;
  };
  await shoot(server, "farm-light.png", { viewport: desk, colorScheme: "light" }, farm);
  await shoot(server, "order-dark.png", { viewport: desk, colorScheme: "dark" }, order);
  await shoot(server, "farm-phone.png", { viewport: phone, colorScheme: "light" }, farm);
}

async function takeStation() {
  const server = await startServer(emptyFolder("station"), "demo", "--resin", "--once");
  await waitFor(
    server,
    "the second change",
    "/stations",
    ([each]) => each?.job?.changes.length === 1 && each.job.change?.step === "wait_plate_clear",
  );
  const station = async (page) => `#/stations/${(await ask(page, "/stations")).items[0].id}`;
  await shoot(server, "station-light.png", { viewport: desk, colorScheme: "light" }, station);
}

try {
  for (const [name, take] of [
    ["farm", takeFarm],
    ["station", takeStation],
  ])
    if (!process.argv.includes("--only") || process.argv.includes(name)) await take();
} finally {
  await browser.close();
  await end();
}
