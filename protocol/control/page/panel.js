// Everything about one integration. Each part is drawn anew only when what it shows has changed, so
// that nothing moves under a person's hands.
import {download, get, one as at} from "./api.js";
import {badge, progressText} from "./card.js";
import {drawConflicts} from "./conflicts.js";
import {attempt, h, refill, toast} from "./dom.js";
import {
  accountName, count, counted, isNew, modeNames, next, sentence, wantsSignIn, when, words,
} from "./format.js";
import {details as quotaDetails} from "./quota.js";

const button = (name, what, run, text, more = {}) =>
  h(name, {type: "button", "data-do": what, onclick: (event) => run(event.currentTarget), ...more},
    text);
const facts_of = (texts) => h("ul.evidence", {}, texts.map((text) => h("li", {}, text)));
const fact = (name, ...value) => [h("dt", {}, name), h("dd", {}, ...value)];

function head({one, actions, store}) {
  return [
    h("div.panel-head", {},
      h("div", {},
        h("h2", {id: "panel-title", tabindex: "-1"}, store.title(one.provider),
          h("span.account", {}, accountName(one))),
        h("p.faint", {}, "Workspace ", h("b", {}, one.workspace))),
      button("button.close", "close", () => actions.open(null), "×", {"aria-label": "Close"})),
    h("div.state", {}, badge(one), h("span.faint", {}, "since ", when(one.since))),
    h("p.because", {}, isNew(one) ? "Nobody has signed in yet." : sentence(one.because)),
    next(one).length ? h("p.next", {}, h("b", {}, "Next: "), ...next(one)) : null,
    progressText(one) ? h("p.busy", {}, progressText(one)) : null,
    one.warnings.length
      ? h("ul.warnings", {}, one.warnings.map((text) => h("li", {}, sentence(text)))) : null,
  ];
}

function controls({one, actions}) {
  const out = wantsSignIn(one);
  const connect = isNew(one) ? "Connect" : "Reconnect";
  return [
    h("div.buttons", {},
      button(out ? "button.primary" : "button", "connect", (b) => actions.connect(b, one.id),
        connect),
      out ? null : button("button", "refresh", (b) => actions.refresh(b, one.id), "Refresh"),
      one.badge === "red" ? null
        : button("button.danger", "disconnect", (b) => actions.disconnect(b, one), "Disconnect")),
    h("fieldset.modes", {}, h("legend", {}, "Sync"),
      ...modeNames.map(([mode, name]) => h("label", {},
        h("input", {type: "radio", name: "mode", value: mode, checked: one.mode === mode,
          "data-do": `mode-${mode}`,
          onchange: (event) => actions.setMode(event.currentTarget, one.id, mode)}),
        h("span", {}, name)))),
  ];
}

function incident(row, actions) {
  return h("li.incident", {},
    h("div.incident-head", {}, h("b", {}, words(row.kind)),
      h("span.faint", {}, row.stream, row.stream ? " · " : "", "since ", when(row.opened_at))),
    h("p", {}, sentence(row.sentence)),
    row.next_step ? h("p.next", {}, h("b", {}, "Next: "), sentence(row.next_step)) : null,
    row.evidence.length ? facts_of(row.evidence) : null,
    row.kind === "mass_delete_held"
      ? button("button.danger.small", `release-${row.id}`, (b) => actions.release(b, row),
        "Release the deletion") : null);
}

function incidents({one, actions}) {
  if (!one.incidents.length) return [];
  return [h("h3", {}, counted(one.incidents.length, "open incident")),
    h("ul.plain", {}, one.incidents.map((row) => incident(row, actions)))];
}

function facts({one}) {
  return [h("h3", {}, "Sync"), h("dl.facts", {},
    ...fact("Records", h("span.number", {}, count(one.records))),
    ...fact("Edits on their way", h("span.number", {}, count(one.edits.pending))),
    ...(one.edits.rejected
      ? fact("Edits rejected", h("span.number.warn", {}, count(one.edits.rejected))) : []),
    ...fact("Last synced", when(one.synced_at)),
    ...fact("Last verified", when(one.verified_at)),
    ...fact("Last change", when(one.changed_at)),
    ...fact("Next sync", when(one.next_sync_at, "not scheduled")),
    ...fact("Restarts", h("span.number", {}, count(one.restarts))))];
}

function streamState(stream) {
  if (stream.paused_because) return h("span.warn", {title: stream.paused_because}, "paused");
  if (stream.running) return h("span.busy", {}, `${count(stream.items_this_run)} so far`);
  if (stream.held_deletes)
    return h("span.warn", {}, `${count(stream.held_deletes)} deletions held`);
  return stream.verified ? "verified" : h("span.faint", {}, "not verified");
}

function streams({one}) {
  const paused = one.streams.filter((stream) => stream.paused_because);
  return [h("h3", {}, "Streams"), h("table", {},
    h("thead", {}, h("tr", {}, ["Stream", "Records", "Synced", "State"].map((name, column) =>
      h(column === 1 ? "th.right" : "th", {scope: "col"}, name)))),
    h("tbody", {}, one.streams.map((stream) => h("tr", {},
      h("th", {scope: "row"}, stream.title),
      h("td.right.number", {}, count(stream.records)),
      h("td", {}, when(stream.synced_at)),
      h("td", {}, streamState(stream)))))),
  ...paused.map((stream) => h("p.warn", {},
    `${stream.title}: ${sentence(stream.paused_because)}`))];
}

