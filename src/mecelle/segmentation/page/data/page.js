"use strict";
const sections = [...document.querySelectorAll("main section")];
const cites = [...document.querySelectorAll("a.cite")];
const boxes = [...document.querySelectorAll("[data-kind]")];
const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
document.querySelectorAll(".keys").forEach((one) => { one.hidden = false; });

function show(box) {
  document.querySelectorAll(`mark.${box.dataset.kind}`).forEach((mark) => mark.classList.toggle("off", !box.checked));
}
function step(all, now, by) {
  const next = all[Math.min(Math.max(all.indexOf(now) + by, 0), all.length - 1)];
  if (next) { next.focus(); next.scrollIntoView({ block: all === cites ? "center" : "start" }); }
  return next;
}
function openTarget() {
  const found = location.hash && document.getElementById(location.hash.slice(1));
  if (found) found.querySelector("details")?.setAttribute("open", "");
}

boxes.forEach((box) => box.addEventListener("change", () => show(box)));
addEventListener("hashchange", openTarget);
let section = null, cite = null;
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  if (event.key === "j" || event.key === "k") section = step(sections, section, event.key === "j" ? 1 : -1);
  if (event.key === "n" || event.key === "p") cite = step(cites, cite, event.key === "n" ? 1 : -1);
  if (event.key === "m") {
    const on = !boxes.some((box) => box.checked);
    boxes.forEach((box) => { box.checked = on; show(box); });
  }
});
const watcher = new IntersectionObserver((seen) => seen.forEach((one) => {
  if (!one.isIntersecting) return;
  links.forEach((link) => link.removeAttribute("aria-current"));
  links.get(one.target.id)?.setAttribute("aria-current", "true");
}), { rootMargin: "-64px 0px -85% 0px" });
sections.forEach((one) => watcher.observe(one));
openTarget();
