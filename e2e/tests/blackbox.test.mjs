// The main job, end to end: a real Alertmanager, a deploy webhook and a script report; nobody types a verb; the
// incident is declared ten minutes late, and its timeline is already there. It survives a power cut.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { ALERTMANAGER, Alertmanager } from "../harness/alertmanager.mjs";
import { CHROMIUM, breaches, launch, open, picture, signIn } from "../harness/browser.mjs";
import { begun, deliver, ended } from "../harness/github.mjs";
import { DEADSTICK, ROOT, eventually, missing, run, text } from "../harness/programs.mjs";
import { Server } from "../harness/server.mjs";
import { Story, uuidv7 } from "../harness/story.mjs";

const EXPECTED = "e2e/expected/blackbox.json";
const skip = missing({ chromium: CHROMIUM, "prometheus-alertmanager": ALERTMANAGER });

test("recorded before anyone declared it", { skip, timeout: 240_000 }, async (t) => {
  const story = new Story(Math.floor(Date.now() / 1000) * 1000 - 600_000);
  let server = await Server.start();
  t.after(() => server.remove());
  const alerts = await server.json(["sources", "add", "alertmanager", "alerts"]);
  const deploys = await server.json(["sources", "add", "github", "deploys"]);
  const scripts = await server.json(["sources", "add", "ndjson", "scripts"]);
  const alertmanager = await Alertmanager.start(alerts.url);
  t.after(() => alertmanager.remove());

  await t.test("what happens is recorded", () => happen(story, server, alertmanager, deploys, scripts));

  /** @type {any} */
  let incident;
  /** @type {any[]} */
  let timeline = [];
  await t.test("declared late, the timeline is there", async () => {
    const title = "Checkout answers 500";
    incident = await server.json(["declare", title, "--severity", "2", "--at", story.at(0)]);
    assert.equal(incident.incident, "INC-1");
    timeline = await server.json(["timeline", "INC-1"]);
    const proposals = await server.json(["proposals", "INC-1"]);
    const told = { timeline: story.timeline(timeline), proposals: story.proposals(proposals) };
    const written = `${JSON.stringify(told, null, 2)}\n`;
    if (process.env.UPDATE) writeFileSync(join(ROOT, EXPECTED), written);
    assert.equal(written, text(EXPECTED));
  });

  await t.test("the page shows it", () => look(server, incident, timeline));

  await t.test("after a power cut it is the same, and whole", async () => {
    await server.kill();
    server = await Server.start({ data: server.data });
    assert.deepEqual(await server.json(["timeline", "INC-1"]), timeline);
    const verified = await run(DEADSTICK, ["verify", "--data", server.data, "--json"]);
    assert.equal(verified.code, 0, verified.stderr + verified.stdout);
  });
});

/**
 * Ten minutes of an incident, reported by machines alone.
 * @param {Story} story
 * @param {Server} server
 * @param {Alertmanager} alertmanager
 * @param {any} deploys
 * @param {any} scripts
 */
async function happen(story, server, alertmanager, deploys, scripts) {
  const firing = async () => (await (await server.fetch("/api/v1/now")).json()).firing.length;
  const errors = {
    labels: { alertname: "CheckoutErrors", service: "checkout", severity: "critical", instance: "shop-3" },
    annotations: { summary: "12 % of checkout requests answer 500" },
  };
  const latency = {
    labels: { alertname: "CheckoutLatency", service: "checkout", severity: "warning", instance: "shop-3" },
    annotations: { summary: "p99 of checkout is 4.1 s" },
  };

  const release = { id: 41, ref: "v2.8.0", description: "Release 2.8.0", by: "mori", at: story.at(-120) };
  await github(deploys, begun(release));
  await github(deploys, ended(release, "success", story.at(-90)));

  const soon = new Date(Date.now() + 3_600_000).toISOString();
  await alertmanager.post({ ...errors, startsAt: story.at(0), endsAt: soon });
  await eventually("the first alert is recorded", async () => (await firing()) === 1);
  await alertmanager.post({ ...latency, startsAt: story.at(45), endsAt: soon });
  await eventually("the second alert is recorded", async () => (await firing()) === 2);

  await script(scripts, story.at(150), "systemctl restart checkout", 1);
  await script(scripts, story.at(180), "systemctl restart checkout@shop-3", 0);

  const rollback = { id: 42, ref: "v2.7.3", description: "Back to 2.7.3", by: "mori", at: story.at(300) };
  await github(deploys, begun(rollback));
  await github(deploys, ended(rollback, "success", story.at(330)));

  await alertmanager.post({ ...errors, startsAt: story.at(0), endsAt: story.at(390) });
  await eventually("the first alert is resolved", async () => (await firing()) === 1);
  await alertmanager.post({ ...latency, startsAt: story.at(45), endsAt: story.at(420) });
  await eventually("the second alert is resolved", async () => (await firing()) === 0);

  // Whoever does not know the secret adds nothing, and does not learn which sources there are.
  const forged = await deliver(new URL("/in/deploys", deploys.url).href, "guessed", begun(rollback));
  assert.equal(forged.status, 404);
}

/**
 * @param {any} source
 * @param {{ event: string, body: unknown }} delivery
 */
async function github(source, delivery) {
  // The address without the secret: the signature alone has to do.
  const answer = await deliver(new URL(`/in/${source.source}`, source.url).href, source.secret, delivery);
  assert.equal(answer.status, 202);
  assert.deepEqual(await answer.json(), { stored: 1, known: 0 });
}

/**
 * A script tells which command it ran and how that ended.
 * @param {any} source
 * @param {string} at
 * @param {string} command
 * @param {number} exitStatus
 */
async function script(source, at, command, exitStatus) {
  const fact = {
    id: uuidv7(),
    source: source.source,
    native_id: `${command} ${at}`,
    revision: 0,
    occurred_at: at,
    actor: "kim",
    kind: "command",
    text: command,
    data: { exit_status: exitStatus, host: "shop-3" },
  };
  // Sent twice, as a script does that was not sure: it is one fact.
  for (const expected of ["stored", "known"]) {
    const answer = await fetch(source.url, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: `${JSON.stringify(fact)}\n`,
    });
    const line = await answer.text();
    assert.equal(answer.ok, true, line);
    assert.equal(JSON.parse(line.split("\n")[0]).status, expected);
  }
}

/**
 * Opens the incident's page in a real browser, in daylight, in the dark and on a phone.
 * @param {Server} server
 * @param {any} incident
 * @param {any[]} timeline
 */
async function look(server, incident, timeline) {
  const browser = await launch();
  try {
    const { page, complaints } = await open(browser);
    await signIn(page, await server.login());
    await page.goto(incident.url);
    await page.getByRole("heading", { name: incident.title }).first().waitFor();
    const shown = await page.locator("body").innerText();
    for (const fact of timeline) {
      const start = fact.text.split("\n")[0].slice(0, 40);
      assert.ok(shown.includes(start), `the page does not show: ${start}`);
    }
    assert.deepEqual(await breaches(page), []);
    await picture(page, "blackbox-light", { fullPage: true });
    await page.emulateMedia({ colorScheme: "dark" });
    assert.deepEqual(await breaches(page), []);
    await picture(page, "blackbox-dark", { fullPage: true });
    await page.setViewportSize({ width: 390, height: 844 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `the page is ${width} px wide on a phone`);
    await picture(page, "blackbox-phone");
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
}
