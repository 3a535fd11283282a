// "/" goes to the search field, unless a person is typing.
export function searchShortcut(root) {
  const field = root.querySelector("[data-search]");
  if (!field) return;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (!field.offsetParent) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}
