// Programs that tests start: found, run, stopped by their own process and nothing else.

import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** The binary under test. `cargo xtask test` says where it is; by hand the usual place is right. */
export const DEADSTICK =
  process.env.DEADSTICK_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/deadstick");

/**
 * The path of an installed program.
 * @param {string[]} names names to look for, best first
 * @returns {string | undefined}
 */
export function installed(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "/usr/bin").split(delimiter)) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not there: look further.
      }
    }
  }
  return undefined;
}

/**
 * Why a test has to be skipped, if it does. The reason is printed where a person sees it.
 * @param {Record<string, string | undefined>} needs what a test needs, by name
 * @returns {string | false}
 */
export function missing(needs) {
  const absent = Object.entries(needs).filter(([, path]) => path === undefined || !existsSync(path));
  if (absent.length === 0) return false;
  const reason = `${absent.map(([name]) => name).join(", ")} not installed`;
  process.stderr.write(`skipped: ${reason}\n`);
  return reason;
}

/**
 * @typedef {object} Ran
 * @property {number} code the exit code
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * Runs a program to its end.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: Record<string, string | undefined>, stdin?: string }} [options] `undefined` takes a variable away
 * @returns {Promise<Ran>}
 */
export function run(program, args, options = {}) {
  return new Promise((done, failed) => {
    const child = spawn(program, args, { env: { ...process.env, ...options.env } });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.on("error", failed);
    child.on("close", (code) => done({ code: code ?? -1, stdout, stderr }));
    child.stdin.on("error", () => {});
    child.stdin.end(options.stdin ?? "");
  });
}

/** A program that runs in the background until it is stopped. */
export class Background {
  /**
   * @param {string} program
   * @param {string[]} args
   * @param {Record<string, string | undefined>} [env]
   */
  constructor(program, args, env = {}) {
    this.name = program.split("/").at(-1);
    this.stderr = "";
    this.stdout = "";
    this.child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout.setEncoding("utf8").on("data", (text) => (this.stdout += text));
    this.child.stderr.setEncoding("utf8").on("data", (text) => (this.stderr += text));
    /** @type {Promise<number | NodeJS.Signals>} */
    this.ended = new Promise((done) => {
      this.child.on("error", (error) => {
        this.stderr += String(error);
        done(-1);
      });
      this.child.on("close", (code, signal) => done(code ?? signal ?? -1));
    });
    // A test that fails half way must not leave a server behind.
    this.atExit = () => this.child.kill("SIGKILL");
    process.on("exit", this.atExit);
  }

  /**
   * The first complete line on stdout.
   * @returns {Promise<string>}
   */
  firstLine() {
    return new Promise((done, failed) => {
      const look = () => {
        const end = this.stdout.indexOf("\n");
        if (end >= 0) done(this.stdout.slice(0, end));
      };
      this.child.stdout.on("data", look);
      this.ended.then((how) => {
        look();
        failed(new Error(`${this.name} ended (${how}) before it said anything:\n${this.stderr}`));
      });
      look();
    });
  }

  /**
   * Ends it and waits for the end.
   * @param {NodeJS.Signals} [signal]
   */
  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    const how = await this.ended;
    process.off("exit", this.atExit);
    return how;
  }
}

/**
 * Asks again until the answer is there. Ends with the last state, so that a failure says what was seen.
 * @template T
 * @param {string} what what is waited for
 * @param {() => Promise<T | undefined | false>} ask
 * @param {{ seconds?: number, seen?: () => unknown }} [options]
 * @returns {Promise<T>}
 */
export async function eventually(what, ask, options = {}) {
  const until = Date.now() + (options.seconds ?? 30) * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > until) {
      throw new Error(`${what}: not within ${options.seconds ?? 30} s; seen: ${JSON.stringify(options.seen?.())}`);
    }
    await new Promise((next) => setTimeout(next, 50));
  }
}

/**
 * A file of the repository as text.
 * @param {string} path relative to the root
 */
export function text(path) {
  return readFileSync(join(ROOT, path), "utf8");
}
