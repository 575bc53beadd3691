// The one line to type: sent in place, kept if it could not be sent.

import { freshId, send } from "./command.js";

/** @type {Record<string, string>} */
const HINTS = {
  did: "did: what you did. --temporary if it must be undone; --because costly, risky or against-policy; --at 14:05",
  note: "note: a remark",
  why: "why: a question, parked for the investigation; nobody answers it now",
  status: "status: how it stands. --next 30 promises the next update in 30 minutes",
  mitigated: "/mitigated: impact is over",
  close: "/close: nothing more is to be done now",
  reopen: "/reopen: it is not over after all",
  sev: "sev 2: changes the severity",
};

/** @param {string} typed */
function hint(typed) {
  const line = typed.trimStart();
  const word = /^\/?([a-z]*)/i.exec(line)?.[1]?.toLowerCase() ?? "";
  const known = HINTS[word];
  if (known) return known;
  if (line.startsWith("/")) {
    const verbs = Object.keys(HINTS).filter((verb) => verb.startsWith(word));
    return verbs.map((verb) => `/${verb}`).join("  ");
  }
  return line ? "a note, as it stands" : "";
}

/** Sends the line without leaving the page. */
export function startLine() {
  const form = document.getElementById("say");
  const input = document.getElementById("line");
  const help = document.getElementById("line-hint");
  if (!(form instanceof HTMLFormElement) || !(input instanceof HTMLInputElement) || !help) return;
  const first = [...help.childNodes].map((node) => node.cloneNode(true));
  const show = () => {
    const text = hint(input.value);
    if (text) help.textContent = text;
    else help.replaceChildren(...first.map((node) => node.cloneNode(true)));
  };
  input.addEventListener("input", show);

  // The same text sent twice because the answer was lost is one command.
  let id = freshId();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const line = input.value.trim();
    if (!line || input.readOnly) return;
    const incident = String(new FormData(form).get("incident") ?? "");
    input.readOnly = true;
    const done = await send("/line", new URLSearchParams({ incident, line, id }));
    input.readOnly = false;
    if (!done) return;
    id = freshId();
    input.value = "";
    show();
    document.dispatchEvent(new CustomEvent("newest"));
  });
}
