// The pages in a real browser: keys alone, no script at all, both themes and a phone, many tabs, and nothing that
// moves while facts stream in.

import assert from "node:assert/strict";
import test from "node:test";
import { CHROMIUM, breaches, launch, open, picture, signIn } from "../harness/browser.mjs";
import { eventually, missing } from "../harness/programs.mjs";
import { Server } from "../harness/server.mjs";
import { uuidv7 } from "../harness/story.mjs";

const skip = missing({ chromium: CHROMIUM });

/** @typedef {import("playwright-core").Page} Page */

test("pages", { skip, timeout: 300_000 }, async (t) => {
  const server = await Server.start();
  t.after(() => server.remove());
  const chat = await server.json(["sources", "add", "ndjson", "ops-chat"]);
  const browser = await launch();
  t.after(() => browser.close());
  const { page, complaints } = await open(browser);
  await signIn(page, await server.login());

  await t.test("an empty start says what to do next", async () => {
    await page.getByText("No open incident.").waitFor();
    assert.deepEqual(await breaches(page), []);
  });
  await t.test("keys alone", () => keys(page, chat));
  await t.test("nothing moves while facts stream in", () => streaming(page, chat));
  await t.test("what is removed leaves open pages", () => removed(server, page, chat));
  await t.test("eight tabs", () => tabs(page, chat));
  await t.test("both themes, a screen and a phone", () => looks(page));
  await t.test("what is not there", () => absent(browser, page));
  await t.test("without a script", () => scriptless(browser, page));
  assert.deepEqual(complaints, []);
});

/**
 * Sends facts.
 * @param {any} source
 * @param {{ text: string, kind?: string, at?: number, data?: object, thread?: string, span?: object }[]} facts
 */
async function send(source, facts) {
  const lines = facts.map((fact) => {
    const id = uuidv7();
    const at = new Date(fact.at ?? Date.now()).toISOString();
    const told = { id, source: source.source, native_id: id, revision: 0, occurred_at: at, actor: "kim" };
    return JSON.stringify({ ...told, kind: fact.kind ?? "message", text: fact.text, data: fact.data ?? {} });
  });
  const headers = { "content-type": "application/x-ndjson" };
  const answer = await fetch(source.url, { method: "POST", headers, body: `${lines.join("\n")}\n` });
  const told = await answer.text();
  assert.ok(answer.ok && !told.includes("refused"), told);
}

/**
 * Declares, writes, marks, looks at evidence and decides, and never touches the pointer.
 * @param {Page} page
 * @param {any} chat
 */
async function keys(page, chat) {
  await page.keyboard.press("d");
  await page.keyboard.type("Checkout answers 502");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/incidents/INC-1");
  await page.locator("#wire[data-state=live]").waitFor();

  await page.keyboard.press("i");
  await page.keyboard.type("did restarted the proxy");
  await page.keyboard.press("Enter");
  await page.locator(".entry.k-action", { hasText: "restarted the proxy" }).waitFor();
  await page.keyboard.type("why was it down at all?");
  await page.keyboard.press("Enter");
  await page.locator("#told", { hasText: "was it down at all?" }).waitFor();
  await page.keyboard.press("Escape");

  await send(chat, [{ text: "that fixed it" }]);
  await page.locator(".entry", { hasText: "that fixed it" }).waitFor();
  await page.locator("[data-proposal]").first().waitFor();
  await page.keyboard.press("y");
  await page.locator(".came:not(.proposed)", { hasText: "that fixed it" }).waitFor();

  await page.keyboard.press("k");
  const at = page.locator(".entry.at");
  await at.waitFor();
  await page.keyboard.press("s");
  await page.locator(".entry.at.starred").waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Evidence" }).waitFor();
  assert.deepEqual(await breaches(page), []);
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("n");
  await page.getByRole("link", { name: "Checkout answers 502" }).waitFor();
}

/** @param {Page} page */
const lastLine = (page) => page.locator(".entry").last();

/**
 * Facts come in while somebody reads: at the end they are shown, elsewhere they wait.
 * @param {Page} page
 * @param {any} chat
 */
