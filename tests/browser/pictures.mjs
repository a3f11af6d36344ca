// Takes the README's pictures of the running demonstration. Not a test.
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

const server = await startServer(emptyFolder("data"), "demo", "--speed", "30", "--orders", "2");
const browser = await openBrowser();

async function shoot(name, look, hash) {
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

try {
  const { page } = await openPage(browser);
  await page.goto(server.link);
  await page.waitForSelector(".tile");
  // One print is done and waits for its inspection, another one is under way.
  await until(
    "a farm at work",
    async () => {
      const { items } = await ask(page, "/runs?open=true");
      const states = new Set(items.map((each) => each.state));
      return states.has("inspecting") && states.has("printing");
    },
    240_000,
  );
  await page.context().close();
  const farm = async () => "#/farm";
  const order = async (at) => {
    const { items } = await ask(at, "/orders");
    return `#/orders/${items[items.length - 1].id}`;
  };
  await shoot("farm-light.png", { viewport: desk, colorScheme: "light" }, farm);
  await shoot("order-dark.png", { viewport: desk, colorScheme: "dark" }, order);
  await shoot("farm-phone.png", { viewport: phone, colorScheme: "light" }, farm);
} finally {
  await browser.close();
  await end();
}
