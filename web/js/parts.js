// Parts of a page that the server sends anew. Nothing moves under the pointer: a part in which
// somebody types, that has a sheet open, or over which the pointer rests, waits until they turn away.

import { tick } from "./clock.js";

/** @type {Map<string, string>} */
const waiting = new Map();

/** When the pointer or a key was last pressed: what one did oneself shows at once. */
let pressed = 0;

/** @param {Element} part */
function isBusy(part) {
  if (part.querySelector("details[open]")) return true;
  const focused = document.activeElement;
  if (focused?.matches("input, textarea, select") && part.contains(focused)) return true;
  if (Date.now() - pressed < 1_500) return false;
  return part.matches(":hover") || part.contains(focused);
}

/**
 * Puts parts in place: id to HTML.
 * @param {Record<string, string>} parts
 */
export function applyParts(parts) {
  for (const [id, html] of Object.entries(parts)) waiting.set(id, html);
  flush();
}

function flush() {
  for (const [id, html] of waiting) {
    const old = document.getElementById(id);
    if (old && isBusy(old)) continue;
    waiting.delete(id);
    const fresh = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
    if (!old || !fresh) continue;
    const scrolled = old.querySelector(".wall")?.scrollTop ?? 0;
    old.replaceWith(fresh);
    const wall = fresh.querySelector(".wall");
    if (wall) wall.scrollTop = scrolled;
  }
  tick();
}

const note = () => {
  pressed = Date.now();
};
document.addEventListener("pointerdown", note, true);
document.addEventListener("keydown", note, true);
setInterval(() => {
  if (waiting.size && !document.hidden) flush();
}, 700);
