const filter = document.querySelector(".filter");
filter.hidden = false;
filter.addEventListener("change", (event) => {
  for (const item of document.querySelectorAll(".criterion"))
    item.classList.toggle("hidden", event.target.value !== "all" && item.dataset.level !== event.target.value);
});
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const item of opened) item.open = true;
});
addEventListener("afterprint", () => { for (const item of opened) item.open = false; });
