// Comforts only: every page works without this file.
"use strict";

(() => {
  const box = document.getElementById("q");

  // "/" goes to the search box, unless something is being typed.
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || !box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  // Enter that chooses a word of an input method must not send the form (229: older Safari ends composition first).
  box?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
  });

  // Empty days stay out of the address.
  document.addEventListener("formdata", (event) => {
    for (const name of ["from", "to"]) if (event.formData.get(name) === "") event.formData.delete(name);
  });

  // Browsers without ::details-content cannot show a closed panel in CSS.
  const wide = window.matchMedia("(min-width: 60rem)");
  const hasContentPart = CSS.supports("selector(::details-content)");
  for (const panel of document.querySelectorAll("details[data-wide-open]")) {
    if (wide.matches && !hasContentPart) panel.open = true;
  }

  // Previous and next match of a document.
  const bar = document.querySelector(".match-bar");
  const count = Number(bar?.dataset.matches ?? 0);
  if (count > 1) {
    const position = bar.querySelector("[data-position]");
    const steps = [...bar.querySelectorAll("[data-step]")];
    const follow = () => {
      const current = Number(/^#m(\d+)$/.exec(location.hash)?.[1] ?? 0);
      position.textContent = current ? ` ${current} / ${count}` : "";
      for (const step of steps) {
        const target = current + Number(step.dataset.step);
        step.href = `#m${target < 1 ? count : target > count ? 1 : target}`;
      }
    };
    for (const step of steps) step.hidden = false;
    window.addEventListener("hashchange", follow);
    follow();
  }
})();
