// One integration in the list: what it is, how it is, what happens next.
import {h} from "./dom.js";
import {
  accountName, count, counted, isNew, next, sentence, stateName, wantsSignIn, when,
} from "./format.js";

export const badge = (one) => h(`span.badge.${one.badge}${isNew(one) ? ".new" : ""}`, {},
  stateName(one));

const running = (one) => one.streams.filter((stream) => stream.running);

/** "Syncing contacts, deals: 12,300 items so far", or null. */
export function progressText(one) {
  const busy = running(one);
  if (!busy.length) return null;
  const items = busy.reduce((sum, stream) => sum + stream.items_this_run, 0);
  const all = busy.some((stream) => stream.full) ? "Full sync of" : "Syncing";
  return `${all} ${busy.map((stream) => stream.title.toLowerCase()).join(", ")}: `
    + `${count(items)} so far`;
}

/** What one should know in one look. */
function news(one) {
  if (one.badge === "green") {
    const text = progressText(one);
    if (text) return [h("span.busy", {}, text)];
    return [`${counted(one.records, "record")}, synced `, when(one.synced_at)];
  }
  return [isNew(one) ? "Nobody has signed in yet." : sentence(one.because)];
}

const button = (name, what, attributes, run, ...text) =>
  h(name, {type: "button", "data-do": what, onclick: run, ...attributes}, ...text);

/** A row of the list; the first of a workspace has its heading. */
export function drawCard(context, id, position, total, heading) {
  const one = context.store.integrations.get(id);
  const title = context.store.title(one.provider);
  const name = `${title}, ${accountName(one)}, ${one.workspace}`;
  const connect = isNew(one) ? "Connect" : "Reconnect";
  const {actions} = context;
  const incidents = one.incidents.length;
  const card = h(`div.card${context.selected === id ? ".selected" : ""}`, {},
    h("div.card-head", {},
      button("button.name", "open",
        {"aria-expanded": context.selected === id ? "true" : "false"}, () => actions.open(id),
        h("span.provider", {}, title), " ", h("span.account", {}, accountName(one)),
        h("span.hidden", {}, ` in ${one.workspace}: details`)),
      incidents ? h("span.count", {}, counted(incidents, "incident")) : null,
      badge(one)),
    h("p.news", {}, ...news(one)),
    h("div.card-foot", {},
      h("p.next", {}, ...next(one)),
      wantsSignIn(one)
        ? button("button.primary.small", "connect", {"aria-label": `${connect} ${name}`},
          (event) => actions.connect(event.currentTarget, id), connect)
        : button("button.quiet.small", "refresh", {"aria-label": `Refresh ${name}`},
          (event) => actions.refresh(event.currentTarget, id), "Refresh"),
      button("button.info", "info", {"aria-label": `Everything about ${name}`},
        () => actions.open(id), "i")));
  return h("div.row", {"data-id": id, role: "listitem", "aria-setsize": total,
    "aria-posinset": position}, heading, card);
}
