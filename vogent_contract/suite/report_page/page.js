"use strict";
// Filters the findings, copies text, and unfolds what a link leads to. The page can be read without.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

function filter(form, cards) {
  const words = form.querySelector("[type=search]").value.toLowerCase().split(/\s+/);
  const levels = all("[type=checkbox]:checked", form).map((box) => box.value);
  let shown = 0;
  for (const { card, text } of cards) {
    const fits = levels.includes(card.dataset.level) && words.every((word) => text.includes(word));
    card.hidden = !fits;
    shown += fits;
  }
  for (const group of all(".group")) group.hidden = !group.querySelector(".card:not([hidden])");
  form.querySelector("output").textContent = shown < cards.length ? `${shown} of ${cards.length} shown` : "";
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    button.textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => (button.textContent = label), 2000);
}

function unfold() {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  target.hidden = false;
  for (let at = target; at; at = at.parentElement) if (at.localName === "details") at.open = true;
  target.scrollIntoView();
}

const form = document.getElementById("filter");
if (form) {
  const cards = all(".card").map((card) => {
    const group = card.closest(".group").querySelector("h3").textContent;
    return { card, text: `${group} ${card.textContent}`.toLowerCase() };
  });
  form.hidden = false;
  form.addEventListener("input", () => filter(form, cards));
  form.addEventListener("submit", (event) => event.preventDefault());
  filter(form, cards);
}
for (const button of all("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
addEventListener("hashchange", unfold);
for (const link of all("a[href^='#']")) {
  link.addEventListener("click", () => setTimeout(unfold)); // the same link again is no change
}
unfold();
