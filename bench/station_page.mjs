// Watches the pages of stations in Chromium and prints, as one line of JSON, what each showed and
// when: for each page a list of [milliseconds since 1970, layer, pump]. Run by `gantry bench page`.
import { browser, openPage } from "./browser.mjs";

const { BENCH_LINK, BENCH_STATIONS } = process.env;

/** Runs in the page: notes every change of what a person reads there. */
function record() {
  const fact = (panel, name) => {
    const titles = [...document.querySelectorAll("main dt")];
    const found = titles.find(
      (each) =>
        each.textContent === name &&
        each.closest("section")?.querySelector("h2")?.textContent === panel,
    );
    return found?.nextElementSibling?.textContent ?? "";
  };
  window.shown = [];
  let last = "";
  const look = () => {
    const layer = fact("Printer", "Layer");
    const pump = fact("Process", "Pump").split(" ")[0];
    const now = `${layer}|${pump}`;
    if (now === last) return;
    last = now;
    window.shown.push([Date.now(), Number.parseInt(layer, 10) || 0, pump]);
  };
  new MutationObserver(look).observe(document.body, {
    childList: true,
    subtree: true,
    characterData: true,
  });
  look();
}

const pages = [];
for (const id of BENCH_STATIONS.split(",")) {
  const { page } = await openPage();
  await page.goto(BENCH_LINK);
  await page.waitForSelector("main");
  await page.evaluate((next) => {
    location.hash = next;
  }, `#/stations/${id}`);
  await page.waitForSelector("text=Round trip");
  await page.evaluate(record);
  pages.push(page);
}
console.log("watching");
for (const page of pages)
  await page.waitForSelector(".badge >> text=/^Completed$/i", { timeout: 300_000 });
console.log(JSON.stringify(await Promise.all(pages.map((page) => page.evaluate("window.shown")))));
await browser.close();
