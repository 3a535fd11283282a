// Shows the password while a person asks for it, and hides it again before the form is sent.
export function passwordShow(root) {
  for (const box of root.querySelectorAll("[data-password]")) {
    const field = box.querySelector("input");
    const button = box.querySelector("[data-password-button]");
    const show = (visible) => {
      field.type = visible ? "text" : "password";
      button.textContent = visible ? button.dataset.hide : button.dataset.show;
      button.setAttribute("aria-pressed", String(visible));
    };
    button.addEventListener("click", () => {
      show(field.type === "password");
      field.focus();
    });
    field.form?.addEventListener("submit", () => show(false));
  }
}
