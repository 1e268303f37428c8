// What pages do beyond links and forms: parts that live, parts that are swapped, keys, copying.
// Without it every page works, too.
"use strict";

// Live parts: the newest state of the element replaces the one before.
let stream = null, comesBack = 0;
function listen() {
  const part = document.querySelector("[data-live]");
  if (stream) stream.close();
  clearTimeout(comesBack);
  stream = null;
  if (!part || document.hidden) return;
  stream = new EventSource(part.dataset.live);
  const lost = document.getElementById("lost");
  stream.onopen = () => { lost.hidden = true; };
  stream.onerror = (event) => {
    lost.hidden = false;
    // Browsers come back by themselves where a stream ends, and not where it is refused.
    if (event.target.readyState === EventSource.CLOSED) comesBack = setTimeout(listen, 5000 + 5000 * Math.random());
  };
  stream.addEventListener("part", (event) => {
    renew(part, event.data);
    part.dataset.live = part.dataset.live.split("?")[0] + "?seen=" + event.lastEventId;
  });
  stream.addEventListener("as-of", (event) => {
    document.getElementById("as-of").textContent = event.data;
    lost.hidden = true;
  });
}
// Whoever is at a link of it, or has scrolled a table of it, stays there.
function renew(part, body) {
  const links = () => [...part.querySelectorAll("a, [tabindex]")], tables = () => [...part.querySelectorAll(".wide")];
  const held = part.contains(document.activeElement) ? document.activeElement : null;
  const place = links().indexOf(held), address = held && held.getAttribute("href");
  const scrolled = tables().map((it) => it.scrollLeft);
  part.innerHTML = body;
  tables().forEach((it, at) => { it.scrollLeft = scrolled[at] || 0; });
  const same = address ? links().find((it) => it.getAttribute("href") === address) : links()[place];
  if (held) (same || document.getElementById("main")).focus({ preventScroll: true });
}
document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", () => stream && stream.close());
addEventListener("pageshow", listen);

// Parts that are swapped: the same address, of which one element is taken.
const page = () => location.pathname + location.search;
let shown = page();
async function swap(address, id, remember) {
  const reply = await fetch(address, { headers: { accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").getElementById(id);
  const stale = document.getElementById(id);
  if (!reply.ok || !fresh || !stale) { location.assign(address); return; }
  const held = stale.contains(document.activeElement);
  stale.replaceWith(fresh);
  if (remember) history.pushState({ swapped: id }, "", address);
  shown = page();
  fresh.scrollIntoView({ block: "nearest" });
  fresh.tabIndex = -1;
  if (held) fresh.focus({ preventScroll: true });
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  swap(link.href, link.dataset.swap, true);
});
// A step within the page, as the link that skips the menu takes, is none between addresses.
addEventListener("popstate", () => { if (page() !== shown) location.reload(); });

// A form is sent once, and one that only looks swaps its part.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.swap) {
    event.preventDefault();
    const asked = new URLSearchParams(new FormData(form));
    swap(form.action.split("?")[0] + "?" + asked, form.dataset.swap, true);
    return;
  }
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A form of which a part is drawn while it is filled in: the page that asks, given what it says so far.
let drawn = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-preview]");
  if (!form || event.target.type === "file") return;
  const mine = ++drawn;
  setTimeout(async () => {
    if (mine !== drawn) return;
    const said = new FormData(form);
    for (const name of ["file", "form_token", "form_once"]) said.delete(name);
    const reply = await fetch(form.dataset.previewFrom + "?" + new URLSearchParams(said));
    const text = await reply.text();
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(form.dataset.preview);
    if (reply.ok && fresh && mine === drawn) document.getElementById(form.dataset.preview).replaceWith(fresh);
  }, 250);
});

// Copying.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  let text = document.getElementById(button.dataset.copy).innerText.trim();
  if ("copyAddress" in button.dataset) text = location.origin + text;
  await navigator.clipboard.writeText(text);
  button.classList.add("done");
});

// Keys: / searches, j and k go through rows, o opens one, g and a letter leads to a page.
// No key ever moves money.
let before = "";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const rows = [...document.querySelectorAll("[data-row] a")];
  const here = rows.indexOf(document.activeElement);
  const key = before === "g" ? "g " + event.key : event.key;
  before = event.key;
  const link = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (link) { link.click(); before = ""; }
  else if (key === "/") { document.querySelector("[data-search]")?.focus(); event.preventDefault(); }
  else if (key === "j") rows[Math.min(here + 1, rows.length - 1)]?.focus();
  else if (key === "k") rows[Math.max(here - 1, 0)]?.focus();
  else if (key === "o" && here >= 0) rows[here].click();
});
