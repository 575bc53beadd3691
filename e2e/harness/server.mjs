// A real server with a data directory of its own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Background, DEADSTICK, run } from "./programs.mjs";

/** @typedef {{ url: string, login_url: string, token: string }} Ready */

/** A server under test, and the command line that talks to it. */
export class Server {
  /**
   * @param {string} data
   * @param {Background} process
   * @param {Ready} ready
   */
  constructor(data, process, ready) {
    this.data = data;
    this.process = process;
    this.url = ready.url;
    this.loginUrl = ready.login_url;
    this.token = ready.token;
  }

  /**
   * Starts a server on a port that the system chooses and waits until it is ready.
   * @param {{ data?: string, listen?: string, args?: string[] }} [options]
   */
  static async start(options = {}) {
    const data = options.data ?? mkdtempSync(join(tmpdir(), "deadstick-e2e-"));
    const listen = options.listen ?? "127.0.0.1:0";
    const args = ["serve", "--json", "--listen", listen, "--data", data, ...(options.args ?? [])];
    const process = new Background(DEADSTICK, args, CLEAN);
    const ready = /** @type {Ready} */ (JSON.parse(await process.firstLine()));
    return new Server(data, process, ready);
  }

  /**
   * Runs a verb against this server.
   * @param {string[]} args
   * @param {{ stdin?: string }} [options]
   */
  cli(args, options = {}) {
    const env = { ...CLEAN, DEADSTICK_DATA: this.data, DEADSTICK_TOKEN: this.token };
    return run(DEADSTICK, args, { env, ...options });
  }

  /**
   * Runs a verb with `--json`; what it prints, parsed. Fails unless it exits 0.
   * @param {string[]} args
   * @param {{ stdin?: string }} [options]
   * @returns {Promise<any>}
   */
  async json(args, options = {}) {
    const ran = await this.cli([...args, "--json"], options);
    if (ran.code !== 0) {
      throw new Error(`deadstick ${args.join(" ")} exited ${ran.code}:\n${ran.stderr}${ran.stdout}`);
    }
    return JSON.parse(ran.stdout);
  }

  /**
   * A request with the first person's token.
   * @param {string} path
   * @param {RequestInit} [init]
   */
  fetch(path, init = {}) {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${this.token}`);
    return fetch(new URL(path, this.url), { ...init, headers });
  }

  /** A fresh one-time login link: those of `serve` and of `people` work once. */
  async login() {
    const url = this.loginUrl;
    if (!url) throw new Error("the login link was used already");
    this.loginUrl = "";
    return url;
  }

  /** Ends the server as a power cut would. */
  kill() {
    return this.process.stop("SIGKILL");
  }

  /** Ends the server and removes its data. */
  async remove() {
    await this.process.stop("SIGTERM");
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** Nothing of the person's own settings reaches a test; the first person is called Ada. */
const CLEAN = { USER: "ada", DEADSTICK_DATA: undefined, DEADSTICK_URL: undefined, DEADSTICK_TOKEN: undefined };
