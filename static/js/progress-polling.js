// Follows a job: asks each second for its fragment and shows it, until the fragment names no further address. A fragment without
// progress is what came of the job, and takes the place of it.
export function progressPolling(root) {
  for (const box of root.querySelectorAll("[data-progress][data-progress-url]")) follow(box, 1000);
}

function follow(box, wait) {
  setTimeout(async () => {
    let next = wait;
    try {
      const answer = await fetch(box.dataset.progressUrl, { headers: { Accept: "text/html" } });
      if (answer.status >= 400 && answer.status < 500) return;
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-progress]");
      if (!fresh) return box.replaceWith(...page.body.childNodes);
      show(box, fresh);
      next = 1000;
    } catch {
      next = Math.min(wait * 2, 15000);
    }
    if (box.dataset.progressUrl) follow(box, next);
  }, wait);
}

// The live region itself stays in the page, so that a changed message is read aloud and an equal one is not.
function show(box, fresh) {
  const message = box.querySelector("[data-progress-message]");
  const words = fresh.querySelector("[data-progress-message]");
  box.dataset.state = fresh.dataset.state;
  if (fresh.dataset.progressUrl) box.dataset.progressUrl = fresh.dataset.progressUrl;
  else delete box.dataset.progressUrl;
  if (message && words) {
    if (message.textContent !== words.textContent) message.textContent = words.textContent;
    words.replaceWith(message);
  }
  box.replaceChildren(...fresh.childNodes);
}
