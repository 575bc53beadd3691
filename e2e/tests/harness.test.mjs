// The harness itself: without these, a journey that sees nothing would look like one that passes.

import assert from "node:assert/strict";
import test from "node:test";
import { CHROMIUM, breaches, launch, open } from "../harness/browser.mjs";
import { eventually, missing, run } from "../harness/programs.mjs";

test("axe sees a breach, and a page without one", { skip: missing({ chromium: CHROMIUM }) }, async () => {
  const browser = await launch();
  try {
    const { page, complaints } = await open(browser);
    await page.setContent('<html lang="en"><title>t</title><main><h1>h</h1><img src="data:,"></main>');
    assert.deepEqual((await breaches(page)).map((line) => line.split(":")[0]), ["image-alt"]);
    await page.setContent('<html lang="en"><title>t</title><main><h1>h</h1></main>');
    assert.deepEqual(await breaches(page), []);
    assert.deepEqual(complaints, []);
    await page.evaluate(() => setTimeout(() => { throw new Error("on purpose"); }));
    await eventually("the page's complaint is kept", async () => complaints.length === 1, { seconds: 5 });
    assert.deepEqual(complaints, ["script: on purpose"]);
  } finally {
    await browser.close();
  }
});

test("run tells exit code and both streams", async () => {
  const ran = await run("sh", ["-c", "cat; echo no >&2; exit 3"], { stdin: "yes" });
  assert.deepEqual(ran, { code: 3, stdout: "yes", stderr: "no\n" });
});

test("eventually says what it waited for", async () => {
  await assert.rejects(eventually("the moon", async () => false, { seconds: 0, seen: () => "stars" }), /the moon.*stars/);
});
