// A fact's evidence over the page, so that nothing moves; the link itself leads to the fact's page.

/** @type {HTMLDialogElement | undefined} */
let dialog;

/**
 * Shows a fact.
 * @param {string} href
 */
export async function showEvidence(href) {
  const url = new URL(href, location.href);
  url.searchParams.set("part", "1");
  const answer = await fetch(url).catch(() => undefined);
  if (!answer?.ok) {
    location.href = href;
    return;
  }
  dialog ??= makeDialog();
  const article = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  dialog.querySelector(".inside")?.replaceChildren(...article.childNodes);
  const link = dialog.querySelector("header a");
  if (link instanceof HTMLAnchorElement) link.href = href;
  if (!dialog.open) dialog.showModal();
}

function makeDialog() {
  const made = document.createElement("dialog");
  made.setAttribute("aria-label", "Evidence");
  const header = document.createElement("header");
  const link = document.createElement("a");
  link.textContent = "Page of this fact";
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => made.close());
  header.append(link, close);
  const inside = document.createElement("div");
  inside.className = "inside";
  made.append(header, inside);
  made.addEventListener("click", (event) => {
    if (event.target === made) made.close();
  });
  document.body.append(made);
  return made;
}

/** Links to facts open over the incident's page; with a modifier key they are links. */
export function startEvidence() {
  if (document.body.dataset.page !== "incident") return;
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target instanceof Element ? event.target.closest("a[href^='/facts/']") : null;
    if (!(link instanceof HTMLAnchorElement) || link.closest("dialog > header")) return;
    event.preventDefault();
    void showEvidence(link.href);
  });
}
