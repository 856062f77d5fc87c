// What the page knows, and who wants to hear that it changed.

const samples_max = 240;

export class Store {
  integrations = new Map();
  notifications = new Map();
  providers = new Map();
  samples = new Map(); // integration → [{at, used, limit}]
  quotas = []; // of each provider, over time
  conflicts = new Map(); // integration → how many were told of since the page was opened
  #changed = new Set();
  #listeners = [];
  #due = false;
  #held = false;

  /** `listener(ids)` hears once a frame which integrations changed; an empty set: all may have. */
  listen(listener) {
    this.#listeners.push(listener);
  }
  #note(id) {
    if (id) this.#changed.add(id);
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => this.#tell());
  }
  /** Nothing is told while held: what is drawn anew between press and release takes no click. */
  hold(held) {
    this.#held = held;
    if (!held && this.#due) requestAnimationFrame(() => this.#tell());
  }
  #tell() {
    if (this.#held || !this.#due) return;
    this.#due = false;
    const changed = this.#changed;
    this.#changed = new Set();
    for (const listener of this.#listeners) listener(changed);
  }

  reset({integrations, notifications, providers}) {
    this.integrations = new Map(integrations.map((row) => [row.id, row]));
    this.notifications = new Map(notifications.map((row) => [row.id, row]));
    this.providers = new Map(providers.map((row) => [row.name, row]));
    for (const row of integrations) this.#sample(row.id, row.quota);
    this.#note();
  }
  title(provider) {
    return this.providers.get(provider)?.title ?? provider;
  }

  apply(event, data) {
    switch (event) {
      case "status":
        this.integrations.set(data.id, data);
        this.#sample(data.id, data.quota);
        return this.#note(data.id);
      case "progress": return this.#merge(data.integration, (row) => {
        row.records = data.records;
        for (const stream of row.streams)
          Object.assign(stream, data.streams.find((other) => other.name === stream.name));
      });
      case "quota": return this.#merge(data.integration, (row) => {
        row.quota = {used: data.used, limit: data.limit, back_at: data.back_at};
        this.#sample(row.id, row.quota);
      });
      case "incident": return this.#merge(data.integration, (row) => {
        const others = row.incidents.filter((other) => other.id !== data.id);
        row.incidents = data.closed_at ? others : [...others, data].sort((a, b) => a.id - b.id);
      });
      case "notification":
        this.notifications.set(data.id, data);
        if (data.kind === "conflict_archived")
          this.conflicts.set(data.integration, (this.conflicts.get(data.integration) ?? 0) + 1);
        return this.#note(data.integration);
    }
  }
  setQuotas(quotas) {
    this.quotas = quotas;
    this.#note();
  }
  acknowledged(id) {
    this.notifications.delete(id);
    this.#note();
  }

  #merge(id, change) {
    const row = this.integrations.get(id);
    if (!row) return; // its status is on the way
    change(row);
    this.#note(id);
  }
  #sample(id, {used, limit}) {
    if (!limit) return;
    const taken = this.samples.get(id) ?? [];
    taken.push({at: Date.now(), used, limit});
    if (taken.length > samples_max) taken.shift();
    this.samples.set(id, taken);
  }
}
