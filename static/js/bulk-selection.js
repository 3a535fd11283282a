// Rows that are chosen bring up the bar of acts for all of them.
export function bulkSelection(root) {
  for (const form of root.querySelectorAll("[data-bulk]")) watch(form);
}

function watch(form) {
  const bar = form.querySelector("[data-bulk-bar]");
  const all = form.querySelector("[data-bulk-all]");
  const count = form.querySelector("[data-bulk-count]");
  const rows = [...form.querySelectorAll("[data-bulk-row]")];
  const quantities = [...form.querySelectorAll("[data-bulk-quantity]")];
  if (!bar) return;

  const show = () => {
    const chosen = rows.filter((row) => row.checked).length;
    const typed = quantities.filter((input) => Number(input.value) > 0).length;
    bar.hidden = chosen + typed === 0;
    if (count) count.textContent = count.dataset.text.replace("{}", chosen + typed);
    if (all) {
      all.checked = chosen > 0 && chosen === rows.length;
      all.indeterminate = chosen > 0 && chosen < rows.length;
    }
  };
  let last = null;
  form.addEventListener("click", (event) => {
    const row = event.target.closest("[data-bulk-row]");
    if (!row) return;
    if (event.shiftKey && last && last !== row) {
      const [from, to] = [rows.indexOf(last), rows.indexOf(row)].sort((a, b) => a - b);
      for (const between of rows.slice(from, to + 1)) between.checked = row.checked;
    }
    last = row;
  });
  form.addEventListener("input", (event) => {
    if (quantities.includes(event.target)) show();
  });
  form.addEventListener("change", (event) => {
    if (event.target === all) for (const row of rows) row.checked = all.checked;
    show();
  });
  show();
}
