// The list of integrations by workspace. Only the rows near the window are in the document, so that
// thousands cost no more than some.
import {h} from "./dom.js";
import {counted, kind} from "./format.js";
import {drawCard} from "./card.js";

const margin = 600; // pixels above and below the window that are drawn too
const order = {red: 0, amber: 1, new: 2, green: 3};

/** Those that match, workspace by workspace, what is worst first. */
export function arrange(integrations, {text, badge}) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map();
  for (const one of integrations) {
    if (badge && kind(one) !== badge) continue;
    const where = [one.workspace, one.provider, one.account?.name, one.account?.id, one.id]
      .join("\n").toLowerCase();
    if (!words.every((word) => where.includes(word))) continue;
    if (!groups.has(one.workspace)) groups.set(one.workspace, []);
    groups.get(one.workspace).push(one);
  }
  const worst = (group) => Math.min(...group.map((one) => order[kind(one)]));
  const sorted = [...groups].map(([workspace, group]) => ({workspace, group, worst: worst(group)}));
  sorted.sort((a, b) => a.worst - b.worst
    || a.workspace.localeCompare(b.workspace, "en", {numeric: true}));
  for (const {group} of sorted)
    group.sort((a, b) => order[kind(a)] - order[kind(b)] || a.provider.localeCompare(b.provider)
      || a.id.localeCompare(b.id));
  return sorted;
}

export class List {
  #rows = []; // {key, top, height, draw}
  #drawn = new Map(); // key → element

  constructor(place, context) {
    this.place = place;
    this.context = context;
    place.setAttribute("role", "list");
    addEventListener("scroll", () => this.#soon(), {passive: true});
    addEventListener("resize", () => this.#soon(true));
    place.addEventListener("keydown", (event) => this.#move(event));
  }

  #soon(again = false) {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => (again ? this.show(this.groups) : this.#draw()));
  }

  /** Lays all rows out anew. */
  show(groups) {
    this.groups = groups;
    const style = getComputedStyle(this.place);
    const size = (name) => parseFloat(style.getPropertyValue(name));
    const total = groups.reduce((sum, {group}) => sum + group.length, 0);
    let top = 0;
    let number = 0;
    this.#rows = [];
    const push = (key, height, draw) => {
      this.#rows.push({key, top, height, draw});
      top += height;
    };
    for (const {workspace, group} of groups) {
      const heading = () => h("h3.workspace", {}, h("span", {}, workspace), " ",
        h("span.faint", {}, counted(group.length, "integration")));
      group.forEach(({id}, at) => {
        const position = ++number;
        push(id, size("--card-height") + (at ? 0 : size("--workspace-height")), () =>
          drawCard(this.context, id, position, total, at ? null : heading()));
      });
    }
    for (const element of this.#drawn.values()) element.remove();
    const held = this.place.contains(document.activeElement) ? document.activeElement : null;
    const heldKey = held?.closest("[data-id]")?.dataset.id;
    this.#drawn.clear();
    this.place.style.height = `${top}px`;
    this.#draw();
    if (heldKey) this.#focus(heldKey, held.dataset.do);
  }

  /** Draws these anew, as far as they are in sight. */
  update(ids) {
    for (const id of ids) {
      const row = this.#drawn.has(id) && this.#rows.find((other) => other.key === id);
      if (!row) continue;
      const old = this.#drawn.get(id);
      const held = old.contains(document.activeElement) ? document.activeElement.dataset.do : null;
      const element = this.#place(row);
      old.replaceWith(element);
      if (held) this.#focus(id, held);
    }
  }

  #place(row) {
    const element = row.draw();
    element.style.top = `${row.top}px`;
    element.style.height = `${row.height}px`;
    this.#drawn.set(row.key, element);
    return element;
  }

  #draw() {
    const from = -this.place.getBoundingClientRect().top - margin;
    const to = from + innerHeight + 2 * margin;
    const wanted = new Map();
    for (let at = this.#first(from); at < this.#rows.length && this.#rows[at].top < to; ++at)
      wanted.set(this.#rows[at].key, this.#rows[at]);
    for (const [key, element] of this.#drawn)
      if (!wanted.has(key) && !element.contains(document.activeElement)) {
        element.remove();
        this.#drawn.delete(key);
      }
    let before = null; // in the document in the order in which they are seen
    for (const [key, row] of wanted) {
      const element = this.#drawn.get(key) ?? this.#place(row);
      const due = before ? before.nextSibling : this.place.firstChild;
      if (element !== due && !element.contains(document.activeElement))
        this.place.insertBefore(element, due);
      before = element;
    }
  }

  /** The first row that reaches below `y`. */
  #first(y) {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#rows[middle].top + this.#rows[middle].height < y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #focus(id, control) {
    const row = this.#rows.find((other) => other.key === id);
    if (!row) return;
    if (!this.#drawn.has(id)) {
      scrollTo({top: scrollY + this.place.getBoundingClientRect().top + row.top - innerHeight / 3});
      this.#draw();
    }
    const element = this.#drawn.get(id);
    (element?.querySelector(`[data-do="${CSS.escape(control ?? "open")}"]`)
      ?? element?.querySelector("[data-do=open]"))?.focus({preventScroll: false});
  }

  /** The arrow keys go from card to card. */
  #move(event) {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    const id = event.target.closest("[data-id]")?.dataset.id;
    if (!step || !id || event.target.matches("select, input")) return;
    const next = this.#rows[this.#rows.findIndex((row) => row.key === id) + step];
    if (!next) return;
    event.preventDefault();
    this.#focus(next.key, event.target.dataset.do);
  }
}
