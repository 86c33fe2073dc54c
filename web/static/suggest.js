// Suggestions below the search box (WAI-ARIA combobox with a list). Without this file the box is a plain one.
"use strict";

(() => {
  // Shorter pauses would ask for words nobody stops at; longer ones are felt.
  const PAUSE_MS = 120;
  const box = document.getElementById("q");
  const form = box?.form;
  if (!form?.dataset.suggest) return;
  const labels = form.dataset;

  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", labels.label);
  const told = document.createElement("span");
  told.className = "vh";
  told.setAttribute("role", "status");
  form.append(list, told);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-haspopup", "listbox"],
    ["aria-controls", list.id], ["aria-expanded", "false"]]) box.setAttribute(name, value);

  let shown = [];
  let active = -1;
  let timer = 0;
  let asking = null;
  let isComposing = false;
  let added = null;

  // Whatever is still on its way belongs to what was typed before.
  const forget = () => {
    clearTimeout(timer);
    asking?.abort();
    asking = null;
  };

  const close = () => {
    forget();
    list.hidden = true;
    list.replaceChildren();
    told.textContent = "";
    shown = [];
    select(-1);
    box.setAttribute("aria-expanded", "false");
  };

  const select = (index) => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const option = list.children[active];
    if (!option) return box.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  };

  const part = (name, text) => {
    const span = document.createElement("span");
    span.className = name;
    span.textContent = text;
    return span;
  };

  const show = (suggestions) => {
    if (!suggestions.length) return close();
    shown = suggestions;
    active = -1;
    box.removeAttribute("aria-activedescendant");
    list.replaceChildren(...suggestions.map((suggestion, index) => {
      const option = document.createElement("li");
      option.id = `suggestion-${index}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const text = part("value", suggestion.text);
      text.lang = "zh-Hans";
      option.append(text, part("kind", labels[suggestion.kind]));
      return option;
    }));
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    told.textContent = suggestions.length === 1 ? labels.one : labels.count.replace("{count}", suggestions.length);
  };

  const ask = async () => {
    forget();
    const query = box.value;
    if (!query.trim()) return close();
    const mine = new AbortController();
    asking = mine;
    try {
      const answer = await fetch(`${labels.suggest}?${new URLSearchParams({ q: query })}`, { signal: mine.signal });
      const found = answer.ok ? await answer.json() : { suggestions: [] };
      if (asking === mine && box.value === query && document.activeElement === box) show(found.suggestions);
    } catch {
      if (asking === mine) close(); // no server, no suggestions: searching will tell
    }
  };

  const later = () => {
    forget();
    if (!isComposing) timer = setTimeout(ask, PAUSE_MS);
  };

  // A name becomes a filter in place of the word that was being typed.
  const choose = ({ kind, text, id }) => {
    close();
    if (kind === "title") {
      location.assign(labels.article.replace(/0(?=$|\?)/, id));
      return;
    }
    if (kind === "term") {
      box.value = text;
    } else {
      box.value = box.value.replace(/\S+\s*$/, "").trimEnd();
      if (![...form.querySelectorAll(`input[name="${kind}"]`)].some((input) => input.value === text)) {
        added = Object.assign(document.createElement("input"), { type: "hidden", name: kind, value: text });
        form.append(added);
      }
    }
    form.requestSubmit();
  };

  // Going back shows the page as it was left; the next search there is another one.
  window.addEventListener("pageshow", () => added?.remove());

  box.addEventListener("compositionstart", () => { isComposing = true; close(); });
  box.addEventListener("compositionend", () => { isComposing = false; later(); });
  box.addEventListener("input", (event) => { if (!event.isComposing) later(); });
  box.addEventListener("blur", close);
  form.addEventListener("submit", close);

  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (list.hidden) {
      if (event.key === "ArrowDown" && box.value.trim()) { event.preventDefault(); ask(); }
    } else if (step) {
      event.preventDefault();
      // Between the last and the first stands the box itself.
      const places = shown.length + 1;
      select(((active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(shown[active]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });

  // The box keeps the focus while an option is pressed.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const index = [...list.children].indexOf(event.target.closest("[role=option]"));
    if (index >= 0) choose(shown[index]);
  });
})();
