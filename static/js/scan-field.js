// Tags typed or scanned one after another: each Enter adds one, the field stays ready for the next, and nothing that a quick
// scanner types is lost while the last one is on its way.
export function scanField(root) {
  for (const form of root.querySelectorAll("form[data-scan]")) watch(form);
}

function watch(form) {
  const input = form.querySelector("[data-scan-input]");
  const status = form.querySelector("[data-scan-status]");
  const list = document.querySelector("[data-scan-list]");
  let line = Promise.resolve();

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const tag = input.value.trim();
    input.value = "";
    input.focus();
    if (tag) line = line.then(() => send(tag));
  });

  async function send(tag) {
    const body = new FormData(form);
    body.set(input.name, tag);
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const { message, error, lines } = await answer.json();
      if (lines && list) list.innerHTML = lines;
      say(message ?? error ?? form.dataset.wordFailed, !answer.ok);
    } catch {
      input.value = [input.value, tag].filter(Boolean).join(" ");
      say(form.dataset.wordFailed, true);
    }
  }

  function say(text, isBad) {
    status.textContent = text;
    status.dataset.tone = isBad ? "bad" : "ok";
  }
}
