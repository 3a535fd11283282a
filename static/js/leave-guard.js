// A form with changes asks before the page is left.
export function leaveGuard(root) {
  for (const form of root.querySelectorAll("form[data-guard]")) {
    let changed = false;
    form.addEventListener("input", () => {
      changed = true;
    });
    form.addEventListener("submit", () => {
      changed = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (changed) event.preventDefault();
    });
  }
}
