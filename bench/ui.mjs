// Drives the dashboard in Chromium and prints, as one line of JSON, how long it took to load and how
// long each click took until its result could be seen. Run by `gantry bench ui`.
import { browser, openPage } from "./browser.mjs";

const { BENCH_LINK, BENCH_PRINTERS, BENCH_LOADS, BENCH_CLICKS } = process.env;

/** Milliseconds until `what` is done. */
async function time(what) {
  const began = performance.now();
  await what();
  return performance.now() - began;
}

const every_tile = (page) =>
  page
    .locator(".tile")
    .nth(Number(BENCH_PRINTERS) - 1)
    .waitFor();

const load_ms = [];
for (let i = 0; i < Number(BENCH_LOADS); ++i) {
  const { context, page } = await openPage();
  load_ms.push(
    await time(async () => {
      await page.goto(BENCH_LINK);
      await every_tile(page);
    }),
  );
  await context.close();
}

const { page } = await openPage();
await page.goto(BENCH_LINK);
await every_tile(page);
const badge = (text) => page.waitForSelector(`.lead-row .badge:has-text("${text}")`);
const click_ms = [];
for (let i = 0; i < Number(BENCH_CLICKS); ++i) {
  const tile = page.locator(".tile").nth(i % Number(BENCH_PRINTERS));
  const steps = [
    async () => {
      await tile.click();
      await page.waitForSelector(".lead-row");
    },
    async () => {
      await page.click('button:has-text("Pause")');
      await badge("Paused");
    },
    async () => {
      await page.click('button:has-text("Resume")');
      await badge("Printing");
    },
    async () => {
      await page.goBack();
      await every_tile(page);
    },
  ];
  for (const step of steps) click_ms.push(await time(step));
}
console.log(JSON.stringify({ load_ms, click_ms }));
await browser.close();
