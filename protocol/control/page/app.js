// The Apps page: what is connected, how it is, and what a person can do about it.
import {all, enter, get, isOpen, one as at, post, put, whenLeft} from "./api.js";
import {add, confirm, notifications, signIn} from "./dialogs.js";
import {attempt, by, h, refill, toast} from "./dom.js";
import {accountName, count, kind, tickTimes} from "./format.js";
import {List, arrange} from "./list.js";
import {follow} from "./live.js";
import {Panel} from "./panel.js";
import {overview} from "./quota.js";
import {Store} from "./store.js";

const store = new Store();
const filter = {text: "", badge: null};
const badges = [[null, "All"], ["red", "Disconnected"], ["amber", "Waiting"],
  ["new", "Not connected"], ["green", "Connected"]];

const actions = {
  open(id) {
    const before = context.selected;
    context.selected = context.selected === id ? null : id;
    panel.show(context.selected);
    list.update([before, id].filter(Boolean));
    if (!context.selected && before)
      document.querySelector(`[data-id="${CSS.escape(before)}"] [data-do=open]`)?.focus();
  },
  connect: (control, id) => attempt(control, () => signIn(store, id)),
  refresh: (control, id) => attempt(control, async () => {
    await post(at(id, "/refresh"));
    toast("A full sync has begun");
  }),
  setMode: (control, id, mode) => attempt(control, async () => {
    await put(at(id, "/mode"), {mode});
    toast(`Sync is set to ${mode.replace("_", " ")}`);
  }),
  disconnect: async (control, one) => {
    const sure = await confirm(`Disconnect ${accountName(one)}?`,
      "Its permission is revoked at the provider and forgotten here, and sync stops. "
      + "All records stay; Reconnect goes on from where it stopped.", "Disconnect");
    if (sure) await attempt(control, () => post(at(one.id, "/disconnect")));
  },
  release: async (control, incident) => {
    const sure = await confirm("Carry out the deletion?",
      `${incident.sentence} Released, they are deleted here, too.`, "Delete them here");
    if (sure) await attempt(control, () => post(`/v1/incidents/${incident.id}/release`));
  },
};

const context = {store, actions, selected: null};
const list = new List(by("list"), context);
const panel = new Panel(by("panel"), context);
let arranged = ""; // what decides which rows there are, and where

function drawFilters() {
  const numbers = {null: store.integrations.size, red: 0, amber: 0, new: 0, green: 0};
  for (const one of store.integrations.values()) numbers[kind(one)] += 1;
  refill(by("filters"), badges.map(([badge, name]) => h(`button.filter${badge ? `.${badge}` : ""}`,
    {type: "button", "data-do": name, "aria-pressed": filter.badge === badge ? "true" : "false",
      onclick: () => {
        filter.badge = badge;
        draw(new Set());
      }}, name, " ", h("span.number", {}, count(numbers[badge])))));
}

function drawBell() {
  const waiting = store.notifications.size;
  const bell = by("bell");
  bell.hidden = false;
  bell.replaceChildren("Notifications ", waiting ? h("span.count", {}, count(waiting)) : "");
}

/** Draws what changed; an empty set: all may have. */
function draw(changed) {
  const groups = arrange(store.integrations.values(), filter);
  const shape = groups.map(({workspace, group}) =>
    `${workspace}:${group.map(({id}) => id).join(",")}`).join("\n");
  if (shape !== arranged || changed.size === 0) {
    arranged = shape;
    list.show(groups);
  } else {
    list.update(changed);
  }
  const nothing = by("nothing");
  nothing.hidden = groups.length > 0;
  nothing.textContent = store.integrations.size
    ? "Nothing matches." : "Nothing is connected yet. Begin with “Connect an account”.";
  drawFilters();
  drawBell();
  refill(by("quotas"), overview(store));
  if (context.selected && (changed.size === 0 || changed.has(context.selected)))
    panel.show(context.selected);
}

function welcome() {
  by("columns").hidden = by("tools").hidden = by("bell").hidden = by("add").hidden = true;
  by("panel").hidden = true;
  by("link").textContent = "Not signed in";
  by("link").className = "link off";
  const place = by("welcome");
  place.hidden = false;
  refill(place, h("h2", {}, "This page opens with a link"),
    h("p", {}, "Run this on the computer where the engine runs, and open what it prints:"),
    h("pre", {tabindex: "0"}, "nexte-sync login"),
    h("p.faint", {}, "The link works once, within ten minutes. It never leaves this computer."));
}

async function load() {
  const [integrations, waiting, providers] = await Promise.all([
    all("/v1/integrations", "integrations"), all("/v1/notifications", "notifications"),
    get("/v1/providers")]);
  store.reset({integrations, notifications: waiting, providers: providers.providers});
  await loadQuotas();
}

/** They are looked at as often as the engine notes them; a failure shows as a link that is down. */
async function loadQuotas() {
  store.setQuotas((await get("/v1/quota")).providers);
}

/** Events that come while the lists are read wait for them: they are newer. */
function live(signal) {
  let waiting = null;
  const onEvent = async (event, data) => {
    if (event === "snapshot") {
      if (data.resumed || waiting) return;
      waiting = [];
      while (waiting && !signal.aborted) {
        try {
          await load();
          for (const held of waiting) store.apply(...held);
          waiting = null;
        } catch (failure) {
          if (!isOpen()) return;
          await new Promise((done) => setTimeout(done, 2000));
        }
      }
    } else if (waiting) {
      waiting.push([event, data]);
    } else {
      store.apply(event, data);
    }
  };
  const onLink = (up) => {
    by("link").textContent = up ? "Live" : "Not live, trying again …";
    by("link").className = up ? "link on" : "link off";
  };
  return follow({onEvent, onLink, signal});
}

async function begin() {
  try {
    await enter();
  } catch (failure) {
    toast(failure.hint ? `${failure.message}: ${failure.hint}` : failure.message, true);
  }
  if (!isOpen()) return welcome();
  by("welcome").hidden = true;
  by("columns").hidden = by("tools").hidden = by("add").hidden = false;
  const stop = new AbortController();
  whenLeft(() => {
    stop.abort();
    welcome();
  });
  return live(stop.signal);
}

by("search").addEventListener("input", (event) => {
  filter.text = event.target.value;
  draw(new Set());
});
by("add").addEventListener("click", () => add(store, (id) => attempt(null, async () => {
  store.apply("status", await get(at(id)));
  await signIn(store, id);
})));
by("bell").addEventListener("click", () => notifications(context));
addEventListener("pointerdown", () => store.hold(true), true);
for (const end of ["pointerup", "pointercancel"])
  addEventListener(end, () => setTimeout(() => store.hold(false)), true);
addEventListener("hashchange", begin);
setInterval(tickTimes, 1000);
setInterval(() => {
  if (isOpen() && !document.hidden) loadQuotas().catch(() => {});
}, 15_000);
store.listen(draw);
begin();

