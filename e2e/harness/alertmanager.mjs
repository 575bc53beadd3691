// A real Alertmanager with a configuration and data of its own, on a loopback port.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Background, eventually, installed } from "./programs.mjs";

/** Debian's Alertmanager. */
export const ALERTMANAGER = installed("prometheus-alertmanager", "alertmanager");

/**
 * @typedef {object} Alert
 * @property {Record<string, string>} labels
 * @property {Record<string, string>} [annotations]
 * @property {string} startsAt RFC 3339
 * @property {string} [endsAt] RFC 3339; past: resolved
 * @property {string} [generatorURL]
 */

/** An Alertmanager that tells one webhook everything at once. */
export class Alertmanager {
  /**
   * @param {string} folder
   * @param {string} url
   * @param {Background} process
   */
  constructor(folder, url, process) {
    this.folder = folder;
    this.url = url;
    this.process = process;
  }

  /**
   * Starts one and waits until it answers.
   * @param {string} webhook where it sends alerts to
   */
  static async start(webhook) {
    const folder = mkdtempSync(join(tmpdir(), "deadstick-alertmanager-"));
    const config = {
      route: { receiver: "deadstick", group_by: ["alertname"], group_wait: "0s", group_interval: "1s", repeat_interval: "1h" },
      receivers: [{ name: "deadstick", webhook_configs: [{ url: webhook, send_resolved: true }] }],
    };
    // JSON is YAML.
    writeFileSync(join(folder, "alertmanager.yml"), JSON.stringify(config));
    const port = await freePort();
    const process = new Background(/** @type {string} */ (ALERTMANAGER), [
      `--config.file=${folder}/alertmanager.yml`,
      `--storage.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
      "--log.level=debug",
    ]);
    const url = `http://127.0.0.1:${port}`;
    await eventually(
      "Alertmanager is ready",
      () => fetch(`${url}/-/ready`).then((answer) => answer.ok, () => false),
      { seen: () => process.stderr },
    );
    return new Alertmanager(folder, url, process);
  }

  /**
   * Tells it alerts, as Prometheus does.
   * @param {...Alert} alerts
   */
  async post(...alerts) {
    const answer = await fetch(`${this.url}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(alerts),
    });
    if (!answer.ok) throw new Error(`Alertmanager answered ${answer.status}: ${await answer.text()}`);
  }

  /** Ends it and removes its data. */
  async remove() {
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * A port that is free now: Alertmanager can't tell which one it chose itself.
 * @returns {Promise<number>}
 */
function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = /** @type {import("node:net").AddressInfo} */ (probe.address());
      probe.close(() => done(address.port));
    });
  });
}
