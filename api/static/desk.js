// Refines pages that work without it: progress without reloading, decisions without leaving the place.
"use strict";

const progress = document.querySelector("[data-follow]");
if (progress && window.EventSource) {
  const stream = new EventSource(progress.dataset.follow);
  let shown = progress.dataset.state;
  stream.addEventListener("state", event => {
    const state = JSON.parse(event.data);
    const told = progress.querySelector("[data-told]");
    if (told && state.stage) told.textContent = progress.dataset["stage" + state.stage[0].toUpperCase() + state.stage.slice(1)] || "";
    if (state.state !== shown) { stream.close(); location.reload(); }
  });
}

document.addEventListener("submit", async event => {
  const form = event.target.closest("form[data-card]");
  if (!form || !window.fetch) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form)), headers: {Accept: "text/html"}});
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of [form.dataset.card, "progress"]) {
      const fresh = page.getElementById(id), old = document.getElementById(id);
      if (fresh && old) old.replaceWith(fresh); else if (id === form.dataset.card) { form.submit(); return; }
    }
    document.getElementById(form.dataset.card).querySelector("[data-saved]")?.focus();
  } catch { form.submit(); }
});
