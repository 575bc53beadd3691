// What runs with time: elapsed clocks, and how long until the next update is due.

/**
 * `1:05:09`, or `3 d 1:05:09` from a day on.
 * @param {number} ms
 */
export function elapsed(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const clock = `${Math.floor(seconds / 3600) % 24}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const days = Math.floor(seconds / 86_400);
  return days ? `${days} d ${clock}` : clock;
}

/**
 * `3 min`, `2 h 5 min`, `4 d`.
 * @param {number} ms
 */
export function stretch(ms) {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds >= 86_400) return `${Math.floor(seconds / 86_400)} d`;
  const minutes = Math.floor(seconds / 60) % 60;
  return `${Math.floor(seconds / 3600)} h${minutes ? ` ${minutes} min` : ""}`;
}

/** Sets every clock of the page. */
export function tick() {
  const now = Date.now();
  for (const clock of document.querySelectorAll("[data-since]")) {
    if (!(clock instanceof HTMLElement) || clock.dataset.until) continue;
    clock.textContent = elapsed(now - Date.parse(clock.dataset.since ?? ""));
  }
  for (const due of document.querySelectorAll("[data-due]")) {
    const words = due.querySelector("[data-due-words]");
    if (!(due instanceof HTMLElement) || !words || !due.dataset.due) continue;
    const left = Date.parse(due.dataset.due) - now;
    words.textContent = left < 0 ? `overdue by ${stretch(left)}` : `in ${stretch(left)}`;
    words.classList.toggle("overdue", left < 0);
  }
}

/** Ticks once a second while the page is seen. */
export function startClock() {
  if (!document.querySelector("[data-since], [data-due]") && !document.body.dataset.live) return;
  setInterval(() => {
    if (!document.hidden) tick();
  }, 1000);
}
