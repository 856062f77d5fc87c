// Numbers and times for people.
import {h} from "./dom.js";

const grouped = new Intl.NumberFormat("en");
const absolute = new Intl.DateTimeFormat("en-GB", {dateStyle: "medium", timeStyle: "medium"});
const units = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]];

export const count = (number) => grouped.format(number);
export const counted = (number, one, many = `${one}s`) =>
  `${count(number)} ${number === 1 ? one : many}`;

/** "2 min ago", "in 3 h", "now". */
export function relative(at, now = Date.now()) {
  const apart = Math.round((new Date(at) - now) / 1000);
  const [unit, size] = units.find(([, seconds]) => Math.abs(apart) >= seconds) ?? ["s", 1];
  const amount = Math.round(Math.abs(apart) / size);
  if (Math.abs(apart) < 2) return "now";
  return apart < 0 ? `${amount} ${unit} ago` : `in ${amount} ${unit}`;
}

/** A time that stays right while it is shown; an absent one is `never`. */
export function when(at, never = "never") {
  if (!at) return h("span.faint", {}, never);
  return h("time", {datetime: at, title: absolute.format(new Date(at))}, relative(at));
}

export function tickTimes() {
  for (const shown of document.querySelectorAll("time")) {
    const text = relative(shown.dateTime);
    if (shown.textContent !== text) shown.textContent = text;
  }
}

const states = {
  connected: "Connected",
  rate_limited: "Waiting for quota",
  reconnecting: "Reconnecting",
  disconnected: "Disconnected",
};

/** The badge's word: the colour is never the only sign. */
export const stateName = (integration) =>
  isNew(integration) ? "Not connected" : states[integration.state] ?? integration.state;
export const isNew = (integration) => integration.account === null;
/** What it is filtered and sorted by: its badge, but one that never was connected is no trouble. */
export const kind = (integration) =>
  isNew(integration) && integration.badge === "red" ? "new" : integration.badge;

const modes = {real_time: "Real time", hourly: "Hourly", paused: "Paused"};
export const modeNames = Object.entries(modes);

/** "mass_delete_held" → "Mass delete held". */
export function words(code) {
  const text = code.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const accountName = (integration) =>
  integration.account ? integration.account.name || integration.account.id : "No account yet";

/** What happens next and when, or who must do what; nothing that `because` has said already. */
export function next(one) {
  if (one.next_step_at) return [one.next_step.replace(/\.$/, ""), " ", when(one.next_step_at)];
  if (one.next_step !== one.because) return [sentence(one.next_step)];
  const incident = one.incidents.find((row) => row.kind === one.state);
  return incident ? [sentence(incident.next_step)] : [];
}
/** Whether a person must sign in, or is about to. */
export const wantsSignIn = (one) => one.badge === "red" || one.code === "consent_open";

/** The sentence without what its reader sees beside it: ends with one full stop. */
export const sentence = (text) => (!text || /[.!?]$/.test(text) ? text : `${text}.`);
