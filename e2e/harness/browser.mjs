// A real headless browser, axe, and pictures to look at.

import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { ROOT, installed } from "./programs.mjs";

/** Debian's Chromium. */
export const CHROMIUM = installed("chromium", "chromium-browser");

/** Where pictures go; not checked in. */
export const OUT = join(ROOT, "e2e/out");

/**
 * Starts a browser.
 * @returns {Promise<import("playwright-core").Browser>}
 */
export function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * A page that fails the test when the page itself complains: script errors, refused content, requests
 * that leave the origin.
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").BrowserContextOptions} [options]
 * @returns {Promise<{ page: import("playwright-core").Page, complaints: string[] }>}
 */
export async function open(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  /** @type {string[]} */
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("console", (message) => {
    const isNamedBelow = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isNamedBelow) complaints.push(`console: ${message.text()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${new URL(response.url()).pathname}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    const loopback = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
    if (!loopback && !["data:", "blob:"].includes(url.protocol)) complaints.push(`left the origin: ${url.href}`);
  });
  return { page, complaints };
}

/**
 * Signs in with a one-time link. The link asks for a button, so that a chat's link preview can't use it up.
 * @param {import("playwright-core").Page} page
 * @param {string} url
 */
export async function signIn(page, url) {
  await page.goto(url);
  // A login link leads straight in, an invitation asks first.
  if (new URL(page.url()).pathname.startsWith("/invite/")) {
    await Promise.all([page.waitForURL((now) => now.href !== url), page.getByRole("button", { name: "Sign in" }).click()]);
  }
}

/**
 * Breaches of WCAG 2.2 A and AA, one line each: rule, where, why.
 * @param {import("playwright-core").Page} page
 * @returns {Promise<string[]>}
 */
export async function breaches(page) {
  const path = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  // The page's own policy refuses foreign script; axe comes in past it, by the debugger.
  const { readFile } = await import("node:fs/promises");
  await page.evaluate(await readFile(path, "utf8"));
  return page.evaluate(async () => {
    const axe = /** @type {any} */ (globalThis).axe;
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const found = await axe.run(document, { runOnly: { type: "tag", values: tags } });
    return found.violations.flatMap((/** @type {any} */ rule) =>
      rule.nodes.map((/** @type {any} */ node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary}`),
    );
  });
}

/**
 * A picture of the page under e2e/out, for people to look at.
 * @param {import("playwright-core").Page} page
 * @param {string} name
 * @param {{ fullPage?: boolean }} [options]
 * @returns {Promise<string>} where it is
 */
export async function picture(page, name, options = {}) {
  mkdirSync(OUT, { recursive: true });
  const path = join(OUT, `${name}.png`);
  await page.screenshot({ path, animations: "disabled", ...options });
  return path;
}
