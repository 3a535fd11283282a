// Changes the appearance at once and stores the choice behind the page's back.
export function themeSwitch(root) {
  const form = root.querySelector("[data-theme-switch]");
  if (!form) return;
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.name !== "theme") return;
    event.preventDefault();
    const page = document.documentElement;
    if (button.value) page.dataset.theme = button.value;
    else delete page.dataset.theme;
    for (const other of form.querySelectorAll("button[name=theme]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    const body = new URLSearchParams(new FormData(form, button));
    fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
  });
}
