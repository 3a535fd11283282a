// A filter works as soon as it is chosen; text waits for Enter.
export function filterSubmit(root) {
  for (const form of root.querySelectorAll("form[data-filters]")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) form.requestSubmit();
    });
  }
}
