// A press anywhere in a row opens the row's first link. The link itself stays the way for keyboard and screen reader.
export function rowLinks(root) {
  for (const row of root.querySelectorAll("[data-row-link]")) {
    const link = row.querySelector("a[href]");
    if (!link) continue;
    row.addEventListener("click", (event) => {
      if (event.target.closest("a, button, input, select, textarea, label, summary")) return;
      if (window.getSelection()?.toString()) return;
      if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
      else link.click();
    });
  }
}
