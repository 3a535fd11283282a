// Menus close when a person looks elsewhere: press outside, Escape, or another menu.
export function menus(root) {
  const all = [...root.querySelectorAll("details[data-menu]")];
  if (!all.length) return;
  document.addEventListener("click", (event) => {
    for (const menu of all) if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all) {
      if (!menu.open) continue;
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  for (const menu of all) {
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
    });
  }
}
