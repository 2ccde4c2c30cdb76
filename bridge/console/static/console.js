"use strict";
// Comfort for pages that work without it: relative times, keys, and pages that stay fresh.

const main = document.getElementById("main");
const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy("leadbridge", { createHTML: (html) => html }) // only what this server rendered
  : { createHTML: (html) => html };

function ago(date, now) {
  const seconds = Math.round((date - now) / 1000);
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) || units[3];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

function refreshTimes() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[datetime]:not([data-exact])")) {
    if (!time.title) time.title = time.textContent;
    time.textContent = ago(new Date(time.dateTime), now);
  }
}

// keys

let pending = "";
function rows() { return [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null); }
function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  (next.matches("a, button, summary") ? next : next.querySelector("a, button, summary")).focus();
}
const actions = {
  "/": () => {
    const field = document.querySelector("[data-search]");
    if (field) { field.focus(); field.select(); }
    else document.querySelector("[data-go=l]")?.click();
  },
  j: () => step(1),
  k: () => step(-1),
  "?": () => document.getElementById("keys")?.showModal(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  if (pending === "g") {
    pending = "";
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); return; }
  }
  if (event.key === "g") { pending = "g"; return; }
  const shortcut = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (actions[event.key]) { event.preventDefault(); actions[event.key](); }
  else if (shortcut) { event.preventDefault(); shortcut.click(); }
});

// pages that stay fresh: asked again, and put in place when something changed and nobody is in the middle of something

let etag = "";
function busy() {
  const selection = document.getSelection();
  const active = document.activeElement;
  return document.hidden || document.querySelector("dialog[open]") || (selection && !selection.isCollapsed) ||
    (active && active.closest("input, textarea, select")) || main.querySelector("input:checked");
}
function put(html) {
  const open = [...main.querySelectorAll("details[open][id]")].map((one) => one.id);
  const focused = document.activeElement && main.contains(document.activeElement) ? document.activeElement.id : "";
  main.innerHTML = policy.createHTML(html);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus();
  refreshTimes();
}
async function refresh() {
  if (busy()) return;
  const headers = { "Leadbridge-Part": "main" };
  if (etag) headers["If-None-Match"] = etag;
  const answer = await fetch(location.href, { headers, redirect: "error" });
  if (answer.status !== 200) return;
  const first = !etag;
  etag = answer.headers.get("ETag") || "";
  const html = await answer.text();
  if (!first && !busy()) put(html);
}
const every = Number(main.dataset.live);
if (every) setInterval(() => refresh().catch(() => {}), every * 1000);

refreshTimes();
setInterval(refreshTimes, 10_000);
