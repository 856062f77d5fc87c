// What asks a person before, or shows beside: sign-in, adding, confirming, notifications.
import {get, one as at, post} from "./api.js";
import {attempt, h, refill} from "./dom.js";
import {accountName, sentence, when} from "./format.js";

/** A modal dialog; it goes when it is closed. */
function open(title, ...content) {
  const dialog = h("dialog", {"aria-labelledby": "dialog-title"},
    h("h2", {id: "dialog-title"}, title), ...content);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
const closing = (text) => h("button", {type: "button",
  onclick: (event) => event.currentTarget.closest("dialog").close()}, text);

/** Resolves to whether the person said yes. */
export function confirm(title, text, yes) {
  return new Promise((done) => {
    const dialog = open(title, h("p", {}, text), h("div.buttons", {},
      h("button.danger", {type: "button", onclick: () => dialog.close("yes")}, yes),
      closing("Cancel")));
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"));
  });
}

/** An address from the engine that a browser may be sent to. */
const isSafe = (address) => {
  const {protocol, hostname} = new URL(address);
  return protocol === "https:"
    || (protocol === "http:" && /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname));
};

/** Sends the person to the provider and tells how it ended. */
export async function signIn(store, id) {
  const one = store.integrations.get(id);
  const title = store.title(one.provider);
  const {authorization_url: address, attempt: number} =
    await (await post(at(id, "/connect"))).json();
  if (!isSafe(address)) throw new Error("The engine gave an address that is not https");
  const told = h("p", {role: "status"}, "Waiting for you to allow it there …");
  const dialog = open(`Sign in at ${title}`,
    h("p", {}, `${title} asks for your permission on its own page, in a tab of its own. `
      + "Your password never comes here."),
    h("p", {}, h("a.button.primary", {href: address, target: "_blank",
      rel: "noopener noreferrer"}, `Open ${title}`)),
    told, h("div.buttons", {}, closing("Close")));
  dialog.querySelector("a").focus();
  watch(dialog, told, id, number);
}

async function watch(dialog, told, id, number) {
  while (dialog.open) {
    await new Promise((done) => setTimeout(done, 700));
    const now = await get(at(id, "/connect")).catch(() => null);
    if (!now || now.outcome === "pending") continue;
    if (now.attempt !== number) return dialog.close();
    if (now.outcome === "connected" && !now.other_account) return dialog.close();
    told.textContent = now.outcome === "connected"
      ? "You signed in with another account: it is an integration of its own now."
      : `${sentence(now.problem.detail)} ${sentence(now.problem.hint)}`;
    told.classList.toggle("warn", now.outcome !== "connected");
    return;
  }
}

/** Asks which account to add; `then(id)` goes on. */
export function add(store, then) {
  const workspaces = [...new Set([...store.integrations.values()].map((one) => one.workspace))];
  const workspace = h("input", {id: "add-workspace", required: true, maxlength: 128,
    list: "add-workspaces", autocomplete: "off", value: workspaces.length === 1 ? workspaces[0]
      : ""});
  const provider = h("select", {id: "add-provider"}, [...store.providers.values()].map((each) =>
    h("option", {value: each.name}, each.title)));
  const submit = async (event) => {
    event.preventDefault();
    const made = await attempt(event.submitter, async () =>
      (await post("/v1/integrations", {workspace: workspace.value, provider: provider.value}))
        .json());
    if (!made) return;
    dialog.close();
    then(made.id);
  };
  const dialog = open("Connect an account", h("form.stacked", {onsubmit: submit},
    h("label", {for: "add-workspace"}, "Workspace"), workspace,
    h("datalist", {id: "add-workspaces"},
      workspaces.slice(0, 50).map((value) => h("option", {value}))),
    h("label", {for: "add-provider"}, "Service"), provider,
    h("div.buttons", {}, h("button.primary", {}, "Go on"), closing("Cancel"))));
}

const tones = {disconnected: ".red", keeps_disconnecting: ".red", recovered: ".green"};

/** What the host, or a person, has not dealt with yet. */
export function notifications(context) {
  const {store} = context;
  const place = h("div");
  const done = (control, rows) => attempt(control, async () => {
    for (const row of rows) {
      await post(`/v1/notifications/${row.id}/ack`);
      store.acknowledged(row.id);
    }
    draw();
  });
  const everything = h("button", {type: "button",
    onclick: (event) => done(event.currentTarget, [...store.notifications.values()])},
  "Done with all");
  const draw = () => {
    const rows = [...store.notifications.values()].sort((a, b) => b.id - a.id).slice(0, 200);
    everything.hidden = rows.length < 2;
    refill(place, rows.length ? h("ul.plain", {}, rows.map((row) => {
      const one = store.integrations.get(row.integration);
      const where = one ? `${store.title(one.provider)}, ${accountName(one)}, ${one.workspace}`
        : "an integration that is gone";
      return h(`li.incident${tones[row.kind] ?? ""}`, {},
        h("div.incident-head", {}, h("b", {}, where), when(row.at)),
        h("p", {}, sentence(row.sentence)),
        row.next_step ? h("p.next", {}, h("b", {}, "Next: "), sentence(row.next_step)) : null,
        h("div.buttons", {},
          h("button.small", {type: "button", "data-do": `ack-${row.id}`,
            "aria-label": `Done: ${row.sentence}`,
            onclick: (event) => done(event.currentTarget, [row])}, "Done"),
          one ? h("button.small.quiet", {type: "button", "aria-label": `Show ${where}`,
            onclick: () => {
              dialog.close();
              if (context.selected !== one.id) context.actions.open(one.id);
            }}, "Show") : null));
    })) : h("p.faint", {}, "Nothing is left to deal with."));
  };
  const dialog = open("Notifications", place, h("div.buttons", {}, everything, closing("Close")));
  draw();
}
