// Sends forms without leaving the page, where what they change comes back by the live stream.

/**
 * A short message at the bottom of the page.
 * @param {string} text
 * @param {"good" | "bad"} [tone]
 */
export function toast(text, tone = "bad") {
  document.querySelector(".toast")?.remove();
  const box = document.createElement("div");
  box.className = `toast message ${tone}`;
  box.setAttribute("role", tone === "bad" ? "alert" : "status");
  box.textContent = text;
  document.body.append(box);
  setTimeout(() => box.remove(), tone === "bad" ? 10_000 : 3_000);
}

/** A fresh id for a command, in order of time (UUID version 7): sent again, it is the same command. */
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = Date.now();
  for (let i = 5; i >= 0; i--) {
    bytes[i] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * Posts fields; `true` if it was done. What was wrong is shown.
 * @param {string} url
 * @param {URLSearchParams} fields
 */
export async function send(url, fields) {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { accept: "application/problem+json" },
      body: fields,
      redirect: "manual",
    });
    if (answer.ok || answer.type === "opaqueredirect") return true;
    const problem = await answer.json();
    toast([problem.title, problem.hint].filter(Boolean).join(" "));
  } catch {
    toast("The server can't be reached. Nothing was sent: try again, or type `deadstick did` in a shell, which queues.");
  }
  return false;
}

/** Forms of live pages are sent in place; every other form is the browser's. */
export function startCommands() {
  if (!document.body.dataset.live) return;
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
    const submitter = event.submitter;
    const fields = new URLSearchParams();
    new FormData(form, submitter).forEach((value, key) => fields.append(key, String(value)));
    // Not `form.action`: a form may well have a field of that name.
    const path = form.getAttribute("action") ?? "";
    // A declared incident has a page of its own: the browser goes there.
    const isInPlace = path === "/mark" || (path === "/do" && fields.get("verb") !== "declare");
    if (!isInPlace) return;
    event.preventDefault();
    if (path === "/do" && !fields.get("id")) fields.set("id", freshId());
    const button = submitter instanceof HTMLButtonElement ? submitter : null;
    if (button) button.disabled = true;
    const done = await send(path, fields);
    if (button) button.disabled = false;
    if (!done) return;
    form.closest("details.sheet")?.removeAttribute("open");
    if (path === "/mark" && button) marked(button);
    else if (form.classList.contains("asked")) form.replaceChildren("recorded");
    else form.reset();
  });
}

/** @type {Record<string, { name: string, text: string, label: string, on: string, is: boolean }>} */
const AFTER = {
  star: { name: "unstar", text: "★", label: "Take the star away", on: "starred", is: true },
  unstar: { name: "star", text: "☆", label: "Star", on: "starred", is: false },
  hide: { name: "show", text: "+", label: "Show again", on: "is-hidden", is: true },
  show: { name: "hide", text: "×", label: "Hide", on: "is-hidden", is: false },
};

/**
 * A mark shows at once; the entry stays where it is.
 * @param {HTMLButtonElement} button
 */
function marked(button) {
  const after = AFTER[button.name];
  const entry = button.closest(".entry");
  if (!after || !entry) return;
  button.name = after.name;
  button.textContent = after.text;
  button.setAttribute("aria-label", after.label);
  entry.classList.toggle(after.on, after.is);
}
