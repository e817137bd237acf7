// SPDX-License-Identifier: MIT
// How soon a page of 'report' can be used, for scripts/bench: node page_speed.mjs PACKAGES FILE. The best of three loads.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [packages, file] = process.argv.slice(2);
const { chromium } = createRequire(packages + "/")("playwright-core");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const ready = [], searches = [];
for (let turn = 0; turn < 3; turn++) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector("html[data-ready]", { state: "attached", timeout: 60000 });
  ready.push(await page.evaluate(() => performance.now()));
  const slowest = await page.evaluate(() => {
    const input = document.getElementById("search");
    let most = 0;
    for (const text of ["a", "ad", "adm", "admin", "akia", "zzzz", ""]) {
      input.value = text;
      const begin = performance.now();
      input.dispatchEvent(new Event("input"));
      document.body.getBoundingClientRect();
      most = Math.max(most, performance.now() - begin);
    }
    return most;
  });
  searches.push(slowest);
  await page.context().close();
}
await browser.close();
console.log(JSON.stringify({ ready_ms: Math.min(...ready), search_ms: Math.min(...searches) }));