async function streaming(page, chat) {
  await page.goto(new URL("/incidents/INC-1", page.url()).href);
  await page.locator("#wire[data-state=live]").waitFor();
  await page.evaluate(() => {
    const seen = /** @type {any} */ (window);
    seen.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of /** @type {any[]} */ (list.getEntries())) {
        const what = entry.sources?.map((/** @type {any} */ source) => source.node?.className ?? source.node?.nodeName);
        seen.shifts.push([entry.value, ...(what ?? [])]);
      }
    }).observe({ type: "layout-shift", buffered: false });
  });
  for (let batch = 0; batch < 10; batch++) {
    await send(chat, Array.from({ length: 30 }, (_, n) => ({ text: `message ${batch}-${n}` })));
  }
  await page.locator(".entry", { hasText: "message 9-29" }).waitFor();
  await eventually("the end is in view", () => page.locator("#flow").evaluate((flow) => Math.abs(flow.scrollTop) < 8));
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).shifts), []);

  // Scrolled back, nothing is put in: not at the end, not above.
  await page.locator("#flow").evaluate((flow) => flow.scrollBy(0, -2_000));
  const first = () =>
    page.evaluate(() => {
      const top = document.getElementById("flow")?.getBoundingClientRect().top ?? 0;
      const line = [...document.querySelectorAll(".entry")].find((one) => one.getBoundingClientRect().top >= top);
      return `${line?.id} ${Math.round(line?.getBoundingClientRect().top ?? 0)}`;
    });
  const before = await first();
  await send(chat, [{ text: "later one" }, { text: "later two" }]);
  await page.getByRole("button", { name: "2 new facts" }).waitFor();
  await send(chat, [{ text: "it came late", at: Date.now() - 1_800_000 }]);
  await page.getByRole("button", { name: "1 earlier fact" }).waitFor();
  assert.equal(await first(), before);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).shifts), []);

  await page.getByRole("button", { name: "2 new facts" }).click();
  await lastLine(page).filter({ hasText: "later two" }).waitFor();
  await page.getByRole("button", { name: "1 earlier fact" }).click();
  const late = page.locator(".entry", { hasText: "it came late" });
  await late.getByText("recorded 30 min later").waitFor();
}

/**
 * Somebody redacts a fact that others have open, on the timeline and on its own page.
 * @param {Server} server
 * @param {Page} page
 * @param {any} chat
 */
async function removed(server, page, chat) {
  await send(chat, [{ text: "the password is Kestrel" }]);
  await page.goto(new URL("/incidents/INC-1", page.url()).href);
  const line = page.locator(".entry", { hasText: "Kestrel" });
  await line.waitFor();
  const alone = await page.context().newPage();
  const link = await line.locator("a").first().getAttribute("href");
  await alone.goto(new URL(link ?? "", page.url()).href);
  await alone.getByText("Kestrel").first().waitFor();
  for (const open of [page, alone]) await open.locator("#wire[data-state=live]").waitFor();
  await server.json(["redact", "--containing", "Kestrel", "--yes", "--why", "a password"]);
  for (const open of [page, alone]) {
    await open.getByText(/removed for good/).first().waitFor();
    assert.ok(!(await open.content()).includes("Kestrel"));
  }
  await alone.close();
}

/**
 * Eight tabs of one server: hidden ones give their connection back, and catch up when they are seen.
 * @param {Page} first
 * @param {any} chat
 */
async function tabs(first, chat) {
  const show = (/** @type {Page} */ page, /** @type {boolean} */ hidden) =>
    page.evaluate((is) => {
      Object.defineProperty(document, "hidden", { value: is, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  const pages = [];
  for (let n = 0; n < 8; n++) {
    const page = await first.context().newPage();
    await page.goto(new URL("/incidents/INC-1", first.url()).href);
    await page.locator("#wire[data-state=live]").waitFor();
    await show(page, true);
    await page.locator("#wire[data-state=off]").waitFor();
    pages.push(page);
  }
  await send(chat, [{ text: "for all eight" }]);
  for (const page of pages) {
    await show(page, false);
    await page.locator(".entry", { hasText: "for all eight" }).waitFor();
    await show(page, true);
  }
  for (const page of pages) await page.close();
}

/** @param {Page} page */
async function looks(page) {
  const base = page.url();
  for (const path of ["/", "/incidents", "/incidents/INC-1", "/incidents/INC-1/brief", "/sources", "/people"]) {
    await page.goto(new URL(path, base).href);
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      for (const width of [1280, 390]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        assert.deepEqual(await breaches(page), [], `${path} ${colorScheme} ${width}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${path} is ${wide} px wide on ${width}`);
        await picture(page, `page${path.replaceAll("/", "-")}-${colorScheme}-${width}`);
      }
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

/**
 * What is not there is told by a page with a way on.
 * @param {import("playwright-core").Browser} browser
 * @param {Page} signedIn
 */
async function absent(browser, signedIn) {
  const { page } = await open(browser);
  await page.context().addCookies(await signedIn.context().cookies());
  for (const path of ["/no", "/incidents/INC-99", "/facts/no"]) {
    const answer = await page.goto(new URL(path, signedIn.url()).href);
    assert.equal(answer?.status(), 404, path);
    await page.getByRole("link", { name: "Go to Now" }).waitFor();
    assert.deepEqual(await breaches(page), [], path);
  }
  await page.context().close();
}

/**
 * Reads and writes with scripts switched off.
 * @param {import("playwright-core").Browser} browser
 * @param {Page} signedIn
 */
async function scriptless(browser, signedIn) {
  const { page, complaints } = await open(browser, { javaScriptEnabled: false });
  await page.context().addCookies(await signedIn.context().cookies());
  await page.goto(new URL("/incidents/INC-1", signedIn.url()).href);
  await page.locator("#line").fill("note written without a script");
  await page.getByRole("button", { name: "Record" }).click();
  await page.locator(".entry", { hasText: "written without a script" }).waitFor();
  await lastLine(page).getByRole("button", { name: "Star" }).click();
  await page.locator(".entry.starred", { hasText: "written without a script" }).waitFor();
  await page.getByRole("button", { name: "Mitigated" }).click();
  await page.locator("#stand .status-mitigated").waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
}
