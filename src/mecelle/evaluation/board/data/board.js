"use strict";

const text = document.getElementById("text");
const kind = document.getElementById("kind");
const source = document.getElementById("source");
const fold = (value) => value.toLocaleLowerCase("tr").replaceAll("ı", "i");

function filter() {
  const wanted = fold(text.value.trim());
  const sourceFits = (node) => !source.value || node.dataset.source === source.value;
  let shown = 0;
  for (const section of document.querySelectorAll("section[data-kind]")) {
    section.hidden = Boolean(kind.value) && section.dataset.kind !== kind.value;
    for (const node of section.querySelectorAll("details.paper, figure")) node.hidden = !sourceFits(node);
    for (const row of section.querySelectorAll("tbody tr")) {
      row.hidden = !sourceFits(row) || !fold(row.cells[0].dataset.v).includes(wanted);
      shown += !row.hidden && !section.hidden && !row.closest("details.paper");
    }
    for (const table of section.querySelectorAll("table")) {
      const empty = !table.querySelector("tbody tr:not([hidden])");
      table.parentElement.hidden = empty;
      const paper = table.closest("details.paper");
      if (paper) paper.hidden ||= empty;
    }
  }
  for (const bubble of document.querySelectorAll(".bubble")) {
    bubble.classList.toggle("off", !fold(bubble.dataset.name).includes(wanted));
  }
  document.getElementById("count").textContent = `${shown} rows`;
}

function sort(heading) {
  const table = heading.closest("table");
  const place = heading.cellIndex;
  const bestFirst = heading.dataset.low ? "ascending" : "descending";
  const first = place === 0 ? "ascending" : bestFirst;
  const other = first === "ascending" ? "descending" : "ascending";
  const order = heading.getAttribute("aria-sort") === first ? other : first;
  for (const one of table.tHead.rows[0].cells) one.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  const value = (row) => row.cells[place].dataset.v;
  const compare = (a, b) => {
    if (value(a) === "" || value(b) === "") return (value(a) === "") - (value(b) === ""); // what is not known comes last
    const difference = value(a) - value(b);
    return sign * (Number.isNaN(difference) ? value(a).localeCompare(value(b), "tr", { numeric: true }) : difference);
  };
  for (const body of table.tBodies) body.append(...[...body.rows].sort(compare)); // published rows stay below
}

for (const heading of document.querySelectorAll("thead th")) {
  heading.querySelector("button").addEventListener("click", () => sort(heading));
}
document.getElementById("filters").addEventListener("input", filter);
document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
filter();
