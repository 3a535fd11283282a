// Sends one entry to the server as JSON, and says what its answer means for the outbox.
// A recorder that was away finds its session's token changed: it asks for the present one, and whose session it is.

const LONGEST_MILLISECONDS = 20000;

export class Sender {
  constructor({ token, tokenUrl, userId }) {
    Object.assign(this, { token, tokenUrl, userId, stale: false, again: null });
  }

  async send(id, url, body) {
    if (this.stale) {
      const verdict = await this.renew();
      if (verdict) return { verdict };
    }
    const response = await this.ask(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
      body: JSON.stringify(body),
    });
    if (response.status === 401) {
      this.stale = true;
      return { verdict: "sign-in" };
    }
    if (response.status === 400 && this.again !== id) {
      this.again = id;
      this.stale = true;
      return this.send(id, url, body);
    }
    if (response.status === 429 || response.status >= 500) return { verdict: "away" };
    const answer = await response.json();
    return response.ok ? { verdict: "done", ...answer } : { verdict: "refused", message: answer.error };
  }

  // Returns why nothing can be sent now, or nothing.
  async renew() {
    const response = await this.ask(this.tokenUrl, {});
    if (response.status === 401) return "sign-in";
    if (!response.ok) return "away";
    const session = await response.json();
    if (String(session.user_id) !== this.userId) return "other-user";
    this.token = session.token;
    this.stale = false;
    return null;
  }

  ask(url, options) {
    return fetch(url, {
      ...options,
      credentials: "same-origin",
      headers: { Accept: "application/json", ...options.headers },
      signal: AbortSignal.timeout(LONGEST_MILLISECONDS),
    });
  }
}
