// One stream a page. A hidden tab gives its connection back (six a host are all there are) and goes
// on where it was when it is seen again.

import { applyParts } from "./parts.js";
import { hasExpired, takeFacts, takeRedacted } from "./timeline.js";

/** @type {EventSource | undefined} */
let stream;
/** The last position that this page knows. */
let position = "";

/** @param {"off" | "live" | "lost"} state */
function wire(state) {
  const mark = document.getElementById("wire");
  if (!mark || mark.dataset.state === state) return;
  mark.dataset.state = state;
  mark.textContent = { off: "not live", live: "live", lost: "no connection" }[state];
}

function open() {
  const path = document.body.dataset.live;
  if (!path || stream) return;
  const url = new URL(path, location.href);
  url.searchParams.set("after", position);
  url.searchParams.set("assets", document.body.dataset.assets ?? "");
  const source = new EventSource(url);
  stream = source;
  source.addEventListener("open", () => wire("live"));
  source.addEventListener("error", () => {
    wire("lost");
    // The browser tries again by itself, unless the server said no.
    if (source.readyState !== EventSource.CLOSED) return;
    close();
    setTimeout(() => {
      if (!document.hidden) open();
    }, 5_000);
  });
  const on = (/** @type {string} */ name, /** @type {(data: any) => void} */ act) =>
    source.addEventListener(name, (event) => {
      if (event.lastEventId) position = event.lastEventId;
      act(event.data ? JSON.parse(event.data) : null);
    });
  on("facts", (batch) => {
    takeFacts(batch);
    // The page of one fact is read anew when it is told otherwise, unless somebody fills in a form.
    const isIt = batch.facts.some((/** @type {{ id: string }} */ fresh) => fresh.id === shownFact());
    if (isIt && !document.querySelector("main details[open]")) readAnew();
  });
  on("parts", applyParts);
  on("redacted", (gone) => {
    takeRedacted(gone);
    if (gone.ids.includes(shownFact())) readAnew();
  });
  on("reload", readAnew);
  // The log no longer says which facts expired: only reading anew tells what is left.
  on("expired", (stretches) => {
    if (hasExpired(stretches)) readAnew();
  });
}

/** The fact that the whole page is about. */
function shownFact() {
  const article = document.querySelector("main > article[data-fact]");
  return article instanceof HTMLElement ? article.dataset.fact : undefined;
}

function readAnew() {
  close();
  keepLine();
  location.reload();
}

/** What is typed outlives a reload that nobody asked for. */
function keepLine() {
  const line = document.getElementById("line");
  if (line instanceof HTMLInputElement && line.value) sessionStorage.setItem("line", line.value);
}

function bringLine() {
  const line = document.getElementById("line");
  const kept = sessionStorage.getItem("line");
  sessionStorage.removeItem("line");
  if (line instanceof HTMLInputElement && kept) line.value = kept;
}

function close() {
  stream?.close();
  stream = undefined;
}

/** Starts to listen, and pauses while nobody looks. */
export function startLive() {
  position = document.body.dataset.position ?? "";
  if (!document.body.dataset.live) return;
  bringLine();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      close();
      wire("off");
    } else {
      open();
    }
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", () => {
    if (!document.hidden) open();
  });
  if (!document.hidden) open();
}
