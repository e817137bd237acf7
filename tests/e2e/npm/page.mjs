// SPDX-License-Identifier: MIT
// Drives a page of 'report' in Chromium: node page.mjs PACKAGES FILE [PICTURES]. Prints what it saw as JSON.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [packages, file, pictures] = process.argv.slice(2);
const require = createRequire(packages + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const url = pathToFileURL(file).href;
const told = [], seen = {};

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

// A new page that tells of everything it should not do.
async function open(options = {}, media = {}, fragment = "") {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, permissions: ["clipboard-read", "clipboard-write"], ...options });
  const page = await context.newPage();
  page.on("console", (message) => told.push("console: " + message.text()));
  page.on("pageerror", (error) => told.push("error: " + error.message));
  page.on("dialog", (dialog) => { told.push("dialog: " + dialog.message()); dialog.dismiss(); });
  page.on("request", (request) => { if (request.url().split("#")[0] !== url) told.push("request: " + request.url()); });
  await page.addInitScript(() => addEventListener("securitypolicyviolation", (event) => console.log("violation " + event.violatedDirective)));
  await page.emulateMedia(media);
  await page.goto(url + fragment);
  if (options.javaScriptEnabled !== false) await page.waitForSelector("html[data-ready]", { state: "attached", timeout: 20000 });
  return page;
}

const matches = (page) => page.textContent("#matches");
const names = (page) => page.$$eval(".space [role=row]", (rows) => rows.map((row) => row.firstChild.textContent));
const picture = async (page, name) => { if (pictures) await page.screenshot({ path: pictures + "/" + name + ".png", fullPage: true }); };

// The program's own script is the only one that the policy lets run, so axe runs in a page without it.
async function violations(options, media, act) {
  const page = await open({ ...options, bypassCSP: true }, media);
  if (act) await act(page);
  await page.addScriptTag({ content: axe });
  const found = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  await page.context().close();
  return found.violations.map((each) => each.id + " " + each.nodes[0].html.slice(0, 200));
}

async function list() {
  const page = await open();
  seen.all = await matches(page);
  seen.rowsInDocument = (await page.$$(".space [role=row]")).length;
  await page.fill("#search", "ADMIN-ANN");
  seen.search = [await matches(page), await names(page)];
  await page.fill("#search", "nobody has this");
  seen.nothing = await matches(page);
  await page.click("#reset");
  seen.filters = {};
  for (const select of await page.$$(".tools select")) {
    const id = await select.getAttribute("id");
    for (const value of await select.$$eval("option", (options) => options.map((o) => o.value).filter(Boolean))) {
      await select.selectOption(value);
      seen.filters[id + "=" + value] = await matches(page);
    }
    await select.selectOption("");
  }
  await page.click("tr[data-rule=user-console-mfa] button");
  seen.rule = [await matches(page), await page.evaluate(() => location.hash)];
  const again = await open({}, {}, seen.rule[1]);
  seen.fragment = await matches(again);
  await page.click("#reset");
  seen.sorted = {};
  for (const way of ["ascending", "descending"]) {
    await page.click(".head [role=columnheader]:nth-child(7) button");
    seen.sorted[way] = [await page.getAttribute(".head [role=columnheader]:nth-child(7)", "aria-sort"), await names(page)];
  }
  await page.click(".head [role=columnheader]:nth-child(1) button");
  await page.click("#copy");
  await page.waitForFunction(() => document.getElementById("matches").textContent.includes("copied"));
  seen.copied = await page.evaluate(() => navigator.clipboard.readText());
  await page.click("#accounts thead th:nth-child(5) button");
  seen.accounts = await page.$$eval("#accounts tbody tr", (rows) => rows.map((row) => Number(row.cells[4].textContent)));
}

async function keyboard() {
  const page = await open();
  await page.focus(".space [role=row][tabindex='0']");
  const at = () => page.evaluate(() => Number(document.activeElement.getAttribute("aria-rowindex")));
  seen.keys = [await at()];
  for (const key of ["ArrowDown", "ArrowDown", "ArrowUp", "PageDown", "End", "Home"]) {
    await page.keyboard.press(key);
    seen.keys.push(await at());
  }
  await page.keyboard.press("Enter");
  seen.opened = await page.textContent(".detail");
  seen.focusWithin = await page.evaluate(() => document.activeElement.className);
  await page.keyboard.press("Escape");
  seen.closed = [(await page.$$(".detail")).length, await at()];
}

async function details() {
  const page = await open();
  seen.details = {};
  for (const name of JSON.parse(process.env.PAGE_USERS || "[]")) {
    await page.fill("#search", name);
    await page.click(".space [role=row]:first-child");
    seen.details[name] = await page.$$eval(".detail h3, .detail dd, .detail li", (all) => all.map((each) => each.textContent));
  }
}

async function looks() {
  seen.widths = {};
  for (const [name, options, media] of [["light", {}, { colorScheme: "light" }], ["dark", {}, { colorScheme: "dark" }],
    ["phone", { viewport: { width: 360, height: 740 } }, {}], ["print", { viewport: { width: 794, height: 1123 } }, { media: "print" }]]) {
    const page = await open(options, media);
    seen.widths[name] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    seen[name + "Ground"] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await picture(page, name);
    await page.context().close();
  }
  const printed = await open({}, { media: "print" });
  seen.listInPrint = await printed.isVisible("#app");
  const bare = await open({ javaScriptEnabled: false });
  seen.withoutScripts = [await bare.isVisible("#mfa svg"), await bare.isVisible("noscript p"), await bare.isVisible("#app")];
}

async function accessibility() {
  const opened = (page) => page.click(".space [role=row]:first-child");
  seen.axe = [...await violations({}, { colorScheme: "light" }, opened), ...await violations({}, { colorScheme: "dark" }),
    ...await violations({ viewport: { width: 360, height: 740 } }, {}, opened)];
}

for (const part of [list, keyboard, details, looks, accessibility]) await part();
await browser.close();
console.log(JSON.stringify({ ...seen, told }));
