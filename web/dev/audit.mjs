// Walks over every page of a running server with Chromium and reports what is wrong with it:
//   node dev/audit.mjs --base http://127.0.0.1:8299 --token mock [--shots folder]
//     [--only farm,orders] [--looks light,phone]
// Exits with 1 if anything was found. CHROMIUM names another browser than /usr/bin/chromium.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import { chromium } from "playwright-core";

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const base = option("base", "http://127.0.0.1:8299").replace(/\/$/, "");
const token = option("token", "mock");
const shots = option("shots", "");
const only = option("only", "").split(",").filter(Boolean);
const wanted = option("looks", "").split(",").filter(Boolean);

const phone = { width: 390, height: 844 };
const desk = { width: 1360, height: 900 };
const looks = [
  { name: "light", viewport: desk, colorScheme: "light" },
  { name: "dark", viewport: desk, colorScheme: "dark" },
  { name: "phone", viewport: phone, colorScheme: "light" },
  { name: "phone-dark", viewport: phone, colorScheme: "dark" },
];
const least_target_px = 44;
const findings = [];

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** What on the page is wider than it, by how much; empty if nothing is. Runs in the page. */
function overflow() {
  const excess = document.documentElement.scrollWidth - window.innerWidth;
  if (excess <= 0) return "";
  const widest = [...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > window.innerWidth + 1)
    .slice(0, 3)
    .map((each) => `${each.tagName.toLowerCase()}.${each.className}`);
  return `${excess} px too wide: ${widest.join(", ")}`;
}

/**
 * Controls that a finger misses. Links inside a sentence are exempt, as WCAG has it. Runs in the
 * page.
 */
function smallTargets(least) {
  const nameOf = (each) =>
    (each.innerText || each.getAttribute("aria-label") || "").trim().slice(0, 30);
  const inSentence = (each) =>
    each.tagName === "A" &&
    getComputedStyle(each).display === "inline" &&
    each.parentElement.innerText.trim().length > each.innerText.trim().length;
  return [...document.querySelectorAll("a[href], button, input, select, summary, [role=option]")]
    .map((each) => [
      each,
      (each.matches("[type=checkbox], [type=radio]")
        ? (each.closest("label") ?? each)
        : each
      ).getBoundingClientRect(),
    ])
    .filter(
      ([each, box]) =>
        box.width > 0 && box.height > 0 && !each.closest(".skip") && !inSentence(each),
    )
    .filter(([, box]) => Math.round(box.height) < least || Math.round(box.width) < least)
    .map(
      ([each, box]) =>
        `${each.tagName.toLowerCase()} "${nameOf(each)}" is ` +
        `${Math.round(box.width)} x ${Math.round(box.height)}`,
    );
}

async function addresses(page) {
  const first = async (path, name) =>
    page.evaluate(
      async ([path, name]) => {
        const answer = await fetch(`/api/v1${path}`);
        return answer.ok
          ? (await answer.json()).items.slice(0, 20).map((each) => [name, each])
          : [];
      },
      [path, name],
    );
  const some = (list, count) => list.slice(0, count);
  const printers = await first("/printers", "printers");
  const stations = await first("/stations", "stations");
  const orders = await first("/orders", "orders");
  const runs = await first("/runs", "runs");
  // One run of each state, since a run's page differs most between them.
  const byState = [...new Map(runs.map((each) => [each[1].state, each])).values()];
  const pages = [
    ["farm", "#/farm"],
    ["orders", "#/orders"],
    ["order-new", "#/orders/new"],
    ["printer-new", "#/printers/new"],
    ["stations", "#/stations"],
    ["station-new", "#/stations/new"],
    ["approvals", "#/approvals"],
    ["activity", "#/activity"],
    ["settings", "#/settings"],
  ];
  for (const [kind, each] of [...some(printers, 9), ...some(orders, 9), ...byState])
    pages.push([
      `${kind}-${(each.setup?.name ?? each.state ?? each.id).toLowerCase()}-${each.id.slice(4, 8)}`,
      `#/${kind}/${each.id}`,
    ]);
  for (const [, each] of some(stations, 3))
    for (const part of ["", "/start", "/recipe", "/pumps", "/calibration", "/record", "/setup"])
      pages.push([
        `station-${each.setup.name.toLowerCase().replaceAll(" ", "-")}${part.replace("/", "-")}`,
        `#/stations/${each.id}${part}`,
      ]);
  if (printers[0]) pages.push(["printer-edit", `#/printers/${printers[0][1].id}/edit`]);
  return pages.filter(([name]) => only.length === 0 || only.some((each) => name.startsWith(each)));
}

/**
 * Lays out what browsers skip while it is out of sight, so that it is inspected too. Runs in the
 * page.
 */
function showAll() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { content-visibility: visible !important }");
  document.adoptedStyleSheets = [sheet];
}

async function inspect(page, name, look) {
  const note = (what) => findings.push([`${name} (${look.name})`, what]);
  await page.evaluate(showAll);
  if (shots)
    await page.screenshot({
      path: join(shots, `${name}-${look.name}.png`),
      fullPage: look.viewport === phone,
    });
  const wide = await page.evaluate(overflow);
  if (wide) note(wide);
  for (const small of await page.evaluate(smallTargets, least_target_px)) note(small);
  await page.evaluate(axe.source);
  const result = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ["violations"] }),
  );
  for (const each of result.violations.filter(
    ({ impact }) => impact === "serious" || impact === "critical",
  ))
    note(
      `axe ${each.id}: ${each.help}: ${each.nodes
        .slice(0, 3)
        .map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`)
        .join(" | ")}`,
    );
}

async function walk(browser, look) {
  const context = await browser.newContext({
    viewport: look.viewport,
    colorScheme: look.colorScheme,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  let name = "login";
  const note = (what) => findings.push([`${name} (${look.name})`, what]);
  // Before the log-in, the question who is logged in is rightly answered with 401.
  page.on("console", (message) => {
    if (message.type() === "error" && !(name === "login" && message.text().includes("401")))
      note(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => note(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:"))
      note(`asks another host: ${request.url()}`);
  });
  await page.goto(`${base}/#/login`);
  await page.waitForSelector(".login");
  await inspect(page, name, look);
  await page.goto(`${base}/#/login?token=${encodeURIComponent(token)}`);
  await page.waitForSelector(".shell");
  if (page.url().includes(token)) note("the token stays in the address bar");
  for (const [each, hash] of await addresses(page)) {
    name = each;
    await page.evaluate((next) => {
      location.hash = next;
    }, hash);
    await page.waitForSelector(".page-head h1");
    await page.waitForSelector(".skeleton", { state: "detached", timeout: 10_000 });
    await page.waitForTimeout(150);
    await inspect(page, name, look);
  }
  await page.keyboard.press("Control+k");
  await page.waitForSelector("dialog[open]");
  name = "palette";
  await inspect(page, name, look);
  await context.close();
}

if (shots) mkdirSync(shots, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: flags,
});
try {
  for (const look of looks.filter(({ name }) => !wanted.length || wanted.includes(name)))
    await walk(browser, look);
} finally {
  await browser.close();
}
const places = new Map();
for (const [where, what] of findings) places.set(what, [...(places.get(what) ?? []), where]);
const some = (list) =>
  list.slice(0, 4).join(", ") + (list.length > 4 ? ` and ${list.length - 4} more` : "");
for (const [what, where] of places) console.error(`${what}\n    on ${some(where)}`);
console.log(
  places.size === 0 ? "The audit found nothing." : `The audit found ${places.size} things.`,
);
process.exitCode = places.size === 0 ? 0 : 1;
