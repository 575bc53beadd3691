// Times and ids differ from run to run; a story told in seconds since its start does not.

import { randomBytes } from "node:crypto";

/** A stretch of the past, told relative to its start. */
export class Story {
  /** @param {number} start milliseconds since 1970 */
  constructor(start) {
    this.start = start;
    this.toldSince = Date.now();
    /** @type {Map<string, string>} */
    this.names = new Map();
  }

  /**
   * A moment of the story as RFC 3339.
   * @param {number} seconds since its start
   */
  at(seconds) {
    return new Date(this.start + seconds * 1000).toISOString();
  }

  /**
   * A time as seconds since the start; what happened while the test ran is "now".
   * @param {string} time RFC 3339
   */
  seconds(time) {
    const millis = Date.parse(time);
    return millis >= this.toldSince - 1000 ? "now" : (millis - this.start) / 1000;
  }

  /**
   * A timeline without what differs: ids become the number of the line.
   * @param {any[]} timeline
   */
  timeline(timeline) {
    timeline.forEach((fact, index) => this.names.set(fact.id, `#${index + 1}`));
    return timeline.map((fact) => ({
      at: this.seconds(fact.occurred_at),
      source: fact.source,
      kind: fact.kind,
      actor: fact.actor,
      text: fact.text,
      thread: fact.thread,
      result_of: fact.result_of && this.names.get(fact.result_of),
      redacted: fact.redacted,
    }));
  }

  /**
   * Proposals without what differs; to be called after `timeline`.
   * @param {any[]} proposals
   */
  proposals(proposals) {
    return proposals.map((proposal) => ({
      action: this.names.get(proposal.action),
      result: this.names.get(proposal.result),
      at: this.seconds(proposal.result_at),
      outcome: proposal.outcome,
      rule: proposal.rule,
      reason: proposal.reason,
      state: proposal.state,
    }));
  }
}

/** A new UUIDv7, as writers of facts choose them. */
export function uuidv7() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
