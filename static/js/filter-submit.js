// A filter works as soon as it is chosen; text waits for Enter. On a phone it folds away while nothing is filtered.
export function filterSubmit(root) {
  for (const form of root.querySelectorAll("form[data-filters]")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) form.requestSubmit();
    });
    const toggle = form.querySelector("[data-filters-toggle]");
    if (!toggle) continue;
    const fold = (closed) => {
      form.classList.toggle("filters--closed", closed);
      toggle.setAttribute("aria-expanded", String(!closed));
    };
    const phone = window.matchMedia("(max-width: 719.98px)");
    const arrange = () => fold(phone.matches && !("filtersSet" in form.dataset));
    toggle.addEventListener("click", () => fold(!form.classList.contains("filters--closed")));
    phone.addEventListener("change", arrange);
    arrange();
  }
}
