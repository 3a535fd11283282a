// What was entered and not yet acknowledged: kept in order, sent one by one, tried again while the server is away.
// An entry leaves only when the server answered for it. Whoever keeps the entries (`store`) can be replaced.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000;

// crypto.randomUUID exists on HTTPS and localhost alone; a field server on plain HTTP has getRandomValues.
export function randomUuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// Entries in this tab's storage: they outlive a reload and a crash of the page. Without storage they live in memory.
export function tabStore(key) {
  return {
    load() {
      try {
        return JSON.parse(sessionStorage.getItem(key)) ?? [];
      } catch {
        return [];
      }
    },
    save(entries) {
      try {
        if (entries.length) sessionStorage.setItem(key, JSON.stringify(entries));
        else sessionStorage.removeItem(key);
      } catch {
        // A full or forbidden storage: the entries stay in memory, and leaving the page asks first.
      }
    },
  };
}

// send(entry) answers {verdict, ...}: "done" and "refused" end the entry; "sign-in" waits for a person; anything else, and
// an error, is tried again. `answered(entry, answer)` and `changed(state, count)` tell the page.
export class Outbox {
  constructor({ store, send, answered, changed }) {
    Object.assign(this, { store, send, answered, changed });
    this.entries = store.load();
    this.wait = FIRST_WAIT;
    this.state = "saved";
    this.busy = false;
    window.addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.flush();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.entries.length) event.preventDefault();
    });
  }

  add(entry) {
    this.entries.push(entry);
    this.store.save(this.entries);
    if (this.state === "saved") this.tell("saving");
    else this.tell(this.state);
    if (this.state === "saving") this.flush();
  }

  holds(test) {
    return this.entries.some(test);
  }

  async flush() {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    while (this.entries.length) {
      const entry = this.entries[0];
      let answer;
      try {
        answer = await this.send(entry);
      } catch {
        answer = { verdict: "away" };
      }
      if (answer.verdict !== "done" && answer.verdict !== "refused") {
        this.busy = false;
        this.pause(answer.verdict);
        return;
      }
      this.wait = FIRST_WAIT;
      this.entries.shift();
      this.store.save(this.entries);
      this.answered(entry, answer);
      if (this.entries.length) this.tell("saving");
    }
    this.busy = false;
    this.tell("saved");
  }

  pause(verdict) {
    this.tell(verdict === "sign-in" || verdict === "other-user" ? verdict : navigator.onLine ? "queued" : "offline");
    const jitter = 0.75 + Math.random() / 2;
    this.timer = setTimeout(() => this.flush(), this.wait * jitter);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  tell(state) {
    this.state = state;
    this.changed(state, this.entries.length);
  }
}
