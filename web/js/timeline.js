// The timeline while facts stream in. New facts are put in only where the reader is at the newest
// end; else they wait behind a button, and so do late facts above the fold.

/**
 * A line as the stream tells it: its id, time in microseconds, position, day and HTML; `again` if it
 * was there before and is shown otherwise now.
 * @typedef {{ id: string, t: number, p: number, day: string, again: boolean, html: string }} Fresh
 */

/** @type {Map<string, Fresh>} */
const newer = new Map();
/** @type {Map<string, Fresh>} */
const earlier = new Map();

/** Lines kept in the page; older ones are a link away. */
const MOST = 1_000;

const flow = () => document.getElementById("flow");
const box = () => document.getElementById("entries");

/** @returns {HTMLElement[]} */
const lines = () => /** @type {HTMLElement[]} */ ([...(box()?.querySelectorAll(".entry") ?? [])]);

/** Whether the timeline scrolls by itself, as opposed to the page. */
function isOwnScroller() {
  const scroller = flow();
  return !!scroller && getComputedStyle(scroller).flexDirection === "column-reverse";
}

/** Whether the newest line is in view. */
function isAtEnd() {
  const scroller = flow();
  if (!scroller) return false;
  if (isOwnScroller()) return Math.abs(scroller.scrollTop) < 8;
  return scroller.getBoundingClientRect().bottom <= innerHeight + 8;
}

/** Whether this page holds the newest end at all, unfiltered. */
function isNewest() {
  return box()?.dataset.newest !== undefined;
}

function toEnd() {
  const scroller = flow();
  if (isOwnScroller() && scroller) scroller.scrollTop = 0;
  else scroller?.scrollIntoView({ block: "end" });
}

/** @param {Fresh} a @param {Fresh} b */
const byPlace = (a, b) => a.t - b.t || a.p - b.p;

/**
 * Whether a line stands behind a fact.
 * @param {HTMLElement} line
 * @param {Fresh} fresh
 */
function isBehind(line, fresh) {
  const t = Number(line.dataset.t);
  return t > fresh.t || (t === fresh.t && Number(line.dataset.p) > fresh.p);
}

/** @param {string} heading */
function makeDay(heading) {
  const section = document.createElement("section");
  section.dataset.day = heading;
  const title = document.createElement("h3");
  title.className = "day";
  title.textContent = heading;
  section.append(title, document.createElement("ol"));
  return section;
}

/**
 * Puts one line in its place.
 * @param {Fresh} fresh
 */
function put(fresh) {
  const line = new DOMParser().parseFromString(fresh.html, "text/html").querySelector(".entry");
  if (!line) return;
  const old = document.getElementById(`f-${fresh.id}`);
  if (old) {
    line.classList.toggle("at", old.classList.contains("at"));
    old.replaceWith(line);
    return;
  }
  line.classList.add("fresh");
  const all = lines();
  let at = all.length;
  for (let above = all[at - 1]; above && isBehind(above, fresh); above = all[at - 1]) at--;
  const above = all[at - 1];
  const below = all[at];
  const before = above?.closest("section");
  const after = below?.closest("section");
  if (above && before?.dataset.day === fresh.day) above.after(line);
  else if (below && after?.dataset.day === fresh.day) below.before(line);
  else {
    const day = makeDay(fresh.day);
    day.querySelector("ol")?.append(line);
    if (before) before.after(day);
    else if (after) after.before(day);
    else box()?.replaceChildren(day);
  }
}

/** @param {Map<string, Fresh>} facts */
function putAll(facts) {
  [...facts.values()].sort(byPlace).forEach(put);
  facts.clear();
}

function takeNewer() {
  putAll(newer);
  // Lines beyond the most that a page keeps go at the old end, where nobody looks.
  for (const line of lines().slice(0, -MOST)) line.remove();
  toEnd();
  show();
}

