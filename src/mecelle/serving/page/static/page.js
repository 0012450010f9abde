// What the page adds where scripts run: copying, shortcuts, appearance, the answer in place, a word on what is slow.
// Search and reading work without it. Nothing here writes markup of its own: texts go in as text.
"use strict";

const words = document.body.dataset;
const said = document.getElementById("said");
const box = document.getElementById("q");
const help = document.getElementById("help");
const SLOW = 4000;

const say = (text) => {
  said.textContent = "";
  setTimeout(() => { said.textContent = text; }, 50); // a reader hears a change only
};

for (const one of document.querySelectorAll("[data-js]")) one.hidden = false;

// Appearance
const toggle = document.querySelector("[data-theme-toggle]");
const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};
const showAppearance = () => toggle.setAttribute("aria-pressed", String(isDark()));
toggle.addEventListener("click", () => {
  const next = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try { localStorage.setItem("mecelle-theme", next); } catch { /* kept for this page only */ }
  showAppearance();
});
showAppearance();

// Copying
const copy = async (button) => {
  const label = button.querySelector("span");
  const before = label.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    if (!copyBySelection(button.dataset.copy)) return say(words.copyFailed);
  }
  say(words.copied);
  label.textContent = words.copied;
  setTimeout(() => { label.textContent = before; }, 1600);
};
const copyBySelection = (text) => { // without HTTPS there is no clipboard interface
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});

// Search: short addresses, and a word while it takes time. The filters lie outside of the form and belong to it.
const search = document.getElementById("search");
search?.addEventListener("submit", () => {
  for (const field of search.elements) if (field.name && !field.value) field.disabled = true;
  wait(search, words.searching, words.slow);
});
const wait = (form, now, later) => {
  form.setAttribute("aria-busy", "true");
  const line = document.createElement("p");
  line.className = "waiting";
  const shown = setTimeout(() => { line.textContent = now; form.after(line); say(now); }, 400);
  const slow = setTimeout(() => { line.textContent = later; say(later); }, SLOW);
  return () => { clearTimeout(shown); clearTimeout(slow); line.remove(); form.removeAttribute("aria-busy"); };
};
addEventListener("pageshow", (event) => { // back from the next page, as it was left
  if (!event.persisted) return;
  for (const one of document.querySelectorAll(".waiting")) one.remove();
  for (const form of document.querySelectorAll("[aria-busy]")) form.removeAttribute("aria-busy");
  for (const field of search?.elements ?? []) field.disabled = false;
});

// The answer, above the results
const answering = document.querySelector("[data-answer]");
answering?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const place = document.getElementById("answer");
  const done = wait(answering, words.answering, words.answerSlow);
  answering.querySelector("button").disabled = true;
  try {
    const response = await fetch(`${answering.action}?${new URLSearchParams(new FormData(answering))}`);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const answer = page.getElementById("answer");
    if (!response.ok || !answer) throw new Error("no answer");
    place.replaceWith(answer);
    answer.focus();
    say(answer.querySelector(".told").textContent);
  } catch {
    done();
    answering.querySelector("button").disabled = false;
    answering.querySelector("p").textContent = words.answerFailed;
    say(words.answerFailed);
  }
});

// A source of the answer opens with its number
document.addEventListener("click", (event) => {
  const source = event.target.closest(".source");
  const list = source && document.querySelector(".sources");
  if (list) list.open = true;
});

// Shortcuts
const hits = () => [...document.querySelectorAll("[data-hit]")];
const move = (step) => {
  const all = hits();
  if (!all.length) return false;
  const here = all.findIndex((one) => one.closest(".hit").contains(document.activeElement));
  const next = here + step;
  if (here < 0) all[step > 0 ? 0 : all.length - 1].focus();
  else if (next < 0) box?.focus();
  else all[Math.min(next, all.length - 1)].focus();
  document.activeElement.scrollIntoView({ block: "nearest" });
  return true;
};
const escape = () => {
  const open = document.querySelector(".filters[open]");
  if (open?.contains(document.activeElement)) {
    open.open = false;
    open.querySelector("summary").focus();
  } else document.activeElement.blur();
};
document.querySelector("[data-help]")?.addEventListener("click", () => help.showModal());
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
  const active = document.activeElement;
  const isTyping = active.matches("input, select, textarea");
  if (event.key === "Escape") return escape();
  if (isTyping) {
    if (active === box && event.key === "ArrowDown" && move(1)) event.preventDefault();
    return;
  }
  const hit = active.closest(".hit");
  const keys = {
    "/": () => { if (!box) return false; box.focus(); box.select(); return true; },
    "?": () => { help.showModal(); return true; },
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => Boolean(hit) && move(1),
    ArrowUp: () => Boolean(hit) && move(-1),
    c: () => { const button = (hit ?? document.querySelector(".citation"))?.querySelector("[data-copy]"); if (button) copy(button); return Boolean(button); },
  };
  if (Object.hasOwn(keys, event.key) && keys[event.key]()) event.preventDefault();
});
