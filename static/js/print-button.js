// The button that opens the browser's print window.
export function printButton(root) {
  for (const button of root.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
}
