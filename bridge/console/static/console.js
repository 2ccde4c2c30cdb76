"use strict";
// Comfort for pages that work without it: relative times, keys, and pages that stay fresh.

document.documentElement.classList.add("scripted");
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
let fresh = new Date();
const pause = document.querySelector("[data-pause]");
const stale = document.querySelector("[data-stale]");
let touched = 0; // what is replaced between pressing and letting go is not clicked; what moves under a pointer is missed
for (const kind of ["pointerdown", "pointermove", "keydown"]) {
  document.addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
}
function busy() {
  const selection = document.getSelection();
  const active = document.activeElement;
  const typing = active && active.closest("input, textarea, select") && active.value !== (active.defaultValue ?? "");
  return pause.ariaPressed === "true" || Date.now() - touched < 1000 || document.hidden ||
    document.querySelector("dialog[open]") || (selection && !selection.isCollapsed) || typing ||
    active?.matches("textarea, select") || main.querySelector("input[type=checkbox]:checked");
}
function put(html) {
  const open = [...main.querySelectorAll("details[open][id]")].map((one) => one.id);
  const active = main.contains(document.activeElement) ? document.activeElement : null;
  const same = active && (active.id ? `#${CSS.escape(active.id)}` :
    active.name ? `[name="${CSS.escape(active.name)}"]` : `[href="${CSS.escape(active.getAttribute("href") || "")}"]`);
  const scrolled = () => [...main.querySelectorAll(".pick, .box, .scroll")];
  const offsets = scrolled().map((one) => [one.scrollLeft, one.scrollTop]);
  main.innerHTML = policy.createHTML(html);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  scrolled().forEach((one, at) => offsets[at] && one.scrollTo(...offsets[at]));
  if (same) main.querySelector(same)?.focus({ preventScroll: true });
  refreshTimes();
}
async function refresh() {
  if (busy()) return;
  const headers = { "Leadbridge-Part": "main" };
  if (etag) headers["If-None-Match"] = etag;
  const answer = await fetch(location.href, { headers, redirect: "manual" });
  if (answer.type === "opaqueredirect") location.reload(); // signed out: to the sign-in page, and back
  if (answer.status !== 200 && answer.status !== 304) throw new Error(String(answer.status));
  fresh = new Date();
  stale.hidden = true;
  if (answer.status === 304) return;
  etag = answer.headers.get("ETag") || "";
  const html = await answer.text();
  if (busy()) etag = ""; // shown next time
  else put(html);
}
const every = Number(main.dataset.live);
if (every) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    pause.ariaPressed = String(pause.ariaPressed !== "true");
    refresh().catch(() => {});
  });
  setInterval(() => refresh().catch(() => {
    stale.textContent = `Not renewed since ${fresh.toISOString().slice(11, 19)}: the console does not answer. `;
    stale.hidden = false;
  }), every * 1000);
}

refreshTimes();
setInterval(refreshTimes, 10_000);

// Try: the text is tried as one types

const form = document.querySelector("[data-try]");
if (form) {
  const editor = form.querySelector("[data-editor]");
  const gutter = form.querySelector("[data-gutter]");
  const said = form.querySelector("[data-try-state]");
  const result = document.getElementById("result");
  let timer = 0;
  let asked = 0;

  const number = () => {
    const lines = editor.value.split("\n").length;
    const marks = new Map([...result.querySelectorAll("[data-problem]")].reverse()
      .map((one) => [Number(one.dataset.line), one.dataset.problem]));
    gutter.replaceChildren(...Array.from({ length: lines }, (_, at) => {
      const line = document.createElement("span");
      line.textContent = at + 1;
      if (marks.has(at + 1)) line.className = `marked-${marks.get(at + 1)}`;
      return line;
    }));
    gutter.scrollTop = editor.scrollTop;
  };
  const attempt = async () => {
    const turn = ++asked;
    const data = new FormData(form);
    if (data.get("which") !== "event") data.set("event", "");
    said.textContent = "Trying …";
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(data), headers: { "Leadbridge-Part": "result" }, redirect: "manual",
      });
      if (answer.type === "opaqueredirect") {
        said.textContent = "You are signed out. Sign in in another tab, and go on here.";
        return;
      }
      const html = await answer.text();
      if (turn !== asked) return; // a later one is on its way
      if (answer.status === 413) { said.textContent = "That is more than a megabyte: too large to be tried."; return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const open = [...result.querySelectorAll("details[open][id]")].map((one) => one.id);
      result.innerHTML = policy.createHTML(html);
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      number();
      said.textContent = "Tried. Nothing here writes the file.";
    } catch {
      if (turn === asked) said.textContent = "Could not be tried; the next change tries again.";
    }
  };
  const soon = (after) => { clearTimeout(timer); timer = setTimeout(attempt, after); };

  number();
  editor.addEventListener("input", () => { number(); soon(350); });
  editor.addEventListener("scroll", () => { gutter.scrollTop = editor.scrollTop; });
  editor.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || event.shiftKey || !editor.dataset.typed) return;
    event.preventDefault();
    editor.setRangeText("  ", editor.selectionStart, editor.selectionEnd, "end");
    editor.dispatchEvent(new Event("input"));
  });
  editor.addEventListener("input", () => { editor.dataset.typed = "1"; });
  editor.addEventListener("blur", () => { delete editor.dataset.typed; }); // so that Tab leaves what was not typed into
  for (const choice of form.querySelectorAll("[name=which]")) choice.addEventListener("change", () => soon(0));
  for (const field of form.querySelectorAll(".payload textarea")) field.addEventListener("input", () => soon(350));
  document.addEventListener("click", (event) => {
    const line = event.target.closest("[data-line]") || event.target.closest(".fields tr")?.querySelector("[data-line]");
    if (!line || !document.getSelection().isCollapsed) return;
    const lines = editor.value.split("\n");
    const start = lines.slice(0, line.dataset.line - 1).join("\n").length + (line.dataset.line > 1 ? 1 : 0);
    editor.focus();
    editor.setSelectionRange(start, start + (lines[line.dataset.line - 1] || "").length);
    const height = editor.scrollHeight / lines.length;
    editor.scrollTop = Math.max(0, (line.dataset.line - 4) * height);
  });
  window.addEventListener("beforeunload", (event) => {
    if (editor.value !== editor.defaultValue && !form.dataset.leaving) event.preventDefault();
  });
  form.addEventListener("submit", () => { form.dataset.leaving = "1"; setTimeout(() => delete form.dataset.leaving, 1000); });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const from = document.getElementById(button.dataset.copy);
  navigator.clipboard.writeText(from.value ?? from.textContent).then(() => {
    const before = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = before; }, 1500);
  });
});

document.addEventListener("click", (event) => {
  const id = event.target.closest("code.id");
  if (!id || id.closest("a, button, summary") || !document.getSelection().isCollapsed) return;
  navigator.clipboard.writeText(id.textContent).then(() => {
    id.classList.add("copied");
    setTimeout(() => id.classList.remove("copied"), 1500);
  });
});

// what is open is in sight in the list of a lead's events
const chosen = document.querySelector(".pick [aria-current]");
if (chosen) chosen.closest(".pick").scrollTop = chosen.offsetTop - chosen.offsetHeight;

// on a telephone the navigation is wider than the page: what is open is in sight
document.querySelector(".top [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