const quota = ({one, store}) => [h("h3", {}, "Quota"),
  quotaDetails(one, store.samples.get(one.id) ?? [])];

function scopes({one}) {
  if (!one.granted_scopes.length && !one.missing_scopes.length) return [];
  const list = (all) => h("ul.scopes", {}, all.map((scope) => h("li", {}, h("code", {}, scope))));
  return [h("h3", {}, "Permissions"),
    one.missing_scopes.length ? h("div.warn", {}, h("p", {}, "Missing: Reconnect asks for them."),
      list(one.missing_scopes)) : null,
    h("details", {}, h("summary", {}, `${count(one.granted_scopes.length)} granted`),
      list(one.granted_scopes))];
}

function lastError({one}) {
  const error = one.last_error;
  return [h("h3", {}, "Errors"),
    error ? h("p", {}, sentence(error.sentence), " ", h("span.faint", {},
      `${error.stream ? `${error.stream}, ` : ""}${error.code}, `, when(error.at)))
      : h("p.faint", {}, "None so far."),
    button("button", "errors", (b) => attempt(b, async () => {
      await download(at(one.id, "/errors"), `nexte-errors-${one.id}.jsonl`);
      toast("The error log was saved");
    }), "Download the error log")];
}

function past({one}) {
  return [h("details", {}, h("summary", {}, h("h3", {}, "History")),
    h("ol.history", {}, [...one.history].reverse().map((step) => h("li", {},
      h("span.step", {}, words(step.state)), " ", when(step.at),
      h("p", {}, sentence(step.because))))))];
}

function conflicts({one}) {
  const place = h("div");
  drawConflicts(place, one.id);
  return [place];
}

function quarantine({one}) {
  if (!one.quarantine.length) return [];
  return [h("h3", {}, "Stepped over"), h("ul.plain", {}, one.quarantine.map((row) => h("li", {},
    h("code", {}, `${row.stream} ${row.record}`), " ", when(row.at), h("p", {},
      sentence(row.reason)))))];
}

/** Asks why a record is, or is not, here. */
function explain({one}) {
  const answer = h("div.answer", {role: "status"});
  const record = h("input", {id: "explain-record", required: true, autocomplete: "off",
    spellcheck: "false"});
  const stream = h("select", {id: "explain-stream"},
    one.streams.map((each) => h("option", {value: each.name}, each.title)));
  const ask_why = async (event) => {
    event.preventDefault();
    const path = `/explain/${encodeURIComponent(stream.value)}/`
      + encodeURIComponent(record.value.trim());
    const why = await attempt(event.submitter, () => get(at(one.id, path)));
    if (why) refill(answer, h("p", {}, h("b", {}, sentence(why.sentence)), " ",
      h("code", {}, why.code)), facts_of(why.evidence));
  };
  return [h("h3", {}, "Why is a record not here?"),
    h("form.explain", {onsubmit: ask_why},
      h("label", {for: "explain-stream"}, "Stream"), stream,
      h("label", {for: "explain-record"}, "Id at the provider"), record,
      h("button", {}, "Explain")), answer];
}

const parts = [
  {draw: head, of: (one) => [one.state, one.because, one.next_step, one.next_step_at, one.since,
    one.account, one.workspace, one.incidents, one.warnings,
    progressText(one)]},
  {draw: controls, of: (one) => [one.badge, one.code, one.mode, one.account]},
  {draw: incidents, of: (one) => one.incidents},
  {draw: facts, of: (one) => [one.records, one.edits, one.synced_at, one.verified_at,
    one.changed_at, one.next_sync_at, one.restarts]},
  {draw: streams, of: (one) => one.streams},
  {draw: quota, of: (one) => [one.quota, Math.floor(Date.now() / 5000)]},
  {draw: conflicts, of: (one, store) => store.conflicts.get(one.id) ?? 0},
  {draw: explain, of: (one) => one.streams.map((stream) => stream.name)},
  {draw: lastError, of: (one) => one.last_error},
  {draw: scopes, of: (one) => [one.granted_scopes, one.missing_scopes]},
  {draw: quarantine, of: (one) => one.quarantine},
  {draw: past, of: (one) => one.history},
];

export class Panel {
  #shown = null;
  #drawn = [];

  constructor(place, context) {
    this.place = place;
    this.context = context;
    place.addEventListener("keydown", (event) => {
      if (event.key === "Escape") context.actions.open(null);
    });
  }

  /** Shows the integration as it is now; null: none. */
  show(id) {
    const one = id && this.context.store.integrations.get(id);
    this.place.hidden = !one;
    document.body.classList.toggle("has-panel", Boolean(one));
    if (!one) {
      this.#shown = null;
      return;
    }
    const anew = this.#shown !== id;
    if (anew) {
      this.#shown = id;
      this.#drawn = parts.map(() => ({place: h("section"), told: null}));
      this.place.setAttribute("aria-labelledby", "panel-title");
      this.place.replaceChildren(...this.#drawn.map(({place}) => place));
      this.place.scrollTop = 0;
    }
    parts.forEach((part, at_part) => {
      const drawn = this.#drawn[at_part];
      const told = JSON.stringify(part.of(one, this.context.store));
      if (drawn.told === told) return;
      drawn.told = told;
      const open = drawn.place.querySelector("details")?.open;
      refill(drawn.place, ...part.draw({one, ...this.context}));
      if (open) drawn.place.querySelector("details").open = true;
    });
    if (anew) this.place.querySelector("h2").focus({preventScroll: true});
  }
}

