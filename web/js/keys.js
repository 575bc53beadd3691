// Keys: everything that is done often is done by one.

import { showEvidence } from "./evidence.js";

/** @type {[string, [string, string][]][]} */
const HELP = [
  [
    "Everywhere",
    [
      ["?", "these keys"],
      ["g n", "Now"],
      ["g i", "Incidents"],
      ["g s", "Sources"],
      ["g p", "People"],
      ["j k", "next, previous row"],
      ["Enter", "open it"],
      ["d", "declare (on Now)"],
      ["Esc", "leave a field, close"],
    ],
  ],
  [
    "In an incident",
    [
      ["Enter", "evidence of the fact"],
      ["s", "star it"],
      ["h", "hide it"],
      ["p", "next proposed result"],
      ["y n", "confirm, deny it"],
      ["/ i", "the line to type"],
      ["G", "newest facts"],
    ],
  ],
];

/** @type {Record<string, string>} */
const PLACES = { n: "/", i: "/incidents", s: "/sources", p: "/people" };

/** @param {EventTarget | null} target */
function isTyping(target) {
  return (
    target instanceof HTMLElement && target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")
  );
}

/** @param {string} selector */
function all(selector) {
  const found = [...document.querySelectorAll(selector)];
  return found.filter((one) => one instanceof HTMLElement);
}

/** @param {number} step */
function move(step) {
  const rows = all(".entry, [data-row]");
  const now = rows.findIndex((row) => row.classList.contains("at"));
  // A timeline is entered at its newest end, a list at its top.
  const first = rows[0]?.classList.contains("entry") ? rows.length - 1 : 0;
  const next = rows[now < 0 ? first : Math.min(rows.length - 1, Math.max(0, now + step))];
  if (next) select(next);
}

/** @param {HTMLElement} row */
function select(row) {
  for (const other of all(".at")) {
    other.classList.remove("at");
    other.removeAttribute("tabindex");
  }
  row.classList.add("at");
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/** @param {string} selector */
function press(selector) {
  const button = document.querySelector(`.entry.at ${selector}`);
  if (button instanceof HTMLButtonElement) button.click();
}

function nextProposal() {
  const open = all("[data-proposal]");
  const now = open.findIndex((one) => one.classList.contains("at"));
  const next = open[(now + 1) % Math.max(1, open.length)];
  if (next) select(next);
}

/** @param {"y" | "n"} key */
function answer(key) {
  const open = all("[data-proposal]");
  const one = open.find((proposal) => proposal.classList.contains("at")) ?? open[0];
  const button = one?.querySelector(`[data-answer=${key}]`);
  if (button instanceof HTMLButtonElement) button.click();
}

function evidence() {
  const link = document.querySelector(".entry.at .when a, [data-row].at a");
  if (!(link instanceof HTMLAnchorElement)) return false;
  if (link.closest(".entry")) void showEvidence(link.href);
  else location.href = link.href;
  return true;
}

/** @type {HTMLDialogElement | undefined} */
let help;

function makeHelp() {
  const made = document.createElement("dialog");
  made.className = "keys";
  made.setAttribute("aria-labelledby", "keys-h");
  const header = document.createElement("header");
  const title = document.createElement("h2");
  title.id = "keys-h";
  title.textContent = "Keys";
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => made.close());
  header.append(title, close);
  const inside = document.createElement("div");
  inside.className = "inside";
  for (const [name, keys] of HELP) {
    const heading = document.createElement("h3");
    heading.textContent = name;
    const list = document.createElement("dl");
    for (const [key, does] of keys) {
      const term = document.createElement("dt");
      for (const cap of key.split(" ")) {
        const kbd = document.createElement("kbd");
        kbd.textContent = cap;
        term.append(kbd, " ");
      }
      const text = document.createElement("dd");
      text.textContent = does;
      list.append(term, text);
    }
    inside.append(heading, list);
  }
  made.append(header, inside);
  document.body.append(made);
  return made;
}

function showHelp() {
  help ??= makeHelp();
  if (!help.open) help.showModal();
}

/** @param {string} selector */
function focus(selector) {
  const field = document.querySelector(selector);
  if (field instanceof HTMLElement) field.focus();
}

/** @type {Record<string, () => void>} */
const KEYS = {
  "?": showHelp,
  j: () => move(1),
  k: () => move(-1),
  s: () => press(".star"),
  h: () => press(".hide"),
  p: nextProposal,
  y: () => answer("y"),
  n: () => answer("n"),
  "/": () => focus("#line"),
  i: () => focus("#line"),
  d: () => focus("[data-key=d]"),
  G: () => document.dispatchEvent(new CustomEvent("newest")),
};

function leave() {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  for (const sheet of all("details.sheet[open]")) sheet.removeAttribute("open");
}

/** Listens for keys, except where somebody types. */
export function startKeys() {
  const button = document.querySelector("[data-keys]");
  if (button instanceof HTMLButtonElement) {
    button.hidden = false;
    button.addEventListener("click", showHelp);
  }
  let went = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      leave();
      return;
    }
    if (isTyping(event.target)) return;
    const place = went ? PLACES[event.key] : undefined;
    went = event.key === "g";
    if (place) {
      location.href = place;
      return;
    }
    const isControl = event.target instanceof Element && event.target.closest("a, button, summary");
    if (event.key === "Enter") {
      if (!isControl && evidence()) event.preventDefault();
      return;
    }
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
