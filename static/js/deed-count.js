// Counting a deed: what is refused or missing leaves the rest accepted, and the sums stand below.
export function deedCount(root) {
  for (const form of root.querySelectorAll("[data-count]")) watch(form);
}

function watch(form) {
  const lines = [...form.querySelectorAll("[data-count-line]")];
  const sum = form.querySelector("[data-count-sum]");

  const show = () => {
    const total = lines.reduce((so_far, line) => so_far + Number(line.dataset.quantity), 0);
    const taken = lines.reduce((so_far, line) => so_far + takenOf(line), 0);
    for (const line of lines) line.toggleAttribute("data-short", takenOf(line) < Number(line.dataset.quantity));
    if (sum) sum.textContent = sum.dataset.text.replace("{taken}", taken).replace("{total}", total);
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-count-step]");
    if (!button) return;
    const input = button.parentElement.querySelector("input");
    const most = Number(input.max);
    input.value = Math.min(most, Math.max(0, (Number(input.value) || 0) + Number(button.dataset.countStep)));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  form.addEventListener("input", (event) => {
    const line = event.target.closest("[data-count-line]");
    if (!line) return;
    if (event.target.matches("[data-count-short]")) leaveTheRest(line);
    show();
  });
  show();
}

// The number accepted follows from what is refused and missing; typed over, it stays as it was typed.
function leaveTheRest(line) {
  const short = [...line.querySelectorAll("[data-count-short]")].map((input) => Number(input.value) || 0);
  const rest = Number(line.dataset.quantity) - short.reduce((sum, number) => sum + number, 0);
  line.querySelector("[data-count-taken]").value = Math.max(0, rest);
}

function takenOf(line) {
  const number = line.querySelector("[data-count-taken]");
  if (number.type === "radio") return number.checked ? 1 : 0;
  return Number(number.value) || 0;
}
