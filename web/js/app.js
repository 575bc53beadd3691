// Pages read and work without scripts; these add keys, the running clock and the live stream.

import { startClock } from "./clock.js";
import { startCommands } from "./command.js";
import { startEvidence } from "./evidence.js";
import { startKeys } from "./keys.js";
import { startLine } from "./line.js";
import { startLive } from "./live.js";
import { startTimeline } from "./timeline.js";

/** The switch between light and dark; without a choice, the system's theme holds. */
function startTheme() {
  const button = document.querySelector("[data-theme-toggle]");
  if (!(button instanceof HTMLButtonElement)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // Holds for this page only.
    }
  });
}

/** Offers the browser's own zone beside the chosen one. */
function startZone() {
  const input = document.querySelector("input[data-zone]");
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!(input instanceof HTMLInputElement) || !own) return;
  const list = document.createElement("datalist");
  list.id = "zones";
  for (const name of new Set([own, "UTC"])) list.append(new Option(name));
  input.after(list);
  input.setAttribute("list", list.id);
}

/** A sheet closes when one turns away from it. */
function startSheets() {
  document.addEventListener("click", (event) => {
    for (const sheet of document.querySelectorAll("details.sheet[open]")) {
      if (event.target instanceof Node && !sheet.contains(event.target)) sheet.removeAttribute("open");
    }
  });
}

startTheme();
startZone();
startSheets();
startClock();
startCommands();
startEvidence();
startTimeline();
startLine();
startKeys();
startLive();
