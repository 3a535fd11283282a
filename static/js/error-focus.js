// After a refused form the summary is read first; its links put the cursor into the field.
export function errorFocus(root) {
  const summary = root.querySelector("[data-error-summary]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const control = field.matches("fieldset") ? field.querySelector("input") || field : field;
    control.focus();
    (control.closest(".field") || control).scrollIntoView({ block: "center" });
  });
}
