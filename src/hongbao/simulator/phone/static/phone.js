"use strict";

// A button of money is pressed once: the coin turns until the answer, at least 0.6 s.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = form.querySelector("button[data-once]");
  if (!button) return;
  if (button.disabled) {
    event.preventDefault();
    return;
  }
  button.disabled = true;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (!button.classList.contains("coin") || still) return;
  event.preventDefault();
  button.classList.add("turning");
  setTimeout(() => form.submit(), 600);
});

// A page that was left and is shown again may be pressed again; the server gives nothing twice.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[data-once]")) {
    button.disabled = false;
    button.classList.remove("turning");
  }
});

// Twice in three seconds is enough for a person; a page in the background asks nothing.
const EVERY = 1500;

async function refresh() {
  if (document.visibilityState === "visible" && !document.querySelector(".turning")) {
    try {
      const reply = await fetch(location.href, { credentials: "same-origin" });
      if (reply.ok) replaceLive(new DOMParser().parseFromString(await reply.text(), "text/html"));
    } catch {
      // The simulator has stopped, or starts anew: the next try says.
    }
  }
  setTimeout(refresh, EVERY);
}

function replaceLive(fresh) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const next = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
    if (!next || next.outerHTML === old.outerHTML || old.querySelector("button[disabled]")) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const href = focused && focused.getAttribute("href");
    old.replaceWith(next);
    if (focused) (href && next.querySelector(`[href="${CSS.escape(href)}"]`) || next.querySelector("a, button"))?.focus();
  }
}

setTimeout(refresh, EVERY);
