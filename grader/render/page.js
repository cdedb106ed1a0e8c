const filter = document.querySelector(".filter");
const shown = (item, wanted) =>
  wanted === "all" || (wanted === "question" ? "question" in item.dataset : item.dataset.level === wanted);
filter.hidden = false;
filter.addEventListener("change", (event) => {
  for (const section of document.querySelectorAll(".competency")) {
    const items = [...section.querySelectorAll(".criterion")];
    for (const item of items) item.classList.toggle("hidden", !shown(item, event.target.value));
    section.classList.toggle("hidden", items.every((item) => item.classList.contains("hidden")));
  }
});
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const item of opened) item.open = true;
});
addEventListener("afterprint", () => { for (const item of opened) item.open = false; });
