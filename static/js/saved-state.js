// The words at the head of a recorder: what happened to the last value, and how many are not yet sent.
export function savedState(form) {
  const box = form.querySelector("[data-saved]");
  const text = form.querySelector("[data-saved-text]");
  const notice = form.querySelector("[data-recorder-notice]");
  let standing = false;

  function say(message, { tone = "warn", url = null, word = null } = {}) {
    if (!notice) return;
    notice.replaceChildren();
    notice.hidden = !message;
    notice.dataset.tone = tone;
    if (!message) return;
    const words = document.createElement("span");
    words.textContent = message;
    notice.append(words);
    if (url) {
      const link = document.createElement("a");
      link.href = url;
      link.textContent = word;
      notice.append(link);
    }
  }

  function show(state, count) {
    const words = {
      saved: box.dataset.wordSaved,
      saving: box.dataset.wordSaving,
      offline: `${box.dataset.wordOffline} (${count})`,
      refused: box.dataset.wordRefused,
    };
    const shown = words[state] ?? box.dataset.wordQueued.replace("{}", count);
    box.dataset.state = state in words ? state : "queued";
    if (text.textContent !== shown) text.textContent = shown;
    if (state === "sign-in" || state === "other-user") {
      const own = state === "sign-in";
      say(own ? form.dataset.wordSignIn : form.dataset.wordOther, {
        tone: "bad",
        url: form.dataset.signInUrl,
        word: form.dataset.wordSignInLink,
      });
      const link = notice?.querySelector("a");
      if (link) link.target = "_blank";
      standing = true;
    } else if (standing && state === "saved") {
      say("");
      standing = false;
    }
  }

  return { say, show };
}
