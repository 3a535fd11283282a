// The attendance of one session: each value is saved as it is chosen. Where a reason is needed, it is saved with the reason.
import { Outbox, randomUuid, tabStore } from "./outbox.js";
import { savedState } from "./saved-state.js";
import { Sender } from "./sender.js";

const NEEDS_REASON = new Set(["excused", "made_up"]);

for (const form of document.querySelectorAll("[data-roll]")) takeRoll(form);

function takeRoll(form) {
  const { user, session, url } = form.dataset;
  const header = savedState(form);
  const sender = new Sender({
    token: form.elements.csrf_token.value,
    tokenUrl: form.dataset.tokenUrl,
    userId: user,
  });
  const rowOf = (id) => form.querySelector(`[data-enrolment="${id}"]`);
  const outbox = new Outbox({
    store: tabStore(`ijaza-roll-${user}-${session}`),
    send: (entry) =>
      sender.send(entry.uuid, url, {
        enrolment_id: Number(entry.enrolment),
        session_id: Number(session),
        presence: entry.presence,
        reason: entry.reason,
        seen: rowOf(entry.enrolment)?.dataset.seen || null,
      }),
    answered,
    changed: header.show,
  });

  function answered(entry, answer) {
    const row = rowOf(entry.enrolment);
    if (!row) return;
    const mark = row.querySelector("fieldset");
    delete mark.dataset.queued;
    if (answer.verdict === "refused") {
      mark.dataset.state = "refused";
      header.say(`${row.querySelector("[data-roll-name]").textContent}: ${answer.message}`, { tone: "bad" });
      return;
    }
    mark.dataset.state = "saved";
    row.dataset.seen = answer.presence ?? "";
    row.querySelector("[data-roll-sum]").textContent = `${answer.attended}/${answer.required}`;
  }

  function save(row) {
    const presence = row.querySelector("input[type=radio]:checked")?.value;
    const reason = row.querySelector(".roll__reason input");
    row.classList.toggle("roll__row--reason", NEEDS_REASON.has(presence) || reason.value !== "");
    if (!presence) return;
    if (NEEDS_REASON.has(presence) && !reason.value.trim()) {
      reason.focus();
      header.say(`${row.querySelector("[data-roll-name]").textContent}: ${form.dataset.wordReason}`);
      return;
    }
    header.say("");
    const mark = row.querySelector("fieldset");
    mark.dataset.state = "saving";
    mark.dataset.queued = "";
    outbox.add({
      uuid: randomUuid(),
      enrolment: row.dataset.enrolment,
      presence,
      reason: reason.value.trim() || null,
    });
  }

  for (const row of form.querySelectorAll("[data-roll-row]")) {
    const presence = row.querySelector("input[type=radio]:checked")?.value;
    row.classList.toggle("roll__row--reason", NEEDS_REASON.has(presence));
  }
  for (const entry of outbox.entries) {
    const row = rowOf(entry.enrolment);
    const input = row?.querySelector(`input[value="${entry.presence}"]`);
    if (!input) continue;
    input.checked = true;
    row.querySelector(".roll__reason input").value = entry.reason ?? "";
    row.querySelector("fieldset").dataset.queued = "";
  }
  if (outbox.entries.length) outbox.flush();
  form.addEventListener("change", (event) => save(event.target.closest("[data-roll-row]")));
  form.addEventListener("submit", (event) => event.preventDefault());
}