function show() {
  const tell = (/** @type {string} */ name, /** @type {number} */ n, /** @type {string} */ word) => {
    const waiting = document.querySelector(`[data-waiting=${name}]`);
    const button = waiting?.querySelector("button");
    if (!(waiting instanceof HTMLElement) || !button) return;
    waiting.hidden = n === 0;
    if (n) button.textContent = `${n} ${word} fact${n === 1 ? "" : "s"}`;
  };
  tell("new", newer.size, "new");
  tell("early", earlier.size, "earlier");
}

/** The first line that is seen, even in part. */
function firstSeen() {
  const top = isOwnScroller() ? (flow()?.getBoundingClientRect().top ?? 0) : 0;
  return lines().find((line) => line.getBoundingClientRect().bottom > top);
}

/**
 * Facts of the live stream, oldest first.
 * @param {{ facts: Fresh[] }} batch
 */
export function takeFacts(batch) {
  if (!box()) return;
  const wasAtEnd = isAtEnd();
  const last = lines().at(-1);
  const seen = firstSeen();
  for (const fresh of batch.facts) {
    if (document.getElementById(`f-${fresh.id}`)) put(fresh);
    else if (fresh.again) continue;
    else if (last && isBehind(last, fresh) && seen && isBehind(seen, fresh)) earlier.set(fresh.id, fresh);
    else if (last && isBehind(last, fresh) && !wasAtEnd) earlier.set(fresh.id, fresh);
    else newer.set(fresh.id, fresh);
  }
  if (isNewest() && wasAtEnd && newer.size) takeNewer();
  show();
}

/**
 * Facts that were removed for good leave the page at once, whoever reads them.
 * @param {{ ids: string[] }} gone
 */
export function takeRedacted(gone) {
  for (const id of gone.ids) {
    newer.delete(id);
    earlier.delete(id);
    for (const dialog of document.querySelectorAll("dialog[open]")) {
      if (!(dialog instanceof HTMLDialogElement) || !dialog.querySelector(`[data-fact="${id}"]`)) continue;
      dialog.querySelector(".inside")?.replaceChildren();
      dialog.close();
    }
    const line = document.getElementById(`f-${id}`);
    if (!line) continue;
    line.className = "entry k-erasure is-redacted";
    const what = line.querySelector(".what");
    if (what) what.textContent = "redacted: removed for good";
    line.querySelector(".tools")?.replaceChildren();
  }
  show();
}

/**
 * Whether the page shows facts that may have expired: of that source, among those positions.
 * @param {{ source: string, from: number, to: number }[]} stretches
 */
export function hasExpired(stretches) {
  const facts = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("article[data-fact]"), ...lines()]);
  return facts.some((fact) => {
    const source = fact.dataset.source ?? fact.querySelector(".from")?.textContent;
    const at = Number(fact.dataset.p);
    return stretches.some((stretch) => stretch.source === source && at >= stretch.from && at <= stretch.to);
  });
}

/** Buttons for what waits; reaching the end takes new facts in. */
export function startTimeline() {
  if (!box()) return;
  const newest = () => {
    if (isNewest()) takeNewer();
    else location.href = `/incidents/${document.getElementById("main")?.dataset.incident}`;
  };
  document.querySelector("[data-waiting=new] button")?.addEventListener("click", newest);
  document.addEventListener("newest", newest);
  document.querySelector("[data-waiting=early] button")?.addEventListener("click", () => {
    const first = [...earlier.values()].sort(byPlace)[0];
    putAll(earlier);
    show();
    if (first) document.getElementById(`f-${first.id}`)?.scrollIntoView({ block: "center" });
  });
  const reached = () => {
    if (newer.size && isNewest() && isAtEnd()) takeNewer();
  };
  flow()?.addEventListener("scroll", reached, { passive: true });
  document.addEventListener("scroll", reached, { passive: true });
  if (location.hash.startsWith("#f-")) document.getElementById(location.hash.slice(1))?.classList.add("at");
}
